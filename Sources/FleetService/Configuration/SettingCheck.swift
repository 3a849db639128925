import Foundation
import Window

/// Checks of texts that a range cannot express.
enum SettingCheck {
    typealias Objection = Setting.Objection

    /// One or more topic levels without wildcards. A leading `$` is the broker's own.
    @Sendable static func topicRoot(_ text: String) throws(Objection) {
        try notEmpty(text, "give at least one topic level, such as \"fleets\"")
        try noControl(text)
        if text.contains("+") || text.contains("#") {
            throw Objection(problem: "\(quoted(text)) has a wildcard", advice: "give plain topic levels")
        }
        if text.hasPrefix("$") {
            throw Objection(
                problem: "\(quoted(text)) begins with $", advice: "those topics are the broker's: choose others")
        }
        if text.split(separator: "/", omittingEmptySubsequences: false).contains("") {
            throw Objection(
                problem: "\(quoted(text)) has an empty level", advice: "remove the leading, trailing or double slash")
        }
        try atMost(text, 1024)
    }

    /// One topic level, or `+`.
    @Sendable static func fleetID(_ text: String) throws(Objection) {
        if text == Configuration.Fleet.anyID { return }
        try notEmpty(text, "give a fleet's name, or \"+\" for any")
        try noControl(text)
        if text.contains(where: { "/+#".contains($0) }) {
            throw Objection(
                problem: "\(quoted(text)) cannot be a level of a topic",
                advice: "give a name without / + #, or \"+\" for any")
        }
        try atMost(text, 256)
    }

    /// A host name or an address, no URL.
    @Sendable static func host(_ text: String) throws(Objection) {
        try notEmpty(text, "give the broker's name or address")
        if text.contains("://") {
            throw Objection(
                problem: "\(quoted(text)) is a URL", advice: "give the name or address only; the port is mqtt.port")
        }
        let colons = text.count { $0 == ":" }
        if colons == 1 {
            throw Objection(problem: "\(quoted(text)) has a port in it", advice: "move it to mqtt.port")
        }
        if text.contains(where: { $0.isWhitespace || $0 == "/" }) || text.unicodeScalars.contains(where: isControl) {
            throw Objection(problem: "\(quoted(text)) is not a host", advice: "give the broker's name or address")
        }
        try atMost(text, 255)
    }

    @Sendable static func clientID(_ text: String) throws(Objection) {
        try notEmpty(text, "the broker keeps the session under this name: give one that no other client uses")
        try noControl(text)
        try atMost(text, 256)
    }

    @Sendable static func username(_ text: String) throws(Objection) {
        try noControl(text)
        try atMost(text, 65_535)
    }

    /// `https://host` or `http://host:port`, without path, user or query. Empty is no address.
    @Sendable static func providerURL(_ text: String) throws(Objection) {
        try notEmpty(text, "give the provider's address, such as \"https://api.twilio.com\"")
        let parts = try url(text)
        guard parts.path.isEmpty || parts.path == "/", parts.query == nil, parts.fragment == nil else {
            throw Objection(
                problem: "\(quoted(text)) has more than a host",
                advice: "leave the path out: the bridge adds the API's own")
        }
    }

    /// An address with any path, or none at all.
    @Sendable static func callbackURL(_ text: String) throws(Objection) {
        if !text.isEmpty { _ = try url(text) }
    }

    private static func url(_ text: String) throws(Objection) -> URLComponents {
        try noControl(text)
        let advice = "give an address such as \"https://api.twilio.com\""
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            ["https", "http"].contains(parts.scheme)
        else { throw Objection(problem: "\(quoted(text)) is no address of the web", advice: advice) }
        if parts.user != nil || parts.password != nil {
            throw Objection(
                problem: "the address has a user or a password in it", advice: "leave it out, where others can read it")
        }
        return parts
    }

    /// Letters, digits, hyphens and underscores, or nothing.
    @Sendable static func word(_ text: String) throws(Objection) {
        try atMost(text, 256)
        let isWord = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        if !isWord {
            throw Objection(problem: "\(quoted(text)) is no such name", advice: "give it as the provider shows it")
        }
    }

    @Sendable static func line(_ text: String) throws(Objection) {
        try noControl(text)
        try atMost(text, 256)
    }

    /// A name of the IANA data base.
    @Sendable static func timeZone(_ text: String) throws(Objection) {
        let known = TimeZone.knownTimeZoneIdentifiers
        if known.contains(text) || text == "UTC" { return }
        // Links such as Asia/Chongqing are names too; abbreviations such as CST, which mean several zones, are not.
        if text.contains("/"), TimeZone(identifier: text) != nil { return }
        let advice = nearestName(to: text, among: known).map { "did you mean \"\($0)\"?" }
        throw Objection(
            problem: "\(quoted(text)) is no time zone",
            advice: advice ?? "give a name such as \"Asia/Taipei\" or \"UTC\"")
    }

    /// Empty, or an address and a port.
    @Sendable static func listenAddress(_ text: String) throws(Objection) {
        if text.isEmpty || ListenAddress(text) != nil { return }
        throw Objection(
            problem: "\(quoted(text)) is no address with a port",
            advice: "give one such as \"127.0.0.1:8080\" or \"[::1]:8080\", as numbers, or \"\" for no window")
    }

    /// Empty, or a template of URLs that can stand in a header.
    @Sendable static func tiles(_ text: String) throws(Objection) {
        if text.isEmpty { return }
        let advice = "give one such as \"https://tile.example.org/{z}/{x}/{y}.png\""
        guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
            throw Objection(problem: "\(quoted(text)) is no URL of the web", advice: advice)
        }
        for part in ["{z}", "{x}", "{y}"] where !text.contains(part) {
            throw Objection(problem: "\(quoted(text)) has no \(part)", advice: advice)
        }
        let host = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst(2).first ?? ""
        let isHost = !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !";,'\"{}*@".utf8.contains($0) }
        guard isHost, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 }) else {
            throw Objection(problem: "\(quoted(text)) has a character that a URL cannot have there", advice: advice)
        }
        try atMost(text, 1024)
    }

    @Sendable static func shortText(_ text: String) throws(Objection) {
        try noControl(text)
        try atMost(text, 256)
    }

    private static func notEmpty(_ text: String, _ advice: String) throws(Objection) {
        if text.isEmpty { throw Objection(problem: "is empty", advice: advice) }
    }

    private static func noControl(_ text: String) throws(Objection) {
        if text.unicodeScalars.contains(where: isControl) {
            throw Objection(problem: "\(quoted(text)) has a control character", advice: "remove it")
        }
    }

    private static func atMost(_ text: String, _ limit: Int) throws(Objection) {
        if text.utf8.count > limit {
            throw Objection(problem: "is \(text.utf8.count) bytes long", advice: "shorten it to \(limit)")
        }
    }

    static func quoted(_ text: String) -> String { JSON5Value.string(text).shown }
}
