import FleetSimulation
import Foundation
import Testing

/// The repository's root, from this file's place in it.
let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

@Suite struct ScenarioTests {
    private func error(_ text: String) -> String {
        do {
            _ = try Scenario.parse(Array(text.utf8), file: "x.json5")
            return "no error"
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ["demo", "taipei", "load", "tunnel", "hostile", "morning", "rounds"])
    func `the scenarios that come with it are valid`(name: String) throws {
        let library = ScenarioLibrary(currentFolder: repository, executable: "")
        _ = try library.load(name)
        #expect(library.names().contains(name))
    }

    @Test func `named scenarios are found from below the repository and beside the executable`() throws {
        _ = try ScenarioLibrary(currentFolder: repository + "/Sources/Wire", executable: "").load("load")
        _ = try ScenarioLibrary(currentFolder: "/", executable: repository + "/.build/debug/fleetsim").load("load")
        #expect(throws: SimulationError.unknownScenario(name: "load", known: [])) {
            _ = try ScenarioLibrary(currentFolder: "/", executable: "").load("load")
        }
        #expect(throws: SimulationError.unreadable(path: "/nowhere/x.json5", reason: "does not exist")) {
            _ = try ScenarioLibrary(currentFolder: "/", executable: "").load("/nowhere/x.json5")
        }
    }

    @Test(arguments: ["demo", "taipei", "load", "tunnel", "hostile", "morning", "rounds"])
    func `every key of the scenarios has a comment, above it or behind it`(name: String) throws {
        let text = try String(contentsOfFile: repository + "/Simulators/scenarios/\(name).json5", encoding: .utf8)
        var previous: Substring = ""
        var keys = 0
        for line in text.split(separator: "\n") {
            let line = line.drop { $0 == " " }
            if line.contains(":"), !line.hasPrefix("//") {
                keys += 1
                #expect(previous.hasPrefix("//") || line.contains("//"), "\(name): \(line)")
            }
            previous = line
        }
        #expect(keys > 5)
    }

    @Test func `the default scenario has every key, and its values are the defaults but for the faults`() throws {
        let path = repository + "/Simulators/scenarios/taipei.json5"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        for kind in MalformedKind.allCases { #expect(text.contains("\n      \(kind.rawValue): "), "\(kind)") }
        var parsed = try Scenario.parse(Array(text.utf8), file: path)
        parsed.faults = Scenario.Faults()
        parsed.coverage.lossesPerHour = 0
        parsed.coverage.uploadOrder = .oldestFirst
        parsed.seed = 1
        #expect("\(parsed)" == "\(Scenario())")
    }

    @Test func `the morning has every key of dispatch, and its values are the defaults but for the faults`() throws {
        let path = repository + "/Simulators/scenarios/morning.json5"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        func check(_ names: [String]) {
            for name in names { #expect(text.contains(" \(name): "), "\(name)") }
        }
        check(Scenario.Dispatch.Keys.allCases.map(\.rawValue))
        check(Scenario.Work.Keys.allCases.map(\.rawValue))
        check(Scenario.DispatchFaults.Keys.allCases.map(\.rawValue))
        var parsed = try #require(try Scenario.parse(Array(text.utf8), file: path).dispatch)
        parsed.faults = Scenario.DispatchFaults()
        #expect("\(parsed)" == "\(Scenario.Dispatch())")
    }

    @Test func `wrong values of dispatch name their key`() {
        #expect(error("{dispatch: {orders: 0}}") == "x.json5: dispatch.orders: 0 is not between 1 and 20000")
        #expect(
            error("{dispatch: {work: {emergency: 1}}}")
                == "x.json5: unknown key dispatch.work.emergency; did you mean dispatch.work.emergencies?")
        #expect(
            error("{dispatch: {faults: {failed_share: 0.7, refused_share: 0.7}}}")
                == "x.json5: dispatch.faults.failed_share: the shares of outcomes are more than 1 together")
    }

    @Test func `a misspelt key is an error that names the nearest`() {
        #expect(error("{vehicels: 3}") == "x.json5: unknown key vehicels; did you mean vehicles?")
        #expect(
            error("{faults: {malformed: {trunkated: 1}}}")
                == "x.json5: unknown key faults.malformed.trunkated; did you mean faults.malformed.truncated?")
        #expect(error("{tours: {stop_min: 1}}") == "x.json5: unknown key tours.stop_min; did you mean tours.stops_min?")
    }

    @Test func `values out of range or of a wrong type name their key`() {
        #expect(error("{vehicles: 0}") == "x.json5: vehicles: 0 is not between 1 and 1000000")
        #expect(error("{vehicles: \"many\"}") == "x.json5: vehicles: must be a number")
        #expect(error("{vehicles: 1.5}") == "x.json5: vehicles: 1.5 is not a whole number")
        #expect(error("{seed: -1}").hasPrefix("x.json5: seed: "))
        #expect(error("{faults: {late_share: 1.5}}") == "x.json5: faults.late_share: 1.5 is not between 0.0 and 1.0")
        #expect(error("{faults: []}").hasPrefix("x.json5: faults: must be an object"))
        #expect(error("{start: \"yesterday\"}").hasPrefix("x.json5: start: must be a time"))
        #expect(
            error("{coverage: {upload_order: \"random\"}}")
                == "x.json5: coverage.upload_order: must be one of oldest_first, newest_first, mixed")
        #expect(
            error("{tours: {stops_min: 9, stops_max: 3}}")
                == "x.json5: tours.stops_min: 9 is more than tours.stops_max, 3")
        #expect(error("{fleet: {truck_share: 0.9, van_share: 0.2}}").hasPrefix("x.json5: fleet.van_share: "))
        #expect(error("{area: {south_deg: 25.2}}").hasPrefix("x.json5: area.south_deg: "))
        #expect(error("{positioning: {accuracy_m: Infinity}}").hasPrefix("x.json5: positioning.accuracy_m: "))
        #expect(error("{positioning: {accuracy_m: NaN}}").hasPrefix("x.json5: positioning.accuracy_m: "))
        #expect(error("{area: {street_spacing_m: 50, west_deg: 121, east_deg: 122}}").contains("crossings"))
    }

    @Test(arguments: ["", "{", "[]", "3", "{vehicles: 3,, }", "{\u{0}}", "nonsense"])
    func `what is not an object is an error that names the file`(text: String) {
        #expect(error(text).hasPrefix("x.json5: "))
    }

    @Test func `comments, trailing commas and bare keys are read`() throws {
        let scenario = try Scenario.parse(
            Array("// A comment\n{seed: 0x10, /* another */ vehicles: 7, reports: {time_format: 'epoch_ms',},}".utf8),
            file: "x")
        #expect(scenario.seed == 16)
        #expect(scenario.vehicles == 7)
        #expect(scenario.reports.timeFormat == .epochMilliseconds)
    }

    @Test func `places come from geofences where there are any`() throws {
        var places = GeofencePlaces()
        let text = """
            {"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"id":"c-1","kind":"customer","radius_m":60},
             "geometry":{"type":"Point","coordinates":[121.53,25.05]}},
            {"type":"Feature","properties":{"id":"far","kind":"customer"},
             "geometry":{"type":"Point","coordinates":[120.2,22.99]}},
            {"type":"Feature","properties":{"id":"d-1","kind":"depot"},"geometry":{"type":"Polygon","coordinates":
             [[[121.52,25.04],[121.524,25.04],[121.524,25.042],[121.52,25.042],[121.52,25.04]]]}},
            {"type":"Feature","properties":{"id":"z","kind":"zone"},"geometry":{"type":"Point","coordinates":[121.5,25]}},
            {"type":"Feature","properties":null,"geometry":null},
            {"type":"Feature","properties":{"id":"bad","kind":"depot"},"geometry":{"type":"Polygon","coordinates":[]}}]}
            """
        try places.add(Array(text.utf8), file: "x.geojson")
        #expect(places.customers.map(\.id) == ["c-1", "far"])
        #expect(places.depots.map(\.id) == ["d-1"])
        let depot = try #require(places.depots.first)
        #expect(abs(depot.latitude_deg - 25.041) < 1e-9)
        #expect(abs(depot.longitude_deg - 121.522) < 1e-9)
        let world = try FleetWorld.make(.small(seed: 1), geofences: places)
        #expect(world.customers.map(\.id) == ["c-1"])
        let customer = world.customers[0].position
        #expect(abs(world.plane.latitude_deg(of: customer) - 25.05) < 1e-9)
        #expect(world.depots.map(\.id) == ["d-1"])
        // One customer beside one depot is a tour too.
        let run = FleetSimulator(
            world: world, run: .init(scenario: .small(seed: 1), start_ms: 0), vehicleCount: 2)
        var simulator = run
        var sink = CollectingSink()
        try simulator.advance(to: 3_600_000_000, into: &sink)
        #expect(sink.messages.count > 100)
    }

    @Test func `a geofence file that is not JSON is an error that names it`() {
        #expect(throws: SimulationError.self) {
            var places = GeofencePlaces()
            try places.add(Array("{\"features\":[".utf8), file: "broken.geojson")
        }
        #expect(throws: SimulationError.unreadable(path: "/nowhere", reason: "is not a folder that can be read")) {
            _ = try GeofencePlaces(folder: "/nowhere")
        }
    }
}
