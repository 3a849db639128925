import Foundation

extension SettingCheck {
    /// A URL that requests can be made of by putting a path behind it; empty for none.
    @Sendable static func routerURL(_ text: String) throws(Objection) {
        if text.isEmpty { return }
        let example = "give one such as \"http://127.0.0.1:5000\", or \"\" for none"
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard text.contains("://") else {
            throw Objection(problem: "\(quoted(text)) has no scheme", advice: example)
        }
        guard scheme == "http" || scheme == "https" else {
            throw Objection(problem: "\(quoted(text)) is neither http nor https", advice: example)
        }
        if text.utf8.count > 1024 {
            throw Objection(problem: "is \(text.utf8.count) bytes long", advice: "shorten it to 1024")
        }
        // The parser would escape what is not allowed, and ask for something else.
        let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}"#.utf8.contains($0) }
        guard isPlain, let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else {
            throw Objection(problem: "\(quoted(text)) is no URL", advice: example)
        }
        if parts.user != nil || parts.password != nil {
            throw Objection(
                problem: "holds a user or password, where others can read it",
                advice: "put a proxy that signs in before the router")
        }
        if parts.query != nil || parts.fragment != nil {
            throw Objection(
                problem: "\(quoted(text)) has a query or fragment", advice: "give what stands before /route only")
        }
        if let port = parts.port, !(1...65_535).contains(port) {
            throw Objection(problem: "port \(port) is out of range", advice: "give a port from 1 to 65535")
        }
    }

    /// A word that may stand in a path.
    @Sendable static func routerProfile(_ text: String) throws(Objection) {
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isWord, text.utf8.count <= 64 else {
            throw Objection(
                problem: "\(quoted(text)) is no profile",
                advice: "give a word such as \"driving\" (OSRM) or \"auto\" (Valhalla)")
        }
    }
}

extension ConfigurationReader {
    /// Valhalla's costings that are ways of a road vehicle or a person.
    private static let costings = [
        "auto", "bicycle", "bus", "motor_scooter", "motorcycle", "pedestrian", "taxi", "truck",
    ]

    mutating func checkRouter() {
        let router = configuration.router
        guard !router.url.isEmpty, router.kind == .valhalla, !router.profile.isEmpty,
            !Self.costings.contains(where: { $0.utf8.elementsEqual(router.profile.utf8) })
        else { return }
        let nearest = nearestName(to: router.profile, among: Self.costings).map { "did you mean \"\($0)\"?" }
        report(
            origins["router.profile"], "router.profile",
            "\(SettingCheck.quoted(router.profile)) is none of Valhalla's costings",
            nearest ?? "they are \(Self.costings.joined(separator: ", "))")
    }
}
