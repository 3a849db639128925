import FleetCore
import Foundation
import Store
import Wire

/// A request to send a message, as it comes from `sms/requests/{priority}`.
struct MessageRequest: Equatable {
    var id: String
    var to: String
    var text: String
    var expires_ms: Int64?

    /// Why a payload is none.
    struct Fault: Error, Equatable {
        /// Of the request, where it could be read and can be a part of a topic.
        var id: String?
        var detail: String
    }

    init(json: Span<UInt8>) throws(Fault) {
        guard let node = try? JSONNode.parse(json, nestingLimit: 16, valueLimit: 1_000), node.object != nil else {
            throw Fault(id: nil, detail: "the payload is no JSON object")
        }
        guard let id = node["id"]?.string, (1...64).contains(id.utf8.count), id.utf8.allSatisfy(Self.isPlain) else {
            throw Fault(id: nil, detail: "id is missing, or not 1 to 64 letters and digits")
        }
        self.id = id
        guard let to = node["data"]?["to"]?.string, PhoneNumber.isValid(Array(to.utf8)) else {
            throw Fault(id: id, detail: "data.to is no number of E.164")
        }
        guard let text = node["data"]?["text"]?.string, !text.isEmpty, text.count <= TwilioAPI.body_max else {
            throw Fault(id: id, detail: "data.text is missing, empty or longer than \(TwilioAPI.body_max) characters")
        }
        self.to = to
        self.text = text
        guard let expiry = node["expirytime"], !expiry.isNull else { return }
        guard let time = expiry.string, let time_ms = Self.time_ms(time) else {
            throw Fault(id: id, detail: "expirytime is no time")
        }
        expires_ms = time_ms
    }

    private static func time_ms(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        return RFC3339.parse(bytes.span)
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// The part of a request's topic before `sms/requests/`, and its priority; nil where it is no such topic. Unknown
    /// priorities are the least.
    static func place(_ topic: [UInt8]) -> (prefix: String, priority: Int64)? {
        let text = String(decoding: topic, as: UTF8.self)
        guard let slash = text.lastIndex(of: "/") else { return nil }
        let middle = "/sms/requests"
        guard text[..<slash].hasSuffix(middle) else { return nil }
        let name = text[text.index(after: slash)...]
        let priority = MessagePriority.allCases.first { "\($0.name)" == name } ?? .normal
        return (String(text[..<slash].dropLast(middle.count)), Int64(priority.rawValue))
    }

    static func receiptTopic(_ prefix: String, _ id: String) -> String { "\(prefix)/sms/receipts/\(id)" }
}
