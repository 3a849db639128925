import Geo
import Testing
import Wire

@testable import FleetCore

/// 2026-11-20T12:00:00 in Taipei.
let noon_ms: Int64 = 1_795_147_200_000
let minute_ms: Int64 = 60_000
let hour_ms: Int64 = 3_600_000

extension MessageRules {
    /// Two languages; English has no text for `scheduled`.
    static var sample: MessageRules {
        var rules = MessageRules()
        for tag in ["zh-Hant-TW", "en"] {
            var language = MessageLanguage(tag: tag)
            language.company = tag == "en" ? "Daan Gas" : "大安瓦斯行"
            language.lengths = [.order: 12, .reason: 10, .customer: 6, .link: 30]
            language.reasons = ["absent": tag == "en" ? "nobody in" : "無人在家"]
            for kind in MessageKind.allCases where tag != "en" || kind != .scheduled {
                let text =
                    switch kind {
                    case .arriving: "{order} {minutes} min"
                    case .scheduled, .rescheduled: "{date} {window}"
                    case .delayed: "{order} {eta}"
                    case .failed: "{reason} {company}"
                    default: "\(tag) {order}"
                    }
                language.texts[kind] = try? MessageTemplate(text)
            }
            rules.set(language)
        }
        return rules
    }
}

extension MessageOccasion {
    /// About a stop, twelve minutes before the vehicle comes.
    static func sample(_ kind: MessageKind, _ stop: String = "S-1", at time_ms: Int64) -> MessageOccasion {
        let id = DispatchID(stop)
        var occasion = MessageOccasion(kind, kind.isForDriver ? .route(id) : .stop(id), time_ms: time_ms)
        occasion.stop = id
        occasion.order = DispatchID("O-1")
        occasion.customer = DispatchID("C-1")
        occasion.vehicle = DispatchID("V-1")
        occasion.eta_ms = time_ms + 12 * minute_ms
        occasion.windowFrom_ms = time_ms + hour_ms
        occasion.windowTo_ms = time_ms + 3 * hour_ms
        if [.arriving, .delayed, .scheduled, .rescheduled].contains(kind) { occasion.promise_ms = occasion.eta_ms }
        return occasion
    }
}

extension Recipient {
    static var sample: Recipient {
        var recipient = Recipient()
        recipient.phone = Array("+886912345678".utf8)
        recipient.name = Array("王小明".utf8)
        recipient.hasConsent = true
        return recipient
    }
}

/// An action as a test looks at it.
struct SeenMessage {
    var type: EventType
    var time_ms: Int64
    var id: Hash128
    var json: JSONNode?
    var bytes: [UInt8]
    var priority: MessagePriority?
    var expires_ms: Int64 = .max

    init(_ action: DeskAction) {
        let event: DeskEvent
        switch action {
        case .event(let told): event = told
        case .messageRequest(let told, let priority, let expires_ms):
            event = told
            self.priority = priority
            self.expires_ms = expires_ms
        case .command: fatalError("a message desk sends no commands")
        }
        type = event.type
        time_ms = event.time_ms
        id = event.identity(fleet: Array("demo".utf8))
        bytes = Array("{\"vehicle\":\"\"".utf8) + event.data + Array("}".utf8)
        json = try? JSONNode.parse(bytes.span)
    }

    subscript(member: String) -> String { json?[member]?.string ?? json?[member]?.number.map { "\(Int($0))" } ?? "" }
    var text: String { self["text"] }
    var isRequest: Bool { type == .smsRequest }
    /// `requested arriving`, `suppressed expired`, …
    var summary: String { "\(type.name) \(type == .smsSuppressed ? self["reason"] : self["kind"])" }
}

extension [DeskAction] {
    var seen: [SeenMessage] { map(SeenMessage.init) }
    var summaries: [String] { seen.filter { !$0.isRequest }.map(\.summary) }
    var requests: [SeenMessage] { seen.filter(\.isRequest) }
}
