/// What dispatch says of a route.
struct RouteFacts: Sendable, Equatable {
    var vehicle: DispatchID
    var driver: DispatchID?
    /// From when on the vehicle drives this route; what it did before is not this one's.
    var began_ms: Int64
    var plannedEnd_ms: Int64?
    /// It is completed only when the vehicle is back at the depot.
    var returnsToDepot = false
    var depot: JourneyStop?
}

/// How one stop of a route stands, in the sequence of the route. Breaks are none of them.
struct RouteStop: Sendable, Equatable {
    var stop: JourneyStop
    /// When the driver's word or a cancellation ended it.
    var ended_ms: Int64?
    /// Nil for an open or a cancelled one.
    var outcome: DeliveryOutcome?
    var service_s: Int64 = 0

    init(stop: JourneyStop, ended_ms: Int64? = nil, outcome: DeliveryOutcome? = nil, service_s: Int64 = 0) {
        self.stop = stop
        self.ended_ms = ended_ms
        self.outcome = outcome
        self.service_s = service_s
    }

    init(stop: JourneyStop, _ summary: DeliverySummary) {
        self.init(
            stop: stop, ended_ms: summary.state.isFinal ? summary.ended_ms : nil,
            outcome: summary.state == .cancelled ? nil : summary.outcome, service_s: summary.service_s ?? 0)
    }

    /// The driver did or tried what was to do.
    var servedAt_ms: Int64? { outcome == nil ? nil : ended_ms }
}

/// What a driver says of a route as a whole.
struct RouteWord: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// Goods came onto the vehicle.
        case loaded = 0
        /// Empties came back to the depot.
        case returned = 1
    }

    var time_ms: Int64
    /// The message's id.
    var cause: [UInt8]
    var kind: Kind
    var driver: DispatchID?
    var items: [Goods]
}

/// What fixes show of a route.
struct RouteSeen: Sendable, Equatable {
    /// Visits of the depot.
    var depot: [StopVisit] = []
    /// How far the vehicle had come when it came to a stop, in order of time.
    var marks: [Mark] = []

    struct Mark: Sendable, Equatable {
        var time_ms: Int64
        var odometer: StopVisit.Odometer
    }

    init() {}

    init(_ journey: Journey, depot: DispatchID?, stops: [RouteStop]) {
        self.depot = depot.map { journey.visits(of: $0) } ?? []
        let own = Set(stops.map(\.stop.id))
        marks = journey.visits.filter { own.contains($0.stop) }.flatMap(\.visits)
            .map { Mark(time_ms: $0.entered.time_ms, odometer: $0.odometerEntered) }
            .sorted { ($0.time_ms, $0.odometer.distance_m) < ($1.time_ms, $1.odometer.distance_m) }
    }
}
