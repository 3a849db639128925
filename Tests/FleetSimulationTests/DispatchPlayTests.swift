import FleetSimulation
import Foundation
import Testing

/// What must hold of a day whatever is drawn.
@Suite struct DispatchPlayTests {
    private func lines(_ messages: [SimulatedMessage]) -> [UInt8] {
        var bytes: [UInt8] = []
        for message in messages { MessageLine.append(message, qos: 1, to: &bytes) }
        return bytes
    }

    @Test(arguments: [1, 7] as [UInt64])
    func `the same seed gives the same bytes and the same truth, another seed another day`(seed: UInt64) throws {
        let first = try PlayedDay(.distributor(seed: seed), vehicles: 5)
        let second = try PlayedDay(.distributor(seed: seed), vehicles: 5)
        #expect(lines(first.messages) == lines(second.messages), "seed \(seed)")
        #expect(first.truthBytes == second.truthBytes, "seed \(seed)")
        let other = try PlayedDay(.distributor(seed: seed + 1), vehicles: 5)
        #expect(first.truthBytes != other.truthBytes)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `every order ends in exactly one outcome, and is visited once unless it was cancelled`(seed: UInt64) throws {
        let day = try PlayedDay(.distributor(seed: seed), vehicles: 5)
        let published = Set(try day.all(.order).compactMap(\.payload["id"]))
        #expect(published.count >= 43, "seed \(seed)")
        let ended = day.truth("order").compactMap { $0["order"] }
        #expect(ended.sorted() == published.sorted(), "seed \(seed)")
        let cancelled = Set(day.truth("order").filter { $0["outcome"] == "cancelled" }.compactMap { $0["order"] })
        let visited = day.truth("visit").compactMap { $0["order"] }
        #expect(visited.sorted() == published.subtracting(cancelled).sorted(), "seed \(seed)")
        let told = try day.all(.order).filter { $0.payload["status"] == "cancelled" }.compactMap(\.payload["id"])
        #expect(told.sorted() == cancelled.sorted(), "seed \(seed)")
        for visit in day.truth("visit") {
            let times = ["arrival", "service_start", "service_end", "departure"].compactMap { visit.time_ms($0) }
            #expect(times.count == 4 && times == times.sorted(), "seed \(seed)")
        }
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `the last route and order of each agree with what was driven`(seed: UInt64) throws {
        let day = try PlayedDay(.distributor(seed: seed), vehicles: 5)
        var lastRoute: [String: TestObject] = [:]
        for (_, payload) in try day.all(.route) {
            let id = try #require(payload["id"])
            let version = try #require(payload.whole("version"))
            #expect(version > lastRoute[id]?.whole("version") ?? 0)
            lastRoute[id] = payload
        }
        for visit in day.truth("visit") {
            let id = try #require(visit["route"])
            let route = try #require(lastRoute[id])
            #expect(route["vehicle"] == visit["vehicle"])
            let stop = try #require(route.list("stops")?.first { $0["stop"] == visit["stop"] }, "seed \(seed)")
            #expect(stop["order"] == visit["order"])
        }
        let stops = lastRoute.values.flatMap { $0.list("stops") ?? [] }.compactMap { $0["stop"] }
        #expect(Set(stops).count == stops.count, "seed \(seed): a stop in two routes")
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `no vehicle carries more than it can, nor delivers what it has not`(seed: UInt64) throws {
        let day = try PlayedDay(.distributor(seed: seed, orders: 60), vehicles: 5)
        let kilograms = ["LPG-20": 20, "LPG-16": 16, "LPG-50": 50]
        var loads = 0
        for vehicle in day.simulator.vehicles {
            let actions = try day.all(.driverAction).filter { $0.message.topicText.contains("/\(vehicle.id)/") }
                .map(\.payload).sorted { ($0.time_ms("time") ?? 0) < ($1.time_ms("time") ?? 0) }
            var onBoard: [String: Int] = [:]
            for action in actions {
                if action["action"] == "loaded" {
                    loads += 1
                    onBoard = action.quantities("items")
                    let load_kg = onBoard.reduce(0) { $0 + (kilograms[$1.key] ?? 10_000) * $1.value }
                    #expect(load_kg <= vehicle.vehicleClass.capacity_kg, "seed \(seed): \(vehicle.id)")
                    #expect(onBoard.values.reduce(0, +) <= vehicle.vehicleClass.capacity_bottles)
                }
                guard action["action"] == "delivered" || action["action"] == "partially_delivered" else { continue }
                for (product, quantity) in action.quantities("items") {
                    onBoard[product, default: 0] -= quantity
                    #expect(onBoard[product, default: 0] >= 0, "seed \(seed): \(vehicle.id) has no \(product) left")
                }
            }
        }
        #expect(loads > 4)
    }

    @Test(arguments: [1, 2] as [UInt64])
    func `vehicles are where the truth has them, and on the roads between`(seed: UInt64) throws {
        let scenario = Scenario.distributor(seed: seed)
        let day = try PlayedDay(scenario, vehicles: 4)
        let world = try FleetWorld.make(scenario)
        let run = SimulatedVehicle.RunSettings(scenario: scenario, start_ms: scenario.start_ms)
        // Before anything is advanced: its vehicles know the day, and have not begun it.
        let fresh = FleetSimulator(world: world, run: run, vehicleCount: 4)
        var compared = 0
        for vehicle in fresh.vehicles {
            var journey = vehicle.journey
            let visits = day.truth("visit").filter { $0["vehicle"] == vehicle.id }
                .sorted { ($0.time_ms("arrival") ?? 0) < ($1.time_ms("arrival") ?? 0) }
            for visit in visits {
                let arrival_ms = try #require(visit.time_ms("arrival"))
                let departure_ms = try #require(visit.time_ms("departure"))
                let latitude_deg = try #require(visit.number("lat"))
                let longitude_deg = try #require(visit.number("lon"))
                let place = world.plane.point(latitude_deg: latitude_deg, longitude_deg: longitude_deg)
                for time_ms in [arrival_ms - 30_000, arrival_ms + 2, departure_ms - 2] {
                    let state = journey.advance(to: Double(time_ms - scenario.start_ms) / 1_000)
                    #expect(distanceToRoads_m(state.position, world) < 0.05, "seed \(seed): \(vehicle.id)")
                    guard time_ms != arrival_ms - 30_000 else { continue }
                    compared += 1
                    #expect(state.position.distance_m(to: place) < 0.1, "seed \(seed): \(vehicle.id) at \(time_ms)")
                    #expect(state.activity == .serving && state.speed_mps == 0)
                }
            }
        }
        #expect(compared > 60)
    }

    @Test func `counts are those of the scenario, also after a change of the size`() throws {
        var scenario = Scenario.distributor(seed: 3, orders: 50)
        scenario.dispatch?.faults = Scenario.DispatchFaults()
        scenario.dispatch?.resize(orders: 25)
        let day = try PlayedDay(scenario, vehicles: 4)
        let orders = try day.all(.order)
        let first = orders.filter { $0.payload.whole("version") == 1 }
        #expect(first.count { $0.payload["priority"] != "emergency" } == 25)
        #expect(first.count { $0.payload["priority"] == "emergency" } == 2)
        #expect(orders.count { $0.payload["status"] == "cancelled" } == 2)
        #expect(try day.all(.condition).count == 2)
        #expect(day.messages.count { $0.kind == .condition && $0.payload.isEmpty } == 2)
        #expect(day.truth("shift").count == 4)
        #expect(day.truth("visit").allSatisfy { $0["outcome"] == "delivered" })
        #expect(day.truth("shift").allSatisfy { $0.whole("cash_collected_twd") == $0.whole("cash_reported_twd") })
        #expect(try day.all(.masterData).count { $0.message.topicText.contains("/customers/") } == 90)
        #expect(try day.all(.masterData).count { $0.message.topicText.contains("/drivers/") } == 4)
    }

    @Test func `days follow one another with new ids, and customers keep their habits`() throws {
        var scenario = Scenario.distributor(seed: 5, orders: 30)
        scenario.dispatch?.faults = Scenario.DispatchFaults()
        scenario.dispatch?.period_s = 20_000
        let days = try PlayedDay(scenario, vehicles: 3, days: 4)
        let visits = days.truth("visit")
        #expect(Set(visits.compactMap { $0.whole("day") }) == [0, 1, 2, 3])
        let orders = visits.compactMap { $0["order"] }
        #expect(Set(orders).count == orders.count)
        // Service at a customer varies less from day to day than between customers.
        var byCustomer: [String: [Double]] = [:]
        for visit in visits {
            let from = try #require(visit.time_ms("service_start"))
            let to = try #require(visit.time_ms("service_end"))
            let customer = try #require(visit["customer"])
            byCustomer[customer, default: []].append(log(Double(to - from)))
        }
        func variance(_ values: [Double]) -> Double {
            let mean = values.reduce(0, +) / Double(values.count)
            return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
        }
        let repeated = byCustomer.values.filter { $0.count >= 2 }
        #expect(repeated.count > 15)
        let within = repeated.map(variance).reduce(0, +) / Double(repeated.count)
        #expect(within < 0.75 * variance(byCustomer.values.flatMap { $0 }), "\(within)")
        // A vehicle is at its depot when the next day's first action comes.
        for vehicle in days.simulator.vehicles {
            let returns = days.truth("depot").filter { $0["vehicle"] == vehicle.id && $0["event"] == "returned" }
            #expect(returns.count >= 4)
        }
    }

    @Test func `a run that is broken off sends nothing of what was still to come`() throws {
        let scenario = Scenario.distributor(seed: 2)
        let whole = try PlayedDay(scenario, vehicles: 3)
        let part = try simulate(scenario, vehicles: 3, duration_s: 2_400)
        let end_us = scenario.start_ms * 1_000 + 2_400_000_000
        let played: (SimulatedMessage) -> Bool = { $0.kind == .driverAction || $0.kind == .route || $0.kind == .order }
        #expect(
            lines(part.messages.filter(played))
                == lines(whole.messages.filter { played($0) && $0.time_us < end_us }))
        #expect(part.messages.contains(where: played))
    }
}
