import Testing
import Wire

@testable import FleetCore

/// What dispatch changes while vehicles drive.
@Suite struct `Changes of dispatch` {
    /// Two vehicles on the road: V1 with O1 to O3, V2 with O4.
    private func driving() -> (World, Double) {
        var world = World()
        for number in 1...4 { world.order("O\(number)", at: Double(number) * 2000, received: 0) }
        world.route("R1", "V1", ["O1", "O2", "O3"], "\"version\":1", received: 1)
        world.route("R2", "V2", ["O4"], "\"version\":1", received: 1)
        var now = 0.0
        for vehicle in ["V1", "V2"] {
            now = world.stand(vehicle, at: 0, from: 20, for: 60)
            now = world.drive(vehicle, from: (now, 0), to: 600)
        }
        _ = world.takeOutcomes()
        return (world, now)
    }

    private func lines(_ world: inout World) -> [String] {
        dispatchLines(world.takeOutcomes(), all: true).filter { !$0.hasPrefix("delivery.approaching") }
    }

    /// The stops that get forecasts with the next fix, from their retained states.
    private func expected(_ world: inout World, _ vehicle: String, at seconds: Double) -> [String] {
        world.report(vehicle, at: seconds, north(700), centre.lon, accuracy: 5, more: ",\"speed_kmh\":36")
        world.tick(seconds + 300)
        var states: [String: JSONNode] = [:]
        for state in world.takeStates() { if let stop = state["stop"]?.string { states[stop] = state } }
        let coming = states.values.filter { $0["eta"] != nil && $0["vehicle"]?.string == vehicle }
        return coming.sorted { $0["eta"]?["p50"]?.string ?? "" < $1["eta"]?["p50"]?.string ?? "" }
            .compactMap { $0["stop"]?.string }
    }

    @Test func `an order is cancelled, and opened again`() {
        var (world, now) = driving()
        world.order("O1", at: 2000, "\"status\":\"cancelled\",\"reason\":\"moved away\"", received: now)
        #expect(lines(&world) == ["delivery.cancelled O1 moved away @\(Int(now))"])
        #expect(expected(&world, "V1", at: now + 10) == ["O2", "O3"])
        world.order("O1", at: 2000, received: now + 400)
        #expect(lines(&world).contains("delivery.assigned O1 @\(Int(now) + 400)"))
    }

    @Test func `a route is put in another order`() {
        var (world, now) = driving()
        world.route("R1", "V1", ["O3", "O1", "O2"], "\"version\":2", received: now)
        #expect(lines(&world) == [])
        #expect(expected(&world, "V1", at: now + 10) == ["O3", "O1", "O2"])
    }

