import Testing
import Wire

@testable import FleetCore

@Suite struct `Queries` {
    private func world(shards: Int = 3) -> World {
        var world = World(shards: shards)
        world.register("A", group: "gas-truck")
        world.report("A", at: 0, north(0), centre.lon, accuracy: 5, more: ",\"speed_kmh\":12,\"heading_deg\":90")
        world.report("B", at: 10, north(100), centre.lon)
        world.report("C", at: 20, north(200), centre.lon)
        world.sensors("S", at: 20, #""fuel_pct":3"#)
        world.status("C", "offline")
        world.flush()
        _ = world.takeOutcomes()
        return world
    }

    private func vehicles(_ world: inout World, _ query: String) -> [String]? {
        world.query("q", query)
        return world.takeAnswers().first?.json["vehicles"]?.array?.compactMap { $0["vehicle"]?.string }
    }
    private let here = "\"lat\":\(centre.lat),\"lon\":\(centre.lon)"

    @Test func `what an answer holds`() throws {
        var world = world()
        world.query("q 1", "{\"nearest\":{\(here),\"k\":2}}", received: 30)
        let answers = world.takeAnswers()
        #expect(answers.count == 1)
        let answer = try #require(answers.first)
        #expect(answer.topic == "fleets/acme/dispatch/queries/q 1/result")
        #expect(answer.correlation == [1, 0, 255])
        #expect(answer.recorded_ms == milliseconds(30))
        let json = answer.json
        #expect(json["query"]?.string == "q 1")
        #expect(Event.time(json["time"]) == milliseconds(30))
        #expect(json["count"]?.number == 2)
        #expect(json["truncated"]?.bool == false)
        let first = try #require(json["vehicles"]?.array?.first)
        #expect(first["vehicle"]?.string == "A")
        #expect(first["distance_m"]?.number == 0)
        #expect(first["online"]?.bool == true)
        #expect(first["group"]?.string == "gas-truck")
        #expect(first["speed_kmh"]?.number == 12 && first["heading_deg"]?.number == 90)
        #expect(Event.time(first["time"]) == epoch_ms)
        #expect(first["position"]?["accuracy_m"]?.number == 5)
        #expect(json["vehicles"]?.array?.last?["distance_m"]?.number == 100)
    }

    @Test func `every kind of area`() {
        var world = world()
        #expect(vehicles(&world, "{\"nearest\":{\(here)}}") == ["A", "B", "C"])
        #expect(vehicles(&world, "{\"nearest\":{\(here),\"max_distance_m\":100.1}}") == ["A", "B"])
        #expect(vehicles(&world, "{\"within\":{\(here),\"radius_m\":150}}") == ["A", "B"])
        #expect(vehicles(&world, "{\"within\":{\(here),\"radius_m\":0}}") == ["A"])
        let west = centre.lon - 0.1
        let east = centre.lon + 0.1
        #expect(
            vehicles(
                &world, "{\"box\":{\"south\":\(north(50)),\"north\":\(north(300)),\"west\":\(west),\"east\":\(east)}}")
                == ["B", "C"])
        #expect(
            vehicles(&world, "{\"box\":{\"south\":-90,\"north\":90,\"west\":\(east),\"east\":\(west)}}") == [])
        world.fence("f", circle(120))
        #expect(vehicles(&world, "{\"geofence\":\"f\"}") == ["A", "B"])
    }

    @Test func `every filter, alone and together`() {
        var world = world()
        world.tick(30)
        func filtered(_ filter: String) -> [String]? {
            vehicles(&world, "{\"nearest\":{\(here)},\"filter\":\(filter)}")
        }
        #expect(filtered("{}") == ["A", "B", "C"])
        #expect(filtered("null") == ["A", "B", "C"])
        #expect(filtered("{\"online\":true}") == ["A", "B"])
        #expect(filtered("{\"online\":false}") == ["C"])
        #expect(filtered("{\"group\":\"gas-truck\"}") == ["A"])
        #expect(filtered("{\"group\":\"\"}") == [])
        #expect(filtered("{\"max_age_s\":20}") == ["B", "C"])
        #expect(filtered("{\"max_age_s\":19.999}") == ["C"])
        #expect(filtered("{\"max_age_s\":20,\"online\":true}") == ["B"])
    }

    @Test func `a limit, and whether it cut something off`() {
        var world = world()
        world.query("q", "{\"within\":{\(here),\"radius_m\":500},\"limit\":2}")
        world.query("q", "{\"within\":{\(here),\"radius_m\":500},\"limit\":3}")
        world.query("q", "{\"nearest\":{\(here),\"k\":3},\"limit\":1}")
        let answers = world.takeAnswers().map(\.json)
        #expect(answers.map { $0["count"]?.number } == [2, 3, 1])
        #expect(answers.map { $0["truncated"]?.bool } == [true, false, false])
    }

    @Test func `a query stands in the order of the messages`() {
        var world = world()
        world.report("A", at: 40, north(10), centre.lon)
        world.query("before", "{\"within\":{\(here),\"radius_m\":15}}")
        world.report("A", at: 50, north(20), centre.lon)
        world.query("after", "{\"within\":{\(here),\"radius_m\":15}}")
        world.fence("new", circle(1000))
        world.query("fence", "{\"geofence\":\"new\"}")
        #expect(world.takeAnswers().map { $0.json["count"]?.number } == [1, 0, 3])
    }

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[]", "a query is a JSON object"), ("{}", "exactly one of"),
        ("{\"nearest\":{\"lat\":1}}", "lon is missing"), ("{\"nearest\":{\"lat\":91,\"lon\":0}}", "lat is a number"),
        ("{\"nearest\":{\"lat\":1,\"lon\":1e400}}", "not JSON"), ("{\"nearest\":{\"lat\":NaN,\"lon\":1}}", "not JSON"),
        ("{\"nearest\":{\"lat\":1,\"lon\":1,\"k\":0}}", "nearest.k"),
        ("{\"nearest\":{\"lat\":1,\"lon\":1,\"k\":1.5}}", "nearest.k"),
        ("{\"nearest\":{\"lat\":1,\"lon\":1,\"k\":10001}}", "nearest.k"), ("{\"nearest\":7}", "lat is missing"),
        ("{\"within\":{\"lat\":1,\"lon\":1,\"radius_m\":-1}}", "within.radius_m"),
        ("{\"within\":{\"lat\":1,\"lon\":1}}", "radius_m is missing"),
        ("{\"box\":{\"south\":2,\"west\":0,\"north\":1,\"east\":1}}", "box.north"),
        ("{\"box\":{\"south\":2,\"west\":0,\"north\":3,\"east\":181}}", "box.east"),
        ("{\"geofence\":7}", "geofence is"),
        ("{\"geofence\":\"f\",\"box\":{}}", "exactly one of"),
        ("{\"geofence\":\"f\",\"limits\":1}", "unknown key 'limits'"),
        ("{\"geofence\":\"f\",\"limit\":0}", "limit is a whole number"),
        ("{\"geofence\":\"f\",\"filter\":[]}", "filter is an object"),
        ("{\"geofence\":\"f\",\"filter\":{\"groups\":1}}", "unknown key 'filter.groups'"),
        ("{\"geofence\":\"f\",\"filter\":{\"online\":1}}", "filter.online"),
        ("{\"geofence\":\"f\",\"filter\":{\"max_age_s\":-1}}", "filter.max_age_s"),
    ]) func `a query that cannot be understood is answered with the reason`(_ query: String, _ detail: String) throws {
        var world = world()
        world.query("q", query)
        let answers = world.takeAnswers()
        #expect(answers.count == 1)
        let error = try #require(answers.first?.json["error"])
        #expect(error["reason"]?.string == "invalid_query")
        #expect(error["detail"]?.string?.contains(detail) == true, "\(error)")
        #expect(error["offset"]?.number != nil)
        #expect(answers.first?.topic == "fleets/acme/dispatch/queries/q/result")
    }

    @Test func `an unknown fence is an error by its name`() {
        var world = world()
        world.query("q", "{\"geofence\":\"no\\\"where\"}")
        let error = world.takeAnswers().first?.json["error"]
        #expect(error?["reason"]?.string == "unknown_geofence")
        #expect(error?["detail"]?.string == "there is no geofence 'no\"where'")
    }

    // MARK: - The response topic

    @Test(arguments: [
        "apps/x/answers", "fleets/acme/answers/7", "fleets", "fleetsandmore/x", "台北",
    ]) func `a response topic that may be used`(_ topic: String) {
        var world = world()
        world.query("q", "{\"nearest\":{\(here)}}", response: topic)
        world.query("q", "wrong", response: topic)
        #expect(world.takeAnswers().map(\.topic) == [topic, topic])
    }

    @Test(arguments: [
        "", "fleets/other/answers", "fleets/acm", "fleets/acme2/x",
        "fleets/acme/vehicles/V/commands/7", "fleets/acme/sms/requests/high", "fleets/acme/answersx", "$SYS/x", "a/+/b",
        "a/#", "a\0b",
    ]) func `a response topic that may not`(_ topic: String) {
        var world = world()
        world.query("q", "{\"nearest\":{\(here)}}", response: topic)
        #expect(world.takeAnswers().map(\.topic) == ["fleets/acme/dispatch/queries/q/result"])
    }
}
