import Geo
import Telemetry
import Wire

/// What dispatch told of one fleet, and what becomes of it: orders, routes, deliveries, forecasts, messages, commands.
///
/// Deterministic: what it decides follows from the items and movements that it is given, in their order.
struct Desk: Sendable {
    let fleet: [UInt8]
    let fleetJSON: [UInt8]
    /// `{root}/{fleet}/`.
    let topicPrefix: [UInt8]
    let writesStates: Bool

    var settings = Settings()
    var records = DispatchRecords()
    /// Events emitted so far: the `sequence` of the last one.
    var sequence: Int64 = 0
    /// Since the counters were handed over last.
    var counters = Counters()

    init(fleet: [UInt8], topicRoot: [UInt8], writesStates: Bool) {
        self.fleet = fleet
        fleetJSON = Engine.jsonContent(fleet)
        topicPrefix = topicRoot + [UInt8(ascii: "/")] + fleet + [UInt8(ascii: "/")]
        self.writesStates = writesStates
    }

    /// Adds what was counted to the counters of the plan, and begins anew.
    mutating func handOver(_ total: inout Counters) {
        total += counters
        counters.reset()
    }

    mutating func apply(_ input: DeskInput, step: Engine.Step, into effects: inout EffectBuffer) {
    }

    mutating func move(_ movement: FollowedFix, step: Engine.Step, into effects: inout EffectBuffer) {
    }

    func _checkInvariants() {
    }
}
