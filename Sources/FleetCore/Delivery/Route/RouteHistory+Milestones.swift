import Wire

/// What a route's history tells.
extension RouteHistory {
    /// In order of time; what happened at one time in a fixed order.
    func milestones() -> [Milestone] {
        guard let facts else { return words.map { cargo($0, vehicle: nil) } }
        var milestones = words.map { cargo($0, vehicle: facts.vehicle) }
        let outings = outings(facts)
        for (index, outing) in outings.enumerated() {
            milestones.append(depot(.routeDepartedDepot, outing.left.time_ms, facts, ordinal: index))
            guard let back = outing.back else { continue }
            milestones.append(depot(.routeReturnedToDepot, back.time_ms, facts, ordinal: index))
        }
        milestones += detours(facts)
        if let completion = completion(facts, outings) { milestones.append(completed(completion, facts)) }
        return milestones.enumerated()
            .sorted { ($0.element.time_ms, $0.offset) < ($1.element.time_ms, $1.offset) }.map(\.element)
    }

    private func milestone(
        _ type: EventType, _ time_ms: Int64, vehicle: DispatchID?, driver: DispatchID?, cause: [UInt8],
        data: (inout [UInt8]) -> Void
    ) -> Milestone {
        var bytes: [UInt8] = []
        bytes.member("route", id: route)
        if let driver { bytes.member("driver", id: driver) }
        data(&bytes)
        return Milestone(
            type: type, happening: type, subject: .route(route), vehicle: vehicle, time_ms: time_ms, cause: cause,
            data: bytes)
    }

    private func cargo(_ word: RouteWord, vehicle: DispatchID?) -> Milestone {
        milestone(
            word.kind == .loaded ? .cargoLoaded : .cargoReturned, word.time_ms, vehicle: vehicle,
            driver: word.driver ?? facts?.driver, cause: word.cause
        ) { $0.member("items", goods: word.items) }
    }

    // MARK: - The depot

    /// A drive from the depot and, where it is over, back.
    private struct Outing {
        var left: StopVisit.Moment
        var odometerLeft: StopVisit.Odometer
        var back: StopVisit.Moment?
        var odometerBack = StopVisit.Odometer()
    }

    /// Those that began on this route with something to do.
    private func outings(_ facts: RouteFacts) -> [Outing] {
        seen.depot.indices.compactMap { index in
            let visit = seen.depot[index]
            guard let left = visit.left, left.time_ms >= facts.began_ms,
                stops.contains(where: { $0.ended_ms ?? .max > left.time_ms })
            else { return nil }
            var outing = Outing(left: left, odometerLeft: visit.odometerLeft)
            if index + 1 < seen.depot.count {
                outing.back = seen.depot[index + 1].entered
                outing.odometerBack = seen.depot[index + 1].odometerEntered
            }
            return outing
        }
    }

    private func depot(_ type: EventType, _ time_ms: Int64, _ facts: RouteFacts, ordinal: Int) -> Milestone {
        milestone(
            type, time_ms, vehicle: facts.vehicle, driver: facts.driver, cause: Array("\(ordinal)".utf8)
        ) { out in
            guard let depot = facts.depot else { return }
            out.member(
                "position", position: Place(latitude_e7: depot.latitude_e7, longitude_e7: depot.longitude_e7))
        }
    }

    // MARK: - The sequence

    /// Stops that were served before one that was planned earlier and elsewhere. Told once for each that was passed over,
    /// with the first stop that was served in its stead.
    private func detours(_ facts: RouteFacts) -> [Milestone] {
        let served = stops.indices.compactMap { index in stops[index].servedAt_ms.map { (time_ms: $0, index: index) } }
            .sorted { $0 < $1 }
        var passedOver: Set<Int> = []
        return served.compactMap { time_ms, index in
            let expected = stops[..<index].firstIndex { other in
                other.ended_ms ?? .max > time_ms && !other.stop.overlaps(stops[index].stop)
            }
            guard let expected, passedOver.insert(expected).inserted else { return nil }
            let id = stops[expected].stop.id
            return milestone(
                .routeOutOfSequence, time_ms, vehicle: facts.vehicle, driver: facts.driver, cause: id.bytes
            ) { out in
                out.member("stop", id: stops[index].stop.id)
                out.member("expected_stop", id: id)
            }
        }
    }

    // MARK: - Its end

    private struct Completion {
        var time_ms: Int64
        /// When it left the depot, or came to its first stop.
        var began: RouteSeen.Mark?
        var odometer: StopVisit.Odometer?
    }

    /// Nil while a stop is open, where nothing was done at all, and while the vehicle is still to come back.
    private func completion(_ facts: RouteFacts, _ outings: [Outing]) -> Completion? {
        guard stops.contains(where: { $0.outcome != nil }), stops.allSatisfy({ $0.ended_ms != nil }),
            let last_ms = stops.compactMap(\.ended_ms).max()
        else { return nil }
        let began =
            outings.first.map { RouteSeen.Mark(time_ms: $0.left.time_ms, odometer: $0.odometerLeft) }
            ?? seen.marks.first { $0.time_ms >= facts.began_ms }
        if facts.returnsToDepot, !outings.isEmpty {
            guard let outing = outings.first(where: { $0.back?.time_ms ?? .min >= last_ms }), let back = outing.back
            else { return nil }
            return Completion(time_ms: back.time_ms, began: began, odometer: outing.odometerBack)
        }
        return Completion(
            time_ms: last_ms, began: began, odometer: seen.marks.last { $0.time_ms <= last_ms }?.odometer)
    }

    private func completed(_ completion: Completion, _ facts: RouteFacts) -> Milestone {
        milestone(
            .routeCompleted, completion.time_ms, vehicle: facts.vehicle, driver: facts.driver, cause: []
        ) { out in
            if let began = completion.began, began.time_ms <= completion.time_ms {
                if let odometer = completion.odometer, odometer.distance_m >= began.odometer.distance_m {
                    out.member("distance_km", (odometer.distance_m - began.odometer.distance_m) / 1000, decimals: 1)
                }
                out.member("duration_s", count: (completion.time_ms - began.time_ms) / 1000)
                if let odometer = completion.odometer, odometer.driving_ms >= began.odometer.driving_ms {
                    out.member("driving_s", count: (odometer.driving_ms - began.odometer.driving_ms) / 1000)
                }
            }
            out.member("service_s", count: stops.reduce(0) { $0.addingClamped($1.service_s) })
            out.member("stops", count: Int64(stops.count))
            out.member("delivered", count: Int64(stops.count { $0.outcome?.isDelivery == true }))
            out.member("failed", count: Int64(stops.count { $0.outcome.map { !$0.isDelivery } == true }))
            guard let plannedEnd_ms = facts.plannedEnd_ms else { return }
            out.member("overtime_s", count: max(0, completion.time_ms - plannedEnd_ms) / 1000)
        }
    }
}
