import Glibc

/// Where the window listens: an address as numbers, and a port. Names are not looked up: what they stand for may change,
/// and with it who can reach us.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// As it is written: `127.0.0.1`, `::1`.
    package let host: String
    /// 0: any free one.
    package let port: Int
    let isVersion6: Bool

    /// `127.0.0.1:8080`, `[::1]:8080` or `localhost:8080`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard !digits.isEmpty, digits.utf8.count <= 5, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
            let port = Int(digits), port <= 65_535
        else { return nil }
        var host = String(text[..<colon])
        if host == "localhost" { host = "127.0.0.1" }
        var isVersion6 = false
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            var address = in6_addr()
            guard inet_pton(AF_INET6, host, &address) == 1 else { return nil }
            isVersion6 = true
        } else {
            var address = in_addr()
            guard inet_pton(AF_INET, host, &address) == 1 else { return nil }
        }
        self.host = host
        self.port = port
        self.isVersion6 = isVersion6
    }

    /// Whether only this machine reaches it.
    package var isLoopback: Bool {
        if !isVersion6 { return host.hasPrefix("127.") }
        var address = in6_addr()
        inet_pton(AF_INET6, host, &address)
        let bytes = withUnsafeBytes(of: &address) { Array($0) }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    package var description: String { isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The same with another port.
    package func with(port: Int) -> ListenAddress? {
        ListenAddress(isVersion6 ? "[\(host)]:\(port)" : "\(host):\(port)")
    }
}
