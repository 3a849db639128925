import Foundation

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
