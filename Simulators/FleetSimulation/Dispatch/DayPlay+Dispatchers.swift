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
    private mutating func handling_s() -> Double { random.uniform(1...8) }

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
        order.window_s = now_s...(now_s + 5_400)
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
    private func isUnderway(_ crew: Int) -> Bool { crews[crew].phase == .underway && !crews[crew].routes.isEmpty }

    private func waitingStops(of crew: Int) -> [Int] {
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
    private mutating func replan(_ crew: Int) {
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
        let shift_s = random.uniform(-1_800...3_600) * setting.dispatch.serviceFactor
        let from_s = max(now_s, planned_s - 1_800 + shift_s)
        orders[order].window_s = from_s...(from_s + 3_600)
        orders[order].version += 1
        publishOrder(order, at: now_s)
    }

    // MARK: Routes

    /// One stop of a vehicle is served before the others.
    mutating func resequenceOne() {
        let able = crews.indices.filter { isUnderway($0) && waitingStops(of: $0).count >= 3 }
        guard !able.isEmpty else { return }
        let crew = able[random.integer(0...(able.count - 1))]
        let waiting = waitingStops(of: crew)
        let chosen = waiting[random.integer(1...(waiting.count - 1))]
        let route = crews[crew].routes[0]
        routes[route].stops.removeAll { $0 == chosen }
        let first = routes[route].stops.firstIndex { stops[$0].status == .waiting } ?? routes[route].stops.count
        routes[route].stops.insert(chosen, at: first)
        replan(crew)
        publishRoute(route, at: now_s)
    }

    /// A stop goes from one vehicle to the nearest that has the bottles to spare.
    mutating func moveOne() {
        var choices: [(stop: Int, order: Int, from: Int, to: Int)] = []
        for from in crews.indices where isUnderway(from) && waitingStops(of: from).count >= 2 {
            for stop in waitingStops(of: from) {
                guard let order = stops[stop].order, !orders[order].isPickup,
                    let to = nearestCrew(for: order, but: from)
                else { continue }
                choices.append((stop, order, from, to))
            }
        }
        guard !choices.isEmpty else { return }
        let choice = choices[random.integer(0...(choices.count - 1))]
        let items = orders[choice.order].items
        let old = crews[choice.from].routes[0]
        let new = crews[choice.to].routes[0]
        routes[old].stops.removeAll { $0 == choice.stop }
        routes[new].stops.insert(choice.stop, at: bestIndex(for: choice.stop, in: choice.to))
        stops[choice.stop].route = new
        crews[choice.from].spare = crews[choice.from].spare + items
        crews[choice.to].spare = crews[choice.to].spare - items
        replan(choice.from)
        replan(choice.to)
        // Sometimes the one route is told first, sometimes the other.
        let takesFirst = random.chance(0.5)
        publishRoute(takesFirst ? old : new, at: now_s)
        publishRoute(takesFirst ? new : old, at: now_s + handling_s())
    }

    /// The vehicle under way with the bottles that is nearest to an order's place; the first of equals.
    private func nearestCrew(for order: Int, but other: Int? = nil) -> Int? {
        let place = customer(of: orders[order]).place.position
        var best: (crew: Int, distance_m: Double)?
        for crew in crews.indices
        where crew != other && isUnderway(crew) && crews[crew].spare.holds(orders[order].items) {
            let distance_m = position(of: crew, at: now_s).distance_m(to: place)
            if best.map({ distance_m < $0.distance_m }) ?? true { best = (crew, distance_m) }
        }
        return best?.crew
    }

    /// Where among the waiting stops of a vehicle another one costs the least way, in straight lines.
    private func bestIndex(for stop: Int, in crew: Int) -> Int {
        let list = routes[crews[crew].routes[0]].stops
        guard let order = stops[stop].order else { return list.count }
        let place = customer(of: orders[order]).place.position
        let depot = crews[crew].identity.depot.position
        var before = crews[crew].here.position
        var best = (index: list.count, added_m: Double.infinity)
        for index in 0...list.count {
            let isEnd = index == list.count
            guard isEnd || stops[list[index]].status == .waiting else { continue }
            let next =
                isEnd ? depot : stops[list[index]].order.map { customer(of: orders[$0]).place.position } ?? before
            let added_m = before.distance_m(to: place) + place.distance_m(to: next) - before.distance_m(to: next)
            if added_m < best.added_m { best = (index, added_m) }
            before = next
        }
        return best.index
    }

    // MARK: Commands

    private mutating func nextCommandID() -> String {
        commandCount += 1
        return "C-\(prefix)-\(commandCount)"
    }

    mutating func requestFromVehicle(_ number: Int) {
        let vehicle = random.integer(0...(crews.count - 1))
        let command = ["position", "position", "interval", "lock", "unlock"][number % 5]
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, command, reason: "asked_by_dispatcher", requestedBy: "dispatch-1", expires_s: 300)
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(1...4))
    }

    /// The first vehicles that are parked have their immobilisers tested; one under way is a mistake that must not be obeyed.
    mutating func immobilise(_ vehicle: Int, isParked: Bool) {
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, "immobilise", reason: isParked ? "monthly_test" : "reported_stolen",
            requestedBy: "duty-manager", expires_s: isParked ? 600 : 60)
        guard isParked else { return }
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(14...25))
        schedule(.release(vehicle: vehicle), at: now_s + 240)
    }

    mutating func release(_ vehicle: Int) {
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, "release", reason: "monthly_test", requestedBy: "duty-manager", expires_s: 600)
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(1...4))
    }

    mutating func testImmobiliser(of vehicle: Int) {
        let work = setting.dispatch.work
        guard parkedTests < (work.immobilisations + 1) / 2 else { return }
        parkedTests += 1
        schedule(.immobilise(vehicle: vehicle, isParked: true), at: now_s + 90)
    }
}
