import FleetCore

extension RoadMachine {
    /// Both clocks at one moment.
    struct Moment: Sendable {
        /// A clock that nobody sets, for pauses and ages.
        var steady_ms: Int64
        /// Since 1970, for the day of the budget.
        var utc_ms: Int64
    }

    enum Action: Sendable, Equatable {
        /// Ask the router for the way through these points, and tell `finished` with this number.
        case send(job: Int, points: [RoadPoint])
        /// Hand this payload over to who asked under this topic.
        case reply(topic: [UInt8], payload: [UInt8])
    }

    /// What came of a request.
    enum Outcome: Sendable, Equatable {
        case answer(RoadAnswer)
        /// The router works, and says no: there is no way, or it takes no such request.
        case no(RoadFailure)
        /// The router does not work: no answer, or one that makes no sense.
        case fault(RoadFailure)
        /// The router wants a pause.
        case putOff(retryAfter_ms: Int64?, detail: String)
    }
}
