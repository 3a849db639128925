/// Where a delivery stands after all that is known of it.
struct DeliverySummary: Sendable, Equatable {
    var state = DeliveryState.planned
    /// What dispatch said last; nil until it was assigned. They stay when it comes off its route.
    var facts: DeliveryFacts?
    /// Of the present assignment: the cause of the evidence that began it.
    var assignment: [UInt8] = []
    var assigned_ms: Int64?
    /// Of the last visit.
    var arrived_ms: Int64?
    var serviceStarted_ms: Int64?
    var departed_ms: Int64?
    /// When that was known: a driver's word may be on its way until then.
    var departedKnown_ms: Int64?
    /// When the driver's word or the cancellation ended it.
    var ended_ms: Int64?
    var outcome: DeliveryOutcome?
    /// Money that was taken at the door or should have been, in all assignments.
    var collections: [Collection] = []
    /// How often the vehicle arrived in the present assignment.
    var arrivals = 0

    /// Money taken for one delivery, or that should have been.
    struct Collection: Sendable, Equatable {
        var time_ms: Int64
        var driver: DispatchID?
        /// Nil where the order asked for money and the driver says of none.
        var payment: Payment?
        var expected: Money?
    }

    /// Seconds at the stop, where both ends are known.
    var service_s: Int64? {
        guard let arrived_ms, let departed_ms, departed_ms >= arrived_ms else { return nil }
        return (departed_ms - arrived_ms) / 1000
    }
}
