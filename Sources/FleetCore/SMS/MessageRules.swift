package import Geo
import Wire

/// What people are told and how: the kinds of messages, their texts, and the limits of the provider. A value that is
/// journaled, so that a replay decides as the process did.
package struct MessageRules: Sendable {
    /// One for each kind, by its raw value.
    package private(set) var kinds: [MessageKindRule] = MessageKind.allCases.map(MessageKindRule.standard)
    /// A customer is told of a delay where the ETA is so many seconds after what was promised.
    package var delayed_s = 900
    /// A message is sent again where what it promises has moved by more than so many seconds.
    package var resend_s = 900
    /// For whoever names none; nil for no quiet hours.
    package var quietHours: DayHours? = DayHours("21:00-08:00")
    /// IANA name, for whoever names none.
    package var timeZone = "Asia/Taipei"
    /// The table of that zone. It stands in no file: whoever reads the rules looks it up.
    package var localTime = TimeZoneRules(fixedOffset_s: 28_800)
    /// The language of whoever names none, or one that there are no texts in.
    package var language = "zh-Hant-TW"
    /// A page about a delivery, see `MessageLink`. Empty for none.
    package var link = ""
    /// What the provider takes a minute, and how many at once. The burst is part of the rate, not on top of it.
    package var rate_per_min = 100
    package var burst = 10
    /// The most messages that wait.
    package var queue_max = 10_000
    /// Seconds after a request until a missing receipt is told.
    package var receipt_s = 3_600
    /// In the order of their tags' bytes.
    package private(set) var languages: [MessageLanguage] = []

    package init() {}

    package subscript(kind: MessageKind) -> MessageKindRule {
        get { kinds[Int(kind.rawValue)] }
        set { kinds[Int(kind.rawValue)] = newValue }
    }

    /// Adds the texts of a language, or puts them in place of those that there are.
    package mutating func set(_ language: MessageLanguage) {
        languages.removeAll { $0.tag.utf8.elementsEqual(language.tag.utf8) }
        languages.append(language)
        languages.sort { $0.tag.utf8.lexicographicallyPrecedes($1.tag.utf8) }
    }

    /// The language to write a kind of message in: the one asked for, else one with the same first part of its tag, else the
    /// default; nil where none of them has a text for it.
    package func language(for tag: String, kind: MessageKind) -> MessageLanguage? {
        let wanted = Self.folded(tag)
        let first = wanted.prefix { $0 != UInt8(ascii: "-") }
        let able = languages.filter { $0.texts[kind] != nil }
        return able.first { Self.folded($0.tag) == wanted }
            ?? able.first { Self.folded($0.tag).prefix { $0 != UInt8(ascii: "-") } == first }
            ?? able.first { $0.tag.utf8.elementsEqual(language.utf8) }
    }

    /// In small letters, with hyphens: tags are compared without regard to either.
    private static func folded(_ tag: String) -> [UInt8] {
        tag.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "_"): UInt8(ascii: "-")
            default: byte
            }
        }
    }
}

extension MessageRules: Equatable {
    /// By their bytes in JSON: two texts that Unicode holds for equal may take different room in a message.
    package static func == (left: MessageRules, right: MessageRules) -> Bool {
        left.json() == right.json() && left.localTime == right.localTime
    }
}
