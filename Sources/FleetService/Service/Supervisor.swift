import Glibc

/// Tells systemd how the process is, where systemd wants to know: a text in a datagram to the socket that `NOTIFY_SOCKET`
/// names, as sd_notify(3) describes it.
///
/// From any thread. A message that cannot be sent is given up after a second: systemd draws its own conclusions.
package struct Supervisor: Sendable {
    /// A text for `systemctl status`, and what systemd acts on.
    package enum Message: Sendable, Equatable {
        /// The start is over.
        case ready
        case stopping
        /// The process does its work. Where none comes for the watchdog's time, systemd ends it and starts it anew.
        case watchdog
        /// The start takes so much longer, counted from now.
        case moreTime(seconds: Int)
        case status(String)

        /// One line, without anything in it that could begin another.
        var line: String {
            switch self {
            case .ready: "READY=1"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            case .moreTime(let seconds): "EXTEND_TIMEOUT_USEC=\(max(0, seconds) &* 1_000_000)"
            case .status(let text):
                "STATUS=" + String(text.unicodeScalars.map { $0.value < 32 ? " " : Character($0) }.prefix(200))
            }
        }
    }

    /// How often systemd wants to hear of the process at the least, in seconds; nil where it does not watch.
    package let watchdog_s: Double?
    /// The path, or for a name of the abstract kind a zero byte and the name.
    private let name: [UInt8]

    /// Nil where nobody listens, or the name of the socket is none that this process can send to.
    package init?(environment: [String: String], processID: Int32 = getpid()) {
        guard let text = environment["NOTIFY_SOCKET"], let name = Self.socketName(text) else { return nil }
        self.name = name
        watchdog_s = Self.watchdog_s(environment, processID)
    }

    /// `/path` or `@abstract`; others (`vsock:…`) are for virtual machines.
    private static func socketName(_ text: String) -> [UInt8]? {
        var bytes = Array(text.utf8)
        guard bytes.count > 1, !bytes.contains(0), bytes.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        else { return nil }
        switch bytes[0] {
        case UInt8(ascii: "/"): return bytes
        case UInt8(ascii: "@"):
            bytes[0] = 0
            return bytes
        default: return nil
        }
    }

    /// As sd_watchdog_enabled(3): what is meant for another process does not count.
    private static func watchdog_s(_ environment: [String: String], _ processID: Int32) -> Double? {
        if let text = environment["WATCHDOG_PID"], Int32(text) != processID { return nil }
        guard let text = environment["WATCHDOG_USEC"], let time_us = UInt64(text), time_us > 0, time_us < .max else {
            return nil
        }
        return Double(time_us) / 1e6
    }

    /// Sends it. Blocks for a second at most, where systemd is busy.
    package func tell(_ messages: Message...) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract name ends where the address ends; a path may, too.
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let text = Array(messages.map { $0.line + "\n" }.joined().utf8)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                while sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), pointer, length) < 0,
                    errno == EINTR
                {}
            }
        }
    }
}

extension ServiceStatus {
    /// One line for `systemctl status`.
    var supervisorLine: String {
        if state != "running" { return reason.isEmpty ? state : "\(state): \(reason)" }
        let broker = broker.isConnected ? "connected to" : "AWAY from"
        return "\(broker) \(self.broker.address), \(vehicles.online) of \(vehicles.total) vehicles online, "
            + "\(Int(input.messagesPerSecond.rounded())) messages/s, outbox \(output.outboxDepth)"
    }
}
