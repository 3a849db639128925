extension DayPlay {
    /// How much of the lead time orders, and then routes, take to be published.
    private static let ordersShare = 0.3
    private static let routesShare = 0.35
    /// When shifts begin, as a share of the lead time before the departure.
    private static let shiftShare = 0.45
    /// What parking, and getting back into the vehicle, take at a stop beside the service.
    private static let handling_s = 50.0
    /// Between two tours of a vehicle.
    private static let turnaround_s = 1_200.0

    /// The evening before and the early morning: orders come in, tours are planned, and everything is published.
    mutating func planDay() {
        var draws = RandomSource(seed: setting.scenario.seed, purpose: .orders, number: UInt64(setting.day))
        let customers = setting.book.draw(setting.dispatch.orders, random: &draws)
        for (index, customer) in customers.enumerated() {
            orders.append(draftOrder(number: index + 1, customer: customer, random: &draws))
        }
        planTours()
        for route in routes.indices { addBreak(to: route, random: &draws) }
        for vehicle in crews.indices { scheduleDay(of: vehicle, random: &draws) }
        for order in orders.indices { promiseWindow(order, random: &draws) }
        publishPlan()
        let from_s = routes.map(\.plannedStart_s).min() ?? now_s
        let to_s = routes.map(\.plannedEnd_s).max() ?? now_s
        drawConditions(from_s: from_s, to_s: to_s, random: &draws)
        drawWork(from_s: from_s, to_s: to_s)
    }

    func draftOrder(number: Int, customer: Int, random: inout RandomSource) -> SimulatedOrder {
        let who = setting.book.customers[customer]
        var items = Self.wish(of: who, random: &random)
        var returns = items
        let isPickup = random.chance(setting.dispatch.pickupShare)
        let keepsOne = random.chance(0.1)
        if let kind = GasProduct.allCases.first(where: { items[$0] > 0 }), keepsOne, !isPickup { returns[kind] -= 1 }
        if isPickup { items = GasBottles() }
        let paysCash = random.chance(setting.dispatch.codShare)
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        return SimulatedOrder(
            id: "O-\(prefix)-\(padded)", customer: customer, isPickup: isPickup,
            isHighPriority: random.chance(0.04), statesPlace: random.chance(0.7), items: items, returns: returns,
            cod_twd: paysCash ? items.price_twd : 0,
            plannedService_s: plannedService_s(who, bottles: max(items.total, returns.total)))
    }

    private static func wish(of customer: SimulatedCustomer, random: inout RandomSource) -> GasBottles {
        let draw = random.unit()
        let more = random.integer(0...2)
        if customer.isRestaurant {
            return draw < 0.5 ? GasBottles(.lpg50, 1 + more / 2) : GasBottles(.lpg20, 2 + more)
        }
        return draw < 0.7 ? GasBottles(.lpg20, 1) : draw < 0.9 ? GasBottles(.lpg16, 1) : GasBottles(.lpg20, 2)
    }

    /// What dispatch reckons with: by kind and number of bottles.
    func plannedService_s(_ customer: SimulatedCustomer, bottles: Int) -> Double {
        let bottles = Double(bottles)
        return setting.dispatch.serviceFactor * (customer.isRestaurant ? 220 + 55 * bottles : 140 + 40 * bottles)
    }

    /// What a vehicle can be given in orders, and the bottles that it has with it for what nobody ordered yet.
    static func load(of vehicleClass: VehicleClass) -> (gasMax_kg: Int, bottlesMax: Int, spare: GasBottles) {
        let spare: GasBottles =
            switch vehicleClass {
            case .gasTruck: GasBottles(.lpg20, 3) + GasBottles(.lpg16, 1)
            case .van: GasBottles(.lpg20, 1)
            case .scooter: GasBottles()
            }
        return (
            vehicleClass.capacity_kg - spare.gas_kg, vehicleClass.capacity_bottles - spare.total, spare
        )
    }

    /// Each order is of the nearest depot that has vehicles.
    private mutating func planTours() {
        var depots: [Place] = []
        for crew in crews where !depots.contains(crew.identity.depot) { depots.append(crew.identity.depot) }
        var demands = [[Int]](repeating: [], count: depots.count)
        for index in orders.indices {
            let position = customer(of: orders[index]).place.position
            let distances = depots.map { $0.position.distance_m(to: position) }
            guard let nearest = distances.indices.min(by: { distances[$0] < distances[$1] }) else { continue }
            demands[nearest].append(index)
        }
        for (index, depot) in depots.enumerated() {
            let carriers = crews.indices.filter { crews[$0].identity.depot == depot }.map { vehicle in
                let load = Self.load(of: crews[vehicle].identity.vehicleClass)
                return RoutePlanner.Carrier(
                    vehicle: vehicle, gasMax_kg: load.gasMax_kg, bottlesMax: load.bottlesMax)
            }
            let list = demands[index].map { demand($0, limit_kg: carriers.map(\.gasMax_kg).max() ?? 20) }
            for tour in RoutePlanner(depot: depot.position).tours(list, carriers: carriers) { addRoute(tour) }
        }
    }

    /// An order as the planner sees it; one that is too much for every vehicle of its depot becomes a small one.
    private mutating func demand(_ order: Int, limit_kg: Int) -> RoutePlanner.Demand {
        if max(orders[order].items.gas_kg, orders[order].returns.gas_kg) > limit_kg {
            let one = GasBottles(.lpg20, 1)
            orders[order].returns = one
            if !orders[order].isPickup {
                orders[order].items = one
                orders[order].cod_twd = orders[order].cod_twd > 0 ? one.price_twd : 0
            }
        }
        let items = orders[order].items
        return RoutePlanner.Demand(
            order: order, position: customer(of: orders[order]).place.position, gas_kg: items.gas_kg,
            bottles: max(items.total, orders[order].returns.total))
    }

    private mutating func addRoute(_ tour: RoutePlanner.Tour) {
        let number = routes.count + 1
        let spare = Self.load(of: crews[tour.vehicle].identity.vehicleClass).spare
        var route = SimulatedRoute(
            id: "R-\(prefix)-\(number < 10 ? "0" : "")\(number)", vehicle: tour.vehicle, spare: spare)
        for order in tour.orders {
            orders[order].stop = stops.count
            route.stops.append(stops.count)
            stops.append(
                SimulatedStop(
                    id: "S" + orders[order].id.dropFirst(), order: order, route: routes.count,
                    plannedService_s: orders[order].plannedService_s))
        }
        crews[tour.vehicle].routes.append(routes.count)
        routes.append(route)
    }

    /// A rest in the middle of a tour that is long enough for one.
    private mutating func addBreak(to route: Int, random: inout RandomSource) {
        let hasBreak = random.chance(setting.dispatch.breakShare)
        guard hasBreak, routes[route].stops.count >= 6 else { return }
        routes[route].stops.insert(stops.count, at: routes[route].stops.count / 2)
        stops.append(
            SimulatedStop(
                id: "B" + routes[route].id.dropFirst(), order: nil, route: route,
                plannedService_s: setting.dispatch.break_s))
    }

    /// Planned times of a vehicle's tours, and when its driver comes.
    private mutating func scheduleDay(of vehicle: Int, random: inout RandomSource) {
        let dispatch = setting.dispatch
        var start_s = setting.dayStart_s + dispatch.lead_s + random.uniform(0...dispatch.departureSpread_s)
        let lateness = random.unit()
        for (index, route) in crews[vehicle].routes.enumerated() {
            routes[route].plannedStart_s = start_s
            let place = crews[vehicle].identity.depot
            routes[route].plannedEnd_s = reckon(routes[route].stops, from: place, at: start_s, vehicle: vehicle)
            if index == 0 {
                schedule(.beginShift, of: vehicle, at: start_s - dispatch.lead_s * (Self.shiftShare - 0.1 * lateness))
            }
            start_s = routes[route].plannedEnd_s + Self.turnaround_s * dispatch.serviceFactor
        }
    }

    /// Works out the planned arrivals of some stops in this order, as dispatch would, and gives the time of the return.
    mutating func reckon(_ list: [Int], from place: Place, at start_s: Double, vehicle: Int) -> Double {
        let depot = crews[vehicle].identity.depot
        var time_s = start_s
        var here = place
        for stop in list {
            if let order = stops[stop].order {
                let next = customer(of: orders[order]).place
                time_s += expectedDrive_s(from: here, to: next, at: time_s, vehicle: vehicle)
                here = next
            }
            stops[stop].plannedArrival_s = time_s
            time_s += stops[stop].plannedService_s + Self.handling_s * setting.dispatch.serviceFactor
        }
        return time_s + expectedDrive_s(from: here, to: depot, at: time_s, vehicle: vehicle)
    }

    private func expectedDrive_s(from origin: Place, to destination: Place, at time_s: Double, vehicle: Int) -> Double {
        guard origin.position != destination.position else { return 20 }
        var usual = RandomSource(seed: 0, purpose: .vehicle)
        let style = DriverStyle(vehicleClass: crews[vehicle].identity.vehicleClass, random: &usual)
        let path = setting.world.path(from: origin, to: destination)
        let plan = DrivePlan(
            path: path, start_s: time_s, style: style, lights: setting.world.network.lights,
            paces: traffic.expectedPaces(of: path, from: time_s))
        return plan.end_s - time_s
    }

    /// Customers are promised a window around the planned arrival: one that begins at a whole hour (where windows are as long
    /// as that, else at a whole minute), or half as long, at a quarter.
    private mutating func promiseWindow(_ order: Int, random: inout RandomSource) {
        let hasWindow = random.chance(setting.dispatch.windowShare)
        let isNarrow = random.chance(0.3)
        let share = random.unit()
        guard hasWindow, let stop = orders[order].stop else { return }
        let isCoarse = setting.dispatch.window_s >= 3_600
        let grid_ms: Int64 = isCoarse ? (isNarrow ? 900_000 : 3_600_000) : 60_000
        let length_s = setting.dispatch.window_s * (isNarrow ? 0.5 : 1)
        let from_ms = time_ms(stops[stop].plannedArrival_s - length_s * 0.42 * share) / grid_ms * grid_ms
        let from_s = Double(from_ms - setting.start_ms) / 1_000
        orders[order].window_s = from_s...(from_s + length_s)
    }

    private mutating func publishPlan() {
        let lead_s = setting.dispatch.lead_s
        for order in orders.indices {
            let share = Double(order) / Double(orders.count)
            publishOrder(order, at: setting.dayStart_s + 1 + lead_s * Self.ordersShare * share)
        }
        for route in routes.indices {
            let share = Double(route) / Double(routes.count)
            publishRoute(route, at: setting.dayStart_s + 1 + lead_s * (Self.routesShare + 0.1 * share))
        }
    }
}
