/// From when on fixes may say that a vehicle arrived at a stop, where several stops are at one place.
enum SharedPlaceGate: Sendable, Equatable {
    /// It shares its place with none before it.
    case open
    /// The ones before it had ended by then.
    case after(Int64)
    /// One before it has not ended: the visit is that one's.
    case closed

    /// The gates of a route's stops, in their sequence. `ended_ms` says when each of them ended, nil for those that did not.
    ///
    /// Of two stops at one place the earlier in the sequence arrives first. The next one arrives by fixes when that one has
    /// ended, if the vehicle is still there. A driver's word is about the stop that it names, and needs no gate.
    static func gates(of stops: [(stop: JourneyStop, ended_ms: Int64?)]) -> [SharedPlaceGate] {
        stops.indices.map { index in
            let before = stops[..<index].filter {
                $0.stop.kind != .rest && $0.stop.kind != .depot && $0.stop.overlaps(stops[index].stop)
            }
            if before.isEmpty { return .open }
            let ends = before.compactMap(\.ended_ms)
            guard ends.count == before.count, let last = ends.max() else { return .closed }
            return .after(last)
        }
    }
}

/// What one vehicle's fixes show for one stop.
struct StopSeen: Sendable, Equatable {
    /// A time away from the depot.
    struct Outing: Sendable, Equatable {
        var left: StopVisit.Moment
        var back: StopVisit.Moment?
    }

    var vehicle: DispatchID
    var gate = SharedPlaceGate.open
    var visits: [StopVisit] = []
    var outings: [Outing] = []

    init(vehicle: DispatchID) { self.vehicle = vehicle }

    init(_ journey: Journey, of stop: DispatchID, vehicle: DispatchID, gate: SharedPlaceGate) {
        self.init(vehicle: vehicle)
        self.gate = gate
        visits = journey.visits(of: stop)
        outings = journey.outings
    }

    /// Visits that were over before the track's window stay, also where the track was without the stop for a while.
    mutating func keepSettled(of former: StopSeen, settled_ms: Int64) {
        let first_ms = visits.first?.entered.time_ms ?? .max
        let settled = former.visits.filter {
            $0.entered.time_ms < first_ms && $0.left?.known_ms ?? .max <= settled_ms
        }
        visits = (settled + visits).suffix(StopSight.visitsMax)
    }
}

extension Journey {
    /// Times away from the first depot of the route, in order.
    var outings: [StopSeen.Outing] {
        guard let depot = stops.first(where: { $0.kind == .depot }) else { return [] }
        let visits = visits(of: depot.id)
        return visits.indices.compactMap { index in
            guard let left = visits[index].left else { return nil }
            return .init(left: left, back: index + 1 < visits.count ? visits[index + 1].entered : nil)
        }
    }
}

/// One thing that happened to a delivery, in its place.
struct DeliveryMoment {
    enum What {
        /// The evidence at this index.
        case evidence(Int)
        case setOut
        case arrived(StopVisit)
        case served
        case left
    }

    /// By which things are put in order: when it was known.
    var key_ms: Int64
    /// When it happened.
    var time_ms: Int64
    var vehicle: DispatchID?
    var what: What
}

/// Puts what is known of a delivery in order.
enum DeliveryTimeline {
    /// Everything that may matter, by the time when it was known; at one time what dispatch says first, in the order in
    /// which it was said, then as things happen at a stop, then by cause.
    static func moments(evidence: [DeliveryEvidence], seen: [StopSeen]) -> [DeliveryMoment] {
        var moments = evidence.indices.map { index in
            DeliveryMoment(
                key_ms: evidence[index].time_ms, time_ms: evidence[index].time_ms, what: .evidence(index))
        }
        for seen in seen {
            // A vehicle that is out, or at the stop, when the stop becomes its own, sets out or arrives at that time.
            let takeovers_ms = evidence.compactMap { piece -> Int64? in
                guard case .assigned(let facts) = piece.kind, facts.vehicle == seen.vehicle else { return nil }
                return piece.time_ms
            }
            moments += outings(seen, takeovers_ms: takeovers_ms)
            for visit in seen.visits { moments += self.moments(of: visit, seen, takeovers_ms: takeovers_ms) }
        }
        return moments.enumerated().sorted { left, right in
            if left.element.key_ms != right.element.key_ms { return left.element.key_ms < right.element.key_ms }
            let ranks = (rank(left.element, evidence), rank(right.element, evidence))
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            let causes = (cause(left.element, evidence), cause(right.element, evidence))
            if ranks.0 > 0, causes.0 != causes.1 { return causes.0.lexicographicallyPrecedes(causes.1) }
            return left.offset < right.offset
        }.map(\.element)
    }

    private static func outings(_ seen: StopSeen, takeovers_ms: [Int64]) -> [DeliveryMoment] {
        seen.outings.flatMap { outing in
            [.init(key_ms: outing.left.known_ms, time_ms: outing.left.time_ms, vehicle: seen.vehicle, what: .setOut)]
                + takeovers_ms.filter { $0 > outing.left.known_ms && $0 < outing.back?.known_ms ?? .max }
                .map { DeliveryMoment(key_ms: $0, time_ms: $0, vehicle: seen.vehicle, what: .setOut) }
        }
    }

    private static func moments(
        of visit: StopVisit, _ seen: StopSeen, takeovers_ms: [Int64]
    ) -> [DeliveryMoment] {
        var moments: [DeliveryMoment] = []
        func add(_ moment: StopVisit.Moment, _ what: DeliveryMoment.What) {
            moments.append(
                .init(key_ms: moment.known_ms, time_ms: moment.time_ms, vehicle: seen.vehicle, what: what))
            for takeover_ms in takeovers_ms
            where takeover_ms > moment.known_ms && takeover_ms < visit.left?.known_ms ?? .max {
                moments.append(
                    .init(key_ms: takeover_ms, time_ms: takeover_ms, vehicle: seen.vehicle, what: what))
            }
        }
        if let left = visit.left {
            moments.append(
                .init(key_ms: left.known_ms, time_ms: left.time_ms, vehicle: seen.vehicle, what: .left))
        }
        guard var arrived = visit.arrived else { return moments }
        switch seen.gate {
        case .closed: return moments
        case .after(let gate_ms) where gate_ms > arrived.time_ms:
            // The service of the one before it says nothing of this one.
            if let left = visit.left, left.known_ms <= gate_ms { return moments }
            arrived = .init(time_ms: gate_ms, known_ms: max(arrived.known_ms, gate_ms))
            add(arrived, .arrived(visit))
        case .open, .after:
            add(arrived, .arrived(visit))
            if let service = visit.service { add(service, .served) }
        }
        return moments
    }

    private static func cause(_ moment: DeliveryMoment, _ evidence: [DeliveryEvidence]) -> [UInt8] {
        if case .evidence(let index) = moment.what { return evidence[index].cause }
        return moment.vehicle?.bytes ?? []
    }

    /// What comes first of what was known at one time.
    private static func rank(_ moment: DeliveryMoment, _ evidence: [DeliveryEvidence]) -> Int {
        switch moment.what {
        case .setOut: 2
        case .arrived: 4
        case .served: 6
        case .left: 20
        case .evidence(let index):
            switch evidence[index].kind {
            case .assigned, .amended, .unassigned, .cancelled: 0
            case .loaded: 1
            case .setOut: 3
            case .word(let word):
                switch word.kind {
                case .arrived: 5
                case .serviceStarted: 7
                case .delivered, .partiallyDelivered, .failed, .refused: 8
                case .rescheduleRequested: 9
                case .departed: 21
                }
            }
        }
    }
}
