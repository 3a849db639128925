import FleetCore
import Foundation
import FoundationNetworking
import Store
import Wire

/// The HTTP API of Twilio, and of those that took it over: what is asked, and what answers mean. No input, no output.
struct TwilioAPI: Sendable {
    let url: String
    let accountSID: String
    let token: Secret
    let from: String
    let serviceSID: String
    let statusCallback: String
    let timeout_s: Double

    init(_ bridge: Configuration.SMSBridge, token: Secret) {
        url = bridge.url.hasSuffix("/") ? String(bridge.url.dropLast()) : bridge.url
        accountSID = bridge.accountSID
        self.token = token
        from = bridge.from
        serviceSID = bridge.messagingServiceSID
        statusCallback = bridge.statusCallback
        timeout_s = bridge.timeout_s
    }

    /// The most characters of a body.
    static let body_max = 1_600
    /// What providers accept as ValidityPeriod, in seconds.
    static let validity_s: ClosedRange<Int64> = 1...14_400
    /// How many messages are looked through for one whose outcome is unknown.
    private static let page = 100

    // MARK: - Questions

    /// Sends a message.
    func post(_ entry: LedgerEntry, now_ms: Int64) -> URLRequest? {
        var fields = [("To", entry.to), ("Body", entry.text)]
        fields.append(serviceSID.isEmpty ? ("From", from) : ("MessagingServiceSid", serviceSID))
        if !statusCallback.isEmpty { fields.append(("StatusCallback", statusCallback)) }
        let rest_s = (entry.expires_ms &- now_ms) / 1000
        let validity_s = min(max(rest_s, Self.validity_s.lowerBound), Self.validity_s.upperBound)
        fields.append(("ValidityPeriod", "\(validity_s)"))
        guard var request = request("Messages.json") else { return nil }
        request.httpMethod = "POST"
        request.setValue("application/x-www-form-urlencoded", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(Self.form(fields).utf8)
        return request
    }

    /// Asks what has become of a message.
    func fetch(_ entry: LedgerEntry) -> URLRequest? { request("Messages/\(Self.escaped(entry.providerID)).json") }

    /// Asks for the newest messages to a number, to find one whose post had no answer.
    func find(_ entry: LedgerEntry) -> URLRequest? {
        request("Messages.json?" + Self.form([("To", entry.to), ("PageSize", "\(Self.page)")]))
    }

    private func request(_ path: String) -> URLRequest? {
        guard let url = URL(string: "\(url)/2010-04-01/Accounts/\(Self.escaped(accountSID))/\(path)") else {
            return nil
        }
        var request = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalCacheData, timeoutInterval: timeout_s)
        let credentials = Data("\(accountSID):\(token.reveal())".utf8).base64EncodedString()
        request.setValue("Basic \(credentials)", forHTTPHeaderField: "Authorization")
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        request.httpShouldHandleCookies = false
        return request
    }

    /// Fields as a form: everything but letters, digits and `-._~` by its bytes.
    static func form(_ fields: [(String, String)]) -> String {
        fields.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }

    // MARK: - Answers

    /// What became of one call.
    enum Outcome: Equatable {
        /// The provider has the message, and says this of it.
        case message(Message)
        /// There is no such message.
        case none
        /// The provider has no list of messages.
        case unsupported
        /// Try again, at the earliest after so many seconds; `isLimit` where the provider took too much from us.
        case retry(code: String, reason: String, after_s: Double?, isLimit: Bool)
        /// It will never be taken.
        case refused(code: String, reason: String)
        /// The account or its token is wrong: no message passes.
        case unauthorized(reason: String)
    }

    /// A message as the provider shows it.
    struct Message: Equatable {
        var sid: String
        var status: String
        var code: String
        var to = ""
        var body = ""
        var created_ms: Int64?

        /// What it comes to; nil while it is on its way.
        var end: MessageReceipt.Status? {
            switch status {
            case "delivered", "read": .delivered
            case "undelivered": .undelivered
            case "failed", "canceled": .failed
            default: nil
            }
        }
    }

    /// Codes with which another attempt may succeed: the queue is full, the phone is off, an unknown error of the network.
    static let retriableCodes = ["30001", "30003", "30008", "20429"]

