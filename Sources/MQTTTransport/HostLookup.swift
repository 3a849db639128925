import Glibc
import Locks

/// Looks a host name up without letting a slow name server hold the connection's thread: `getaddrinfo` cannot be
/// interrupted, so it runs on a thread of its own, which is left behind where it takes too long.
enum HostLookup {
    private final class Answer: Sendable {
        let result = Guarded<Result<[String], MQTTError>?>(nil)
    }

    /// The host's numeric addresses, in the system's order of preference. Numbers are returned at once.
    ///
    /// - Parameter isCancelled: asked after every wake-up.
    /// - Returns: nil where it was cancelled.
    static func addresses(
        of host: String, within timeout_ms: Int, wakeUp: WakeUp, isCancelled: () -> Bool
    ) throws(MQTTError) -> [String]? {
        if isNumeric(host) { return [host] }
        let answer = Answer()
        let thread = WorkerThread(name: "mqtt-lookup") {
            let found = Self.lookUp(host)
            answer.result.withLock { $0 = found }
            wakeUp.signal()
        }
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        while true {
            if let result = answer.result.withLock({ $0 }) {
                thread.join()
                return try result.get()
            }
            if isCancelled() { return nil }
            let left = deadline - monotonicTime_ms()
            guard left > 0 else {
                throw MQTTError(
                    .timedOut, "the name \(host) could not be looked up within \(timeout_ms) ms",
                    advice: "is the name server reachable?")
            }
            _ = wakeUp.wait(socket: -1, forWriting: false, timeout_ms: min(200, Int(left)))
        }
    }

    static func isNumeric(_ host: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    }

    /// Blocking; on the lookup thread.
    private static func lookUp(_ host: String) -> Result<[String], MQTTError> {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else {
            return .failure(
                MQTTError(
                    .hostNotFound, "the host \(host) was not found: \(String(cString: gai_strerror(code)))",
                    advice: "check the broker's host name"))
        }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var entry = list
        while let current = entry {
            var buffer = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let named = getnameinfo(
                current.pointee.ai_addr, current.pointee.ai_addrlen, &buffer, socklen_t(buffer.count), nil, 0,
                NI_NUMERICHOST)
            if named == 0 {
                addresses.append(buffer.withUnsafeBufferPointer { String(cString: $0.baseAddress!) })
            }
            entry = current.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            return .failure(MQTTError(.hostNotFound, "the host \(host) has no address"))
        }
        return .success(addresses)
    }
}
