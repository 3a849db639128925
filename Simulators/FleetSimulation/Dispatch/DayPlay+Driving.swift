extension DayPlay {
    /// How much earlier than a window's beginning a driver waits for it; earlier still, and the customer is asked.
    private static let patience_s = 1_200.0

    mutating func beginShift(_ crew: Int) {
        guard let route = crews[crew].routes.first else { return }
        crews[crew].standStart_s = now_s
        crews[crew].phase = .loading
        act(crew, "shift_started", at: now_s)
        let share = crews[crew].random.uniform(0.02...0.08)
        schedule(
            .load, of: crew, at: max(now_s + 1, routes[route].plannedStart_s - setting.dispatch.lead_s * share))
    }

    /// The vehicle is loaded with what the present route's orders want, and with spare bottles.
    mutating func load(_ crew: Int) {
        guard let route = crews[crew].routes.first else { return }
        var items = routes[route].spare
        for stop in routes[route].stops where stops[stop].status == .waiting {
            if let order = stops[stop].order { items = items + orders[order].items }
        }
        crews[crew].onBoard = items
        crews[crew].spare = routes[route].spare
        crews[crew].phase = .loading
        act(crew, "loaded", at: now_s) { [id = routes[route].id] in
            $0.add("route", id)
            $0.add("items", array: Self.itemList(items))
        }
        let delay_s = crews[crew].random.uniform(0.01...0.06) * setting.dispatch.lead_s
        schedule(.goOn, of: crew, at: max(now_s + delay_s, routes[route].plannedStart_s))
    }

    /// Leaves where it stands, for the next stop or for the depot; or has a break.
    mutating func goOn(_ crew: Int) {
        guard let route = crews[crew].routes.first else { return }
        if crews[crew].phase == .loading {
            crews[crew].phase = .underway
            noteDepot(crew, "departed", at: now_s)
        }
        let next = nextStop(of: crew, route: route)
        crews[crew].stop = next
        guard let next else {
            crews[crew].phase = .returning
            return drive(crew, to: crews[crew].identity.depot)
        }
        stops[next].status = .current
        guard let order = stops[next].order else { return rest(crew, stop: next) }
        drive(crew, to: customer(of: orders[order]).place)
    }

    /// The next of the plan; now and then the one after it, because the driver knows better.
    private mutating func nextStop(of crew: Int, route: Int) -> Int? {
        let isOutOfOrder = crews[crew].random.chance(setting.dispatch.faults.outOfOrderShare)
        let waiting = routes[route].stops.filter { stops[$0].status == .waiting && stops[$0].route == route }
        guard isOutOfOrder, waiting.count >= 2, stops[waiting[0]].order != nil, stops[waiting[1]].order != nil else {
            return waiting.first
        }
        return waiting[1]
    }

    private mutating func drive(_ crew: Int, to place: Place) {
        let depot = crews[crew].identity.depot
        let isLoading = crews[crew].here == depot
        let idles = !crews[crew].random.chance(setting.scenario.tours.ignitionOffShare)
        crews[crew].steps.append(
            .stand(
                .init(
                    activity: isLoading ? .loading : .serving, start_s: crews[crew].standStart_s, end_s: now_s,
                    isEngineOff: isLoading || !idles)))
        crews[crew].standStart_s = now_s
        defer { crews[crew].here = place }
        guard crews[crew].here.position != place.position else {
            // The next customer lives at the same door.
            crews[crew].plan = nil
            takeFarProof(crew)
            return schedule(.arrive, of: crew, at: now_s + 20)
        }
        let path = path(from: crews[crew].here, to: place)
        let paces = traffic.paces(of: path, from: now_s, driver: crews[crew].pace)
        let plan = DrivePlan(
            path: path, start_s: now_s, style: crews[crew].identity.style, lights: setting.world.network.lights,
            paces: paces)
        crews[crew].plan = plan
        crews[crew].steps.append(.drive(plan, to: place))
        takeFarProof(crew)
        schedule(.arrive, of: crew, at: plan.end_s)
    }

    /// The way as drivers take it now: round what is closed, where the usual way leads through it.
    private mutating func path(from origin: Place, to destination: Place) -> DrivePath {
        let usual = setting.world.path(from: origin, to: destination)
        for (index, area) in traffic.areas.enumerated()
        where area.isClosed && now_s >= area.from_s && now_s < area.to_s {
            let isHit = usual.segments.indices.contains { segment in
                usual.points[segment].interpolated(to: usual.points[segment + 1], fraction: 0.5)
                    .distance_m(to: area.centre) <= area.radius_m
            }
            guard isHit else { continue }
            let finder = detours[index] ?? detourFinder(area)
            detours[index] = finder
            return setting.world.path(from: origin, to: destination, by: finder)
        }
        return usual
    }

    private func detourFinder(_ area: TrafficArea) -> RouteFinder {
        let network = setting.world.network
        var isClosed = [Bool](repeating: false, count: network.arcCount)
        for node in 0..<network.nodeCount {
            for arc in network.arcs(from: node) {
                let head = network.position[Int(network.arcHead[arc])]
                let middle = network.position[node].interpolated(to: head, fraction: 0.5)
                isClosed[arc] = middle.distance_m(to: area.centre) <= area.radius_m
            }
        }
        return RouteFinder(network: network, isClosed: isClosed)
    }

    private mutating func rest(_ crew: Int, stop: Int) {
        let end_s = now_s + stops[stop].plannedService_s * crews[crew].random.uniform(0.8...1.3)
        act(crew, "break_started", at: now_s + 2) { [id = stops[stop].id] in $0.add("stop", id) }
        act(crew, "break_ended", at: end_s - 2) { [id = stops[stop].id] in $0.add("stop", id) }
        stops[stop].status = .done
        crews[crew].stop = nil
        schedule(.goOn, of: crew, at: end_s)
    }

    mutating func arrive(_ crew: Int) {
        crews[crew].standStart_s = now_s
        crews[crew].plan = nil
        guard let stop = crews[crew].stop else { return comeHome(crew) }
        serve(crew, stop: stop)
    }

    /// When service can begin: a driver who is early waits for the window.
    func serviceStart_s(of order: SimulatedOrder, ready_s: Double) -> Double {
        guard let window_s = order.window_s, window_s.lowerBound > ready_s,
            window_s.lowerBound - ready_s <= Self.patience_s * setting.dispatch.serviceFactor
        else { return ready_s }
        return window_s.lowerBound
    }

    /// Back at the depot: the empties are unloaded; then comes the next tour or the end of the shift.
    private mutating func comeHome(_ crew: Int) {
        noteDepot(crew, "returned", at: now_s)
        let factor = setting.dispatch.serviceFactor
        let unloaded_s = now_s + factor * crews[crew].random.uniform(120...300)
        let empties = crews[crew].empties
        act(crew, "returned", at: unloaded_s) { $0.add("items", array: Self.emptiesList(empties)) }
        crews[crew].empties = GasBottles()
        crews[crew].onBoard = GasBottles()
        crews[crew].spare = GasBottles()
        crews[crew].routes.removeFirst()
        crews[crew].phase = .loading
        if let next = crews[crew].routes.first {
            schedule(.load, of: crew, at: max(unloaded_s + factor * 300, routes[next].plannedStart_s - 120 * factor))
        } else {
            schedule(.endShift, of: crew, at: unloaded_s + factor * crews[crew].random.uniform(120...600))
        }
    }

    /// The driver hands in the cash, which is not always what it should be.
    mutating func endShift(_ crew: Int) {
        crews[crew].phase = .done
        var cash_twd = crews[crew].cash_twd
        let isWrong = crews[crew].random.chance(setting.dispatch.faults.cashDiscrepancyShare)
        let difference_twd = [-1_000, -500, -100, 100, 500][crews[crew].random.integer(0...4)]
        if isWrong { cash_twd = max(0, cash_twd + difference_twd) }
        act(crew, "shift_ended", at: now_s) { [cash_twd] in
            $0.add("cash") {
                $0.add("amount", cash_twd)
                $0.add("currency", "TWD")
            }
        }
        let expected_twd = crews[crew].cash_twd
        note(now_s) {
            [vehicle = crews[crew].identity.id, driver = crews[crew].driver.id, day = setting.day, cash_twd] in
            $0.add("truth", "shift")
            $0.add("day", day)
            $0.add("vehicle", vehicle)
            $0.add("driver", driver)
            $0.add("cash_collected_twd", expected_twd)
            $0.add("cash_reported_twd", cash_twd)
        }
        testImmobiliser(of: crew)
    }

    private mutating func noteDepot(_ crew: Int, _ event: String, at time_s: Double) {
        guard let route = crews[crew].routes.first else { return }
        note(time_s) {
            [id = routes[route].id, vehicle = crews[crew].identity.id, day = setting.day, ms = time_ms(time_s)] in
            $0.add("truth", "depot")
            $0.add("day", day)
            $0.add("event", event)
            $0.add("vehicle", vehicle)
            $0.add("route", id)
            $0.add("time", time_ms: ms)
        }
    }
}