    /// The meaning of an answer to `post` or `fetch`.
    static func outcome(_ answer: HTTPAnswer, now_ms: Int64) -> Outcome {
        let node = try? JSONNode.parse(answer.body.span, nestingLimit: 16, valueLimit: 10_000)
        if (200..<300).contains(answer.status) {
            if let node, let message = message(node) { return .message(message) }
            return .retry(code: "", reason: "the answer names no message", after_s: nil, isLimit: false)
        }
        return failure(answer, node, now_ms: now_ms)
    }

    /// The meaning of an answer to `find`: the message to this number, with this text, made since the post began.
    static func search(
        _ answer: HTTPAnswer, for entry: LedgerEntry, now_ms: Int64, isTaken: (String) -> Bool
    ) -> Outcome {
        let node = try? JSONNode.parse(answer.body.span, nestingLimit: 16, valueLimit: 100_000)
        if answer.status == 404 || answer.status == 405 || answer.status == 501 { return .unsupported }
        guard (200..<300).contains(answer.status) else { return failure(answer, node, now_ms: now_ms) }
        guard let list = node?["messages"]?.array else { return .unsupported }
        // The clocks of two computers differ.
        let earliest_ms = entry.posted_ms - 120_000
        let match = list.lazy.compactMap(message).first { message in
            message.to.utf8.elementsEqual(entry.to.utf8) && message.body.utf8.elementsEqual(entry.text.utf8)
                && (message.created_ms ?? entry.posted_ms) >= earliest_ms && !isTaken(message.sid)
        }
        return match.map(Outcome.message) ?? .none
    }

    private static func failure(_ answer: HTTPAnswer, _ node: JSONNode?, now_ms: Int64) -> Outcome {
        let code = node?["code"].flatMap(text) ?? ""
        let reason = PhoneNumber.masking(
            shortened(node?["message"]?.string ?? "HTTP status \(answer.status)", to: 200))
        let after_s = answer.retryAfter.flatMap { retryAfter_s($0, now_ms: now_ms) }
        if answer.status == 429 || code == "20429" {
            return .retry(code: code.isEmpty ? "429" : code, reason: reason, after_s: after_s, isLimit: true)
        }
        if answer.status == 401 || code == "20003" { return .unauthorized(reason: reason) }
        if answer.status == 404, code.isEmpty || code == "20404" { return .none }
        if answer.status >= 500 || answer.status == 408 || retriableCodes.contains(code) || answer.status < 400 {
            let isRedirect = answer.status < 400
            return .retry(
                code: code.isEmpty ? "\(answer.status)" : code,
                reason: isRedirect ? "HTTP status \(answer.status); redirections are not followed" : reason,
                after_s: after_s, isLimit: false)
        }
        return .refused(code: code.isEmpty ? "\(answer.status)" : code, reason: reason)
    }

    private static func message(_ node: JSONNode) -> Message? {
        guard let sid = node["sid"]?.string, !sid.isEmpty, sid.utf8.count <= 64 else { return nil }
        return Message(
            sid: sid, status: node["status"]?.string ?? "", code: node["error_code"].flatMap(text) ?? "",
            to: node["to"]?.string ?? "", body: node["body"]?.string ?? "",
            created_ms: node["date_created"]?.string.flatMap(date_ms))
    }

    /// A code, which is a number or a text.
    private static func text(_ node: JSONNode) -> String? {
        if let text = node.string { return shortened(text, to: 32) }
        return node.number.flatMap { Int64(exactly: $0) }.map { "\($0)" }
    }

    /// Seconds, or a date; at most a day.
    static func retryAfter_s(_ header: String, now_ms: Int64) -> Double? {
        let text = header.trimmingCharacters(in: .whitespaces)
        let wait_s = Double(text) ?? date_ms(text).map { Double($0 - now_ms) / 1000 }
        return wait_s.flatMap { $0.isFinite ? min(max($0, 0), 86_400) : nil }
    }

    /// A date of RFC 2822, such as `Fri, 20 Nov 2026 08:15:30 +0000`, or of HTTP with GMT.
    static func date_ms(_ text: String) -> Int64? {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(secondsFromGMT: 0)
        for format in ["EEE, dd MMM yyyy HH:mm:ss Z", "EEE, dd MMM yyyy HH:mm:ss zzz"] {
            formatter.dateFormat = format
            if let date = formatter.date(from: text) { return Int64((date.timeIntervalSince1970 * 1000).rounded()) }
        }
        return nil
    }
}
