import Testing
import Wire

@testable import FleetCore

/// Orders that cannot wait, and who could go.
@Suite struct `Emergencies` {
    /// V1 may carry dangerous goods and has room; V2 is nearer and full; V3 has no permit; V4's driver has no licence for them;
    /// V5's driver has a minute left.
    private func world() -> World {
        var world = World()
        let permit = "\"hazmat_permit\":{\"until\":\(milliseconds(90_000))}"
        let vehicles = [
            ("V1", "\"capacity\":10,\(permit)"), ("V2", "\"capacity\":2,\(permit)"), ("V3", "\"capacity\":10"),
            ("V4", "\"capacity\":10,\(permit)"), ("V5", "\"capacity\":10,\(permit)"),
            ("V6", "\"capacity\":10,\(permit)"),
        ]
        for (vehicle, members) in vehicles { world.send("dispatch/vehicles/\(vehicle)", "{\(members)}", received: 0) }
        let licence = "\"licence\":{\"class\":\"C\",\"hazmat\":true}"
        for (driver, members) in [
            ("D-V1", licence), ("D-V2", licence), ("D-V3", licence), ("D-V4", "\"licence\":{\"class\":\"C\"}"),
            ("D-V5", "\(licence),\"remaining_driving_s\":60,\"updated\":\(milliseconds(0))"), ("D-V6", licence),
        ] { world.send("dispatch/drivers/\(driver)", "{\(members)}") }
        for number in 1...6 {
            world.order("O\(number)", at: 9000, received: 1)
            world.send(
                "dispatch/routes/R\(number)",
                "{\"vehicle\":\"V\(number)\",\"driver\":\"D-V\(number)\",\"stops\":[{\"order\":\"O\(number)\"}]}")
        }
        for (number, metres) in [(1, 3000.0), (2, 500), (3, 600), (4, 700), (5, 1500), (6, 5000)] {
            world.report("V\(number)", at: 60, north(metres), centre.lon, accuracy: 5)
        }
        _ = world.takeOutcomes()
        return world
    }

    private let emergency = "\"priority\":\"emergency\",\"hazmat\":true,\"version\":1"

    private func vehicles(_ json: JSONNode) -> [String] {
        (json["candidates"]?.array ?? []).compactMap { $0["vehicle"]?.string }
    }

    @Test func `the suitable vehicles are proposed at once, the first to arrive first`() throws {
        var world = world()
        let order =
            "{\"place\":{\"lat\":\(north(0)),\"lon\":\(centre.lon)},\"items\":[{\"product\":\"LPG-20\",\"quantity\":2}],\(emergency)}"
        world.send("dispatch/orders/E1", order, received: 70, response: "apps/desk", correlation: [7, 0])
        let told = world.takeOutcomes()
        let event = try #require(told.first { $0.kind == .event && $0.topic.hasSuffix("vehicles_proposed") })
        #expect(vehicles(Event(event).data) == ["V1", "V6"])
        let first = Event(event).data["candidates"]?.array?.first
        #expect(first?["free_capacity"]?.number == 8 && first?["driver"]?.string == "D-V1")
        // There and back: six kilometres further to its own stop.
        #expect(first?["added_delay_s"]?.number ?? 0 > 300)
        let answer = try #require(told.first { $0.kind == .answer })
        #expect(answer.topic == "apps/desk" && answer.correlation == [7, 0])
        #expect(vehicles(answer.json) == ["V1", "V6"])
        // The same again, and a later version that is still an emergency, ask nobody.
        world.send("dispatch/orders/E1", order, response: "apps/desk")
        world.send("dispatch/orders/E1", order.replacing("\"version\":1", with: "\"version\":2"))
        #expect(world.takeEvents("dispatch.").isEmpty)
        // One that becomes an emergency does.
        world.order("O9", at: 0, "\"version\":1")
        world.order("O9", at: 0, "\"version\":2,\"priority\":\"emergency\"")
        #expect(world.takeEvents("dispatch.").count == 1)
    }

    @Test func `the query finds the same, and hostile ones are refused`() {
        var world = world()
        let place = "\"lat\":\(north(0)),\"lon\":\(centre.lon)"
        world.query("q1", "{\"suitable\":{\(place),\"quantity\":2,\"hazmat\":true}}", received: 70)
        #expect(world.takeAnswers().map { vehicles($0.json) } == [["V1", "V6"]])
        world.query("q2", "{\"suitable\":{\(place),\"k\":2}}")
        #expect(world.takeAnswers().map { vehicles($0.json) } == [["V2", "V3"]])
        world.query("q3", "{\"suitable\":{\(place),\"quantity\":11}}")
        #expect(world.takeAnswers().map { vehicles($0.json) } == [[]])
        for hostile in [
            "{}", "{\"lat\":91,\"lon\":0}", "{\(place),\"k\":0}", "{\(place),\"k\":1e9}", "{\(place),\"quantity\":-1}",
            "{\(place),\"quantity\":1e300}", "{\(place),\"fast\":1}", "[]", "7",
        ] {
            world.query("q4", "{\"suitable\":\(hostile)}")
            let answers = world.takeAnswers()
            #expect(answers.count == 1 && answers.first?.json["error"] != nil, "\(hostile)")
        }
        // Positions of a quarter of an hour ago say too little.
        world.query("q5", "{\"suitable\":{\(place)}}", received: 1000)
        #expect(world.takeAnswers().map { vehicles($0.json) } == [[]])
    }
}
