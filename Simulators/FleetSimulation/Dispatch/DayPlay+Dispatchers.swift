extension DayPlay {
    private static let cancellations = ["customer_cancelled", "ordered_twice", "found_a_bottle"]

    /// When in the day dispatchers do what.
    mutating func drawWork(from_s: Double, to_s: Double) {
        let work = setting.dispatch.work
        let span_s = to_s - from_s
        func add(_ happening: Happening, _ count: Int, _ range: ClosedRange<Double>) {
            for _ in 0..<count {
                let time_s = from_s + span_s * random.uniform(range)
                schedule(happening, at: max(time_s, setting.dayStart_s + setting.dispatch.lead_s * 0.5))
            }
        }
        add(.emergency, work.emergencies, 0.1...0.6)
        add(.cancel, work.cancellations, -0.05...0.6)
        add(.changeWindow, work.windowChanges, -0.05...0.6)
        add(.resequence, work.resequenced, 0.05...0.6)
        add(.move, work.moved, 0.1...0.6)
        for number in 0..<work.positionRequests {
            schedule(.request(number: number), at: from_s + span_s * random.uniform(0.05...0.9))
        }
        // Every second immobilisation is asked for while the vehicle is under way.
        for _ in 0..<(work.immobilisations / 2) {
            let vehicle = random.integer(0...(crews.count - 1))
            schedule(.immobilise(vehicle: vehicle, isParked: false), at: from_s + span_s * random.uniform(0.2...0.7))
        }
    }

    /// How long dispatch takes between two messages of one decision.
    mutating func handling_s() -> Double { random.uniform(1...8) }

    // MARK: Orders

    mutating func placeEmergency() {
        let customer = random.integer(0...(setting.book.customers.count - 1))
        var order = draftOrder(number: orders.count + 1, customer: customer, random: &random)
        order.isEmergency = true
        order.isPickup = false
        order.statesPlace = true
        order.items = GasBottles(.lpg20, 1)
        order.returns = GasBottles(.lpg20, 1)
        order.cod_twd = order.items.price_twd
        order.plannedService_s = plannedService_s(setting.book.customers[customer], bottles: 1)
        order.window_s = now_s...(now_s + setting.dispatch.window_s * 0.75)
        let index = orders.count
        orders.append(order)
        publishOrder(index, at: now_s)
        schedule(.assign(order: index, tries: 0), at: now_s + random.uniform(20...60))
    }

    /// Gives an order to the nearest vehicle that has the bottles and is not on its way home; waits for one, but not for ever.
    mutating func assign(_ order: Int, tries: Int) {
        guard orders[order].outcome == nil else { return }
        let items = orders[order].items
        if let vehicle = nearestCrew(for: order) {
            crews[vehicle].spare = crews[vehicle].spare - items
            addStop(for: order, to: vehicle, isNext: true)
            publishRoute(crews[vehicle].routes[0], at: now_s + handling_s())
        } else if tries < 10 {
            schedule(.assign(order: order, tries: tries + 1), at: now_s + 120 * setting.dispatch.serviceFactor)
        } else {
            cancel(order, reason: "no_vehicle")
        }
    }

    /// Whether a vehicle has a route under way that can still take stops.
    func isUnderway(_ crew: Int) -> Bool { crews[crew].phase == .underway && !crews[crew].routes.isEmpty }

    func waitingStops(of crew: Int) -> [Int] {
        guard let route = crews[crew].routes.first else { return [] }
        return routes[route].stops.filter { stops[$0].status == .waiting && stops[$0].order != nil }
    }

    /// Puts a new stop into a vehicle's present route: before all that wait, or after them.
    private mutating func addStop(for order: Int, to crew: Int, isNext: Bool) {
        let route = crews[crew].routes[0]
        let stop = stops.count
        orders[order].stop = stop
        stops.append(
            SimulatedStop(
                id: "S" + orders[order].id.dropFirst(), order: order, route: route,
                plannedService_s: orders[order].plannedService_s))
        let first = routes[route].stops.firstIndex { stops[$0].status == .waiting } ?? routes[route].stops.count
        routes[route].stops.insert(stop, at: isNext ? first : routes[route].stops.count)
        replan(crew)
    }

    /// New planned times for what is left of a vehicle's route.
    mutating func replan(_ crew: Int) {
        let route = crews[crew].routes[0]
        let waiting = routes[route].stops.filter { stops[$0].status == .waiting }
        var from_s = max(now_s, routes[route].plannedStart_s)
        if let current = crews[crew].stop {
            from_s = max(from_s, stops[current].plannedArrival_s) + stops[current].plannedService_s
        }
        routes[route].plannedEnd_s = reckon(waiting, from: crews[crew].here, at: from_s, vehicle: crew)
    }

    /// A delivery that failed becomes a new order, in the same vehicle while that still has stops before it.
    mutating func orderAgain(_ failed: Int, vehicle: Int, window_s: ClosedRange<Double>) {
        let items = orders[failed].items
        guard isUnderway(vehicle), crews[vehicle].spare.holds(items) else { return }
        var order = orders[failed]
        order.id += "-2"
        order.version = 1
        order.outcome = nil
        order.isAgain = true
        order.window_s = window_s
        crews[vehicle].spare = crews[vehicle].spare - items
        let index = orders.count
        orders.append(order)
        publishOrder(index, at: now_s)
        addStop(for: index, to: vehicle, isNext: false)
        publishRoute(crews[vehicle].routes[0], at: now_s + handling_s())
    }

    /// An order whose stop still waits, drawn from all of them; nil where there is none.
    private mutating func drawWaitingOrder() -> Int? {
        let open = orders.indices.filter { order in
            guard orders[order].outcome == nil, !orders[order].isEmergency, let stop = orders[order].stop else {
                return false
            }
            return stops[stop].status == .waiting
        }
        return open.isEmpty ? nil : open[random.integer(0...(open.count - 1))]
    }

    mutating func cancelOne() {
        guard let order = drawWaitingOrder() else { return }
        cancel(order, reason: Self.cancellations[random.integer(0...2)])
    }

    private mutating func cancel(_ order: Int, reason: String) {
        orders[order].outcome = .cancelled
        orders[order].version += 1
        publishOrder(order, at: now_s, reason: reason)
        noteOutcome(order, at: now_s, reason: reason)
        guard let stop = orders[order].stop else { return }
        stops[stop].status = .removed
        let route = stops[stop].route
        routes[route].stops.removeAll { $0 == stop }
        let vehicle = routes[route].vehicle
        // Before loading, its bottles are left at the depot; later they are spare ones.
        if crews[vehicle].routes.first == route, crews[vehicle].phase == .underway {
            crews[vehicle].spare = crews[vehicle].spare + orders[order].items
        } else if crews[vehicle].routes.first == route, crews[vehicle].phase == .loading,
            !crews[vehicle].onBoard.isEmpty
        {
            crews[vehicle].spare = crews[vehicle].spare + orders[order].items
        }
        publishRoute(route, at: now_s + handling_s())
    }

    mutating func changeOneWindow() {
        guard let order = drawWaitingOrder(), let stop = orders[order].stop else { return }
        let planned_s = stops[stop].plannedArrival_s
        let quarter_s = setting.dispatch.window_s / 4
        let from_s = max(now_s, planned_s + quarter_s * random.uniform(-2...1))
        orders[order].window_s = from_s...(from_s + setting.dispatch.window_s / 2)
        orders[order].version += 1
        publishOrder(order, at: now_s)
    }
}
