import Geo
import Wire

/// What stands for the placeholders of one message, at the moment of sending.
struct MessageValues {
    private let occasion: MessageOccasion
    private let recipient: Recipient
    private let language: MessageLanguage
    private let rules: MessageRules
    private let now_ms: Int64
    private let zone: TimeZoneRules

    init(
        _ occasion: MessageOccasion, _ recipient: Recipient, _ language: MessageLanguage, _ rules: MessageRules,
        now_ms: Int64
    ) {
        self.occasion = occasion
        self.recipient = recipient
        self.language = language
        self.rules = rules
        self.now_ms = now_ms
        zone = recipient.localTime ?? rules.localTime
    }

    /// The value of a placeholder, cut to the length that its language declares; nil where there is none.
    func text(_ placeholder: MessagePlaceholder) -> String? {
        guard let value = whole(placeholder)?.onOneLine, !value.isEmpty else { return nil }
        guard let limit = language.length(of: placeholder) else { return value }
        // Half an address of a page leads nowhere.
        if placeholder == .link, value.utf16.count > limit { return nil }
        return value.cut(toUTF16: limit)
    }

    private func whole(_ placeholder: MessagePlaceholder) -> String? {
        switch placeholder {
        case .customer: Self.text(recipient.name)
        case .order: occasion.order?.text
        case .stop: occasion.stop?.text
        case .route: occasion.route?.text
        case .driver: occasion.driver?.text
        case .address: Self.text(occasion.address)
        case .company: language.company
        case .link: MessageLink.text(rules.link, occasion)
        case .reason: reason
        case .eta: occasion.eta_ms.map(clock)
        case .window: window
        case .date: (occasion.windowFrom_ms ?? occasion.eta_ms).map(date)
        case .minutes: minutes
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private var reason: String? {
        // By its bytes, and what stands under no word where there is none.
        let word = Self.text(occasion.reason)
        return language.reasons[word] ?? word
    }

    private var window: String? {
        guard let from_ms = occasion.windowFrom_ms, let to_ms = occasion.windowTo_ms else { return nil }
        return "\(clock(from_ms))-\(clock(to_ms))"
    }

    private var minutes: String? {
        guard let eta_ms = occasion.eta_ms else { return nil }
        let rest_ms = max(0, eta_ms &- now_ms)
        return String(min(max(rest_ms / 60_000 + (rest_ms % 60_000 > 0 ? 1 : 0), 1), 999))
    }

    /// `14:05` on the recipient's clock, seconds cut off.
    private func clock(_ time_ms: Int64) -> String {
        let minute = (local_ms(time_ms) / 60_000) % 1440
        let (hours, rest) = (minute / 60, minute % 60)
        return (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "") + "\(rest)"
    }

    private func date(_ time_ms: Int64) -> String {
        let date = CivilDate.date(days: Int(local_ms(time_ms) / 86_400_000))
        return language.dates.text(month: date.month, day: date.day)
    }

    /// Milliseconds of the clock on the wall since 1970; times before that do not occur.
    private func local_ms(_ time_ms: Int64) -> Int64 {
        let time_ms = min(max(time_ms, 86_400_000), RFC3339.maximum_ms - 86_400_000)
        return time_ms + Int64(zone.offset_s(at: time_ms)) * 1000
    }
}
