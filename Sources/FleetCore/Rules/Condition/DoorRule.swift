package import Wire

/// Tells when the cargo door is open while driving or, where `standing` is 1, standing elsewhere than at a depot or
/// customer.
///
/// Each of the two is told once an opening; an opening within a minute of the last closing is the same one, for a door
/// with a bad contact rattles.
package struct DoorRule: Rule {
    private static let closed_ms: Int64 = 60_000

    private enum Kind: UInt8 {
        /// Nothing is wrong with it.
        case right = 0
        case driving = 1
        case standing = 2
    }

    private struct Told: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let driving = Told(rawValue: 1)
        static let standing = Told(rawValue: 2)
        static let all: Told = [.driving, .standing]
    }

    /// Where the door began to be open in the present way; while it is closed, when it was closed.
    private var run = Moment.none
    private var kind = Kind.right
    private var told: Told = []
    private var isOpen = false

    package init() {}

    // Mostly there is nothing to look at, which is found out without a call.
    @inline(__always)
    package mutating func step(
        _ input: borrowing RuleInput, _ limits: borrowing DoorLimits, into events: inout [RuleEvent]
    ) {
        let has = input.now.has
        guard limits.enabled != 0, isOpen || has.contains(.doorOpen) else { return }
        observe(input, limits, &events)
    }

    @inline(never)
    private mutating func observe(
        _ input: borrowing RuleInput, _ limits: borrowing DoorLimits, _ events: inout [RuleEvent]
    ) {
        let has = input.now.has
        if has.contains(.door), !has.contains(.doorOpen) {
            isOpen = false
            kind = .right
            run = Moment(input.now)
            return
        }
        if !isOpen {
            isOpen = true
            let closed_ms = run.isNone ? .max : input.now.time_ms - run.time_ms
            if closed_ms >= Self.closed_ms { told = [] }
        }
        guard has.contains(.position) else { return }
        let present = Self.kind(input, limits)
        if present != kind {
            kind = present
            run = Moment(input.now)
        }
        guard kind != .right else { return }
        let flag: Told = kind == .driving ? .driving : .standing
        let open_ms = input.now.time_ms - run.time_ms
        guard !told.contains(flag), Double(open_ms) >= limits.duration_s * 1000 else { return }
        told.insert(flag)
        var event = RuleEvent(
            .doorOpenedOutsideStop, key_ms: run.time_ms, time_ms: run.time_ms, place: run.place)
        event.values = [input.now.speed_kmh, Double(open_ms) / 1000]
        event.word = kind == .driving ? "driving" : "standing"
        events.append(event)
    }

    private static func kind(_ input: borrowing RuleInput, _ limits: borrowing DoorLimits) -> Kind {
        if input.isDriving(from: limits.moving_kmh) { return .driving }
        guard limits.standing != 0, input.places.isDisjoint(with: [.depot, .customer]) else { return .right }
        return .standing
    }

    package func write(to writer: inout ByteWriter) {
        run.write(to: &writer)
        writer.write(kind)
        writer.write(told.rawValue)
        writer.write(isOpen)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        run = try Moment(from: &reader)
        kind = try reader.enumeration()
        told = Told(rawValue: try reader.integer(upTo: Told.all.rawValue))
        isOpen = try reader.bool()
        guard kind == .right || !run.isNone else { throw SnapshotError(reason: "an open door has no beginning") }
    }
}