    @Test(arguments: [true, false]) func `a stop moves to another vehicle, whichever route comes first`(
        _ isTakenFirst: Bool
    ) {
        var (world, now) = driving()
        let routes: [(String, String, [String])] = [("R1", "V1", ["O1", "O2"]), ("R2", "V2", ["O3", "O4"])]
        for (route, vehicle, orders) in isTakenFirst ? routes : routes.reversed() {
            world.route(route, vehicle, orders, "\"version\":2", received: now)
        }
        let told = lines(&world)
        let why = isTakenFirst ? "off_route" : "reassigned"
        // The second vehicle is on the road already.
        #expect(
            told == [
                "delivery.unassigned O3 \(why) @140", "delivery.assigned O3 @140", "delivery.en_route O3 @140",
            ])
        #expect(expected(&world, "V1", at: now + 10) == ["O1", "O2"])
        #expect(expected(&world, "V2", at: now + 320) == ["O3", "O4"])
    }

    @Test func `a route is split`() {
        var (world, now) = driving()
        world.route("R3", "V3", ["O2", "O3"], "\"version\":1", received: now)
        world.route("R1", "V1", ["O1"], "\"version\":2", received: now)
        #expect(
            lines(&world) == [
                "delivery.unassigned O2 reassigned @140", "delivery.assigned O2 @140",
                "delivery.unassigned O3 reassigned @140", "delivery.assigned O3 @140",
            ])
        #expect(expected(&world, "V1", at: now + 10) == ["O1"])
        #expect(expected(&world, "V3", at: now + 320) == ["O2", "O3"])
    }

    @Test func `another vehicle takes over a route`() {
        var (world, now) = driving()
        world.route("R1", "V2", ["O1", "O2", "O3"], "\"version\":2", received: now)
        let told = lines(&world)
        for order in ["O1", "O2", "O3"] {
            #expect(
                told.filter { $0.contains(" \(order) ") } == [
                    "delivery.unassigned \(order) reassigned @140", "delivery.assigned \(order) @140",
                    "delivery.en_route \(order) @140",
                ])
        }
        #expect(expected(&world, "V1", at: now + 10) == [])
        #expect(expected(&world, "V2", at: now + 320) == ["O1", "O2", "O3"])
    }

    @Test(arguments: ["", "cancelled"]) func `a route is deleted or cancelled`(_ status: String) {
        var (world, now) = driving()
        if status.isEmpty {
            world.send("dispatch/routes/R1", "", received: now)
        } else {
            world.route("R1", "V1", ["O1", "O2", "O3"], "\"version\":2,\"status\":\"cancelled\"", received: now)
        }
        #expect(lines(&world) == (1...3).map { "delivery.unassigned O\($0) off_route @\(Int(now))" })
        #expect(expected(&world, "V1", at: now + 10) == [])
    }

    @Test func `a window moves`() {
        var (world, now) = driving()
        world.order(
            "O1", at: 2000, "\"window\":{\"from\":\(milliseconds(0)),\"to\":\(milliseconds(150))}", received: now)
        #expect(lines(&world) == [])
        world.report("V1", at: now + 10, north(700), centre.lon, accuracy: 5, more: ",\"speed_kmh\":36")
        #expect(lines(&world).contains("delivery.at_risk O1 @\(Int(now) + 10)"))
        world.order(
            "O1", at: 2000, "\"window\":{\"from\":\(milliseconds(0)),\"to\":\(milliseconds(9000))}", received: now + 11)
        world.report("V1", at: now + 20, north(800), centre.lon, accuracy: 5, more: ",\"speed_kmh\":36")
        #expect(lines(&world).contains("delivery.at_risk_cleared O1 @\(Int(now) + 20)"))
    }
}

/// Records that come again, older, or not at all any more.
@Suite struct `Versions of records` {
    @Test(arguments: ["orders/O1", "routes/R1", "customers/C1", "vehicles/V1", "drivers/D1", "conditions/K1"])
    func `older ones never overwrite, the same changes nothing, and an empty payload deletes`(_ topic: String) {
        var world = World()
        func payload(_ version: String, _ extra: Int) -> String {
            switch topic.split(separator: "/")[0] {
            case "orders": "{\(version),\"place\":{\"lat\":25,\"lon\":121},\"service_s\":\(extra)}"
            case "routes": "{\(version),\"vehicle\":\"V\(extra)\",\"stops\":[]}"
            case "conditions": circle(100, "\(version),\"speed_factor\":0.\(extra)")
            case "vehicles": "{\(version),\"capacity\":\(extra)}"
            default: "{\(version),\"phone\":\"+88691234567\(extra)\"}"
            }
        }
        func stored() -> String {
            let desk = world.processor.desks.desks.first ?? nil
            let id = DispatchID(String(topic.split(separator: "/")[1]))
            let records = desk?.records
            let all = [
                records?.orders.payload(of: id), records?.routes.payload(of: id), records?.customers.payload(of: id),
                records?.vehicles.payload(of: id), records?.drivers.payload(of: id),
                records?.conditions.payload(of: id),
            ]
            return String(decoding: all.compactMap { $0 }.flatMap { $0 }, as: UTF8.self)
        }
        for (version, older) in [
            ("\"version\":5", "\"version\":4"), ("\"updated\":\(milliseconds(50))", "\"updated\":\(milliseconds(49))"),
        ] {
            let text = payload(version, 5)
            world.send("dispatch/\(topic)", text)
            for other in [text, payload(older, 4), payload(version, 3)] {
                world.send("dispatch/\(topic)", other)
                world.flush()
                #expect(stored() == text)
            }
            #expect(world.counters.staleRecords >= 3, "\(topic)")
            world.send("dispatch/\(topic)", "")
            world.flush()
            #expect(stored() == "")
        }
    }
}
