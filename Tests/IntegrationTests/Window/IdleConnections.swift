import Glibc

/// Connections that say nothing. Their descriptors have high numbers: what else runs in this process, and waits by `select`,
/// needs those below 1,024.
final class IdleConnections {
    private static let first: Int32 = 4_096
    private static let wanted = 10_000
    private var descriptors: [Int32] = []

    deinit { closeAll() }

    /// Returns for how many there is room.
    static func raiseDescriptorLimit() -> Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        let needed = rlim_t(first) + rlim_t(wanted) + 100
        if limit.rlim_cur < needed {
            limit.rlim_cur = min(needed, limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return max(0, min(wanted, Int(clamping: limit.rlim_cur) - Int(first) - 100))
    }

    /// Connects from one loopback address to 127.0.0.1; false where the system refuses that.
    func open(port: Int, from host: String) -> Bool {
        let low = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard low >= 0 else { return false }
        let descriptor = fcntl(low, F_DUPFD_CLOEXEC, Self.first)
        close(low)
        guard descriptor >= 0 else { return false }
        descriptors.append(descriptor)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        var own = Self.address(host, 0)
        var target = Self.address("127.0.0.1", port)
        return withUnsafePointer(to: &own) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) == 0 }
        }
            && withUnsafePointer(to: &target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) == 0 }
            }
    }

    func closeAll() {
        for descriptor in descriptors { close(descriptor) }
        descriptors = []
    }

    private static func address(_ host: String, _ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return address
    }
}
