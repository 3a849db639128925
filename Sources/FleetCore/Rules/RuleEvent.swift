/// What a rule has decided. The engine makes an event of it: identity, envelope, names of the values by its type.
package struct RuleEvent: Sendable, Equatable {
    package var type: EventType
    /// Tells this happening from others of its type: the time at which what it is about began, such as the trip's start.
    /// Together with the type, the vehicle and `text` it makes the event's id; the end and the values do not.
    package var key_ms: Int64
    /// When it happened.
    package var time_ms: Int64
    /// Where, if that is known.
    package var place: Fix?
    /// The values in the order of `EventType.values`; NaN for one that is not known.
    package var values: Values = Values()
    /// A word that belongs to it, such as a reason; one of a fixed list.
    package var word: StaticString?
    /// The engine's number of a text (a driver, a diagnostic code), -1 for none.
    package var text: Int32 = -1
    /// A second text, where something changed from one to another.
    package var formerText: Int32 = -1

    package static func == (left: RuleEvent, right: RuleEvent) -> Bool {
        left.type == right.type && left.key_ms == right.key_ms && left.time_ms == right.time_ms
            && left.place == right.place && left.values == right.values && left.text == right.text
            && left.formerText == right.formerText
            && left.word.map { "\($0)" } == right.word.map { "\($0)" }
    }

    /// At most eight numbers, in place.
    package struct Values: Sendable, Equatable, ExpressibleByArrayLiteral {
        private var storage:
            (
                Double, Double, Double, Double, Double, Double, Double, Double
            ) = (.nan, .nan, .nan, .nan, .nan, .nan, .nan, .nan)
        package static let count = 8

        package init() {}

        package init(arrayLiteral elements: Double?...) {
            for (index, element) in elements.enumerated() { self[index] = element ?? .nan }
        }

        package subscript(index: Int) -> Double {
            get {
                switch index {
                case 0: storage.0
                case 1: storage.1
                case 2: storage.2
                case 3: storage.3
                case 4: storage.4
                case 5: storage.5
                case 6: storage.6
                case 7: storage.7
                default: fatalError("RuleEvent: a value beyond the eighth")
                }
            }
            set {
                switch index {
                case 0: storage.0 = newValue
                case 1: storage.1 = newValue
                case 2: storage.2 = newValue
                case 3: storage.3 = newValue
                case 4: storage.4 = newValue
                case 5: storage.5 = newValue
                case 6: storage.6 = newValue
                case 7: storage.7 = newValue
                default: fatalError("RuleEvent: a value beyond the eighth")
                }
            }
        }

        package static func == (left: Values, right: Values) -> Bool {
            (0..<count).allSatisfy { left[$0].bitPattern == right[$0].bitPattern }
        }
    }

    package init(_ type: EventType, key_ms: Int64, time_ms: Int64, place: Fix? = nil, values: Values = Values()) {
        self.type = type
        self.key_ms = key_ms
        self.time_ms = time_ms
        self.place = place
        self.values = values
    }
}

/// What one value of a rule's event is called and how it is written.
package struct RuleValueShape: Sendable {
    /// The member's name in the event's `data`, the unit last.
    package var name: StaticString
    package var decimals: Int
    /// It is a time in ms since 1970, written as RFC 3339.
    package var isTime = false

    package init(_ name: StaticString, decimals: Int = 0, isTime: Bool = false) {
        self.name = name
        self.decimals = decimals
        self.isTime = isTime
    }
}

/// One number that a rule goes by, as the file of rules and the documentation have it. Switches are numbers too: 0 is off.
package struct RuleParameter<Limits: Sendable>: Sendable {
    /// The name in the file, the unit last.
    package var name: String
    package var path: any WritableKeyPath<Limits, Double> & Sendable
    package var range: ClosedRange<Double>
    /// One sentence for people: what it does, and what 0 means where that turns something off.
    package var explanation: String

    package init(
        _ name: String, _ path: any WritableKeyPath<Limits, Double> & Sendable, _ range: ClosedRange<Double>,
        _ explanation: String
    ) {
        self.name = name
        self.path = path
        self.range = range
        self.explanation = explanation
    }
}
