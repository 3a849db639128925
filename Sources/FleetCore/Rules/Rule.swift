package import Wire

/// One rule about a vehicle: a small state that is stepped through the vehicle's observations in order of their times.
///
/// A rule's state is plain data of a fixed size, for it is copied with every checkpoint of a track. What it decides it adds
/// to `events`. It must decide the same from the same observations, however they are split and whatever came before the
/// first.
package protocol Rule: Sendable, BitwiseCopyable {
    associatedtype Limits: RuleLimits

    init()

    mutating func step(_ input: borrowing RuleInput, _ limits: borrowing Limits, into events: inout [RuleEvent])

    /// For snapshots: all fields in a fixed order.
    func write(to writer: inout ByteWriter)
    init(from reader: inout ByteReader) throws(SnapshotError)
}

/// The numbers that a rule goes by, with their defaults.
package protocol RuleLimits: Sendable, Equatable, BitwiseCopyable {
    /// The rule's name in the file of rules, such as `speeding`.
    static var name: String { get }
    /// One sentence for people about what the rule does.
    static var explanation: String { get }
    static var parameters: [RuleParameter<Self>] { get }

    init()
}
