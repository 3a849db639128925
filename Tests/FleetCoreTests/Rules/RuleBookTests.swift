import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `The book of rules` {
    private func read(_ text: String) -> RuleBook? { read(Array(text.utf8)) }
    private func read(_ json: [UInt8]) -> RuleBook? { RuleBook(json: json.span) }

    @Test func `every rule and every parameter has one name, a range that holds its default, and an explanation`() {
        var rules: Set<String> = []
        for rule in RuleDescription.all {
            #expect(rules.insert(rule.name).inserted, "\(rule.name)")
            #expect(!rule.parameters.isEmpty && rule.explanation.hasSuffix("."), "\(rule.name)")
            var names: Set<String> = []
            for parameter in rule.parameters {
                let name = "\(rule.name).\(parameter.name)"
                #expect(names.insert(parameter.name).inserted, "\(name)")
                #expect(parameter.range.contains(parameter.standard), "\(name)")
                #expect(parameter.explanation.count > 10 && !parameter.explanation.contains("\n"), "\(name)")
                #expect(
                    parameter.name.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (97...122).contains($0) })
            }
        }
    }

    /// Two parameters that share a place, or a table that forgets one, show here.
    @Test func `each parameter is set and got alone`() {
        let standards = RuleSettings()
        for rule in RuleDescription.all {
            for parameter in rule.parameters {
                var settings = standards
                let value =
                    parameter.standard == parameter.range.upperBound
                    ? parameter.range.lowerBound : parameter.range.upperBound
                parameter.set(&settings, value)
                #expect(settings != standards, "\(rule.name).\(parameter.name)")
                for other in RuleDescription.all {
                    for candidate in other.parameters {
                        let isSame = other.name == rule.name && candidate.name == parameter.name
                        #expect(candidate.get(settings) == (isSame ? value : candidate.standard))
                    }
                }
            }
        }
    }

    @Test func `a vehicle's rules go before its group's, and those before the defaults`() throws {
        var book = try #require(
            read(
                """
                {"defaults":{"stale":{"stale_after_s":60}},
                 "groups":{"red":{"stale":{"stale_after_s":70,"moving_kmh":7}},"blue":{}},
                 "vehicles":{"V1":{"stale":{"moving_kmh":9}},"V2":{"stale":{"stale_after_s":60}}}}
                """))
        func stale(_ vehicle: String, _ group: String?) -> [Double] {
            let index = book.index(vehicle: vehicle, group: group)
            let limits = book.settings[Int(index)].stale
            return [limits.staleAfter_s, limits.moving_kmh]
        }
        #expect(stale("V0", nil) == [60, 5])
        #expect(stale("V0", "red") == [70, 7])
        #expect(stale("V0", "blue") == [60, 5])
        #expect(stale("V1", "red") == [70, 9])
        #expect(stale("V1", "other") == [60, 9])
        // What is equal in the end is one entry: V2 says what holds anyway.
        #expect(stale("V2", nil) == [60, 5])
        #expect(book.index(vehicle: "V2", group: nil) == 0)
        #expect(book.settings.count == 4)
        for _ in 0..<3 { #expect(stale("V1", "red") == [70, 9]) }
        #expect(book.settings.count == 4)
    }

    @Test func `ten thousand vehicles with a few kinds of rules share them`() {
        var vehicles: [String: RuleBook.Overrides] = [:]
        for number in 0..<10_000 { vehicles["V\(number)"] = ["stale": ["stale_after_s": Double(60 + number % 3)]] }
        var book = RuleBook(vehicles: vehicles)
        for number in 0..<10_000 { _ = book.index(vehicle: "V\(number)", group: "g\(number % 50)") }
        #expect(book.settings.count == 4)
    }

    @Test(arguments: seeds(40)) func `written and read it is the same, to the byte`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func overrides(_ ofFleetToo: Bool) -> RuleBook.Overrides {
            var overrides: RuleBook.Overrides = [:]
            for rule in RuleDescription.all where (ofFleetToo || !rule.isOfFleet) && random.chance(40) {
                for parameter in rule.parameters where random.chance(40) {
                    overrides[rule.name, default: [:]][parameter.name] = Double.random(
                        in: parameter.range, using: &random)
                }
            }
            return overrides
        }
        var defaults = RuleSettings()
        for (rule, values) in overrides(true) {
            for (name, value) in values { RuleDescription.named(rule)?.parameter(named: name)?.set(&defaults, value) }
        }
        let book = RuleBook(
            defaults: defaults, groups: ["red": overrides(false), "台北 \"車\"": overrides(false)],
            vehicles: ["V1": overrides(false), "": overrides(false)])
        let json = book.json()
        let again = try #require(read(json), "seed \(seed)")
        #expect(again == book, "seed \(seed)")
        #expect(again.json() == json, "seed \(seed)")
    }

    @Test func `what is not known, out of range or of another type is passed over`() throws {
        let book = try #require(
            read(
                """
                {"defaults":{"stale":{"stale_after_s":1,"moving_kmh":"5","new":7},"new":{"x":1},"lag":[],"outage":null},
                 "groups":[1],"vehicles":{"V1":5,"V2":{"stale":{"stale_after_s":1e999,"drift_mps":2}},
                 "V3":{"lag":{"age_s":1}}},"more":true}
                """.replacing("1e999", with: "-7")))
        #expect(book.defaults == RuleSettings())
        #expect(book.groups.isEmpty)
        #expect(book.vehicles == ["V2": ["stale": ["drift_mps": 2]]])
        #expect(read("{}") == RuleBook())
        for text in ["", "[]", "5", "null", "{", "{\"defaults\":{\"stale\":{\"stale_after_s\":1e999}}}", "\u{0}"] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test(arguments: seeds(60)) func `damaged texts never crash`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var json = RuleBook(groups: ["red": ["stale": ["stale_after_s": 99]]]).json()
        for _ in 0..<random.int(1...4) { json[random.int(0...(json.count - 1))] = UInt8(random.int(0...255)) }
        _ = read(json)
    }

    @Test func `a change of the book, and of the vehicle's group, counts from there on`() {
        var world = World()
        world.rules(#"{"groups":{"red":{"stale":{"stale_after_s":20}}},"defaults":{"outage":{"enabled":0}}}"#)
        func drive(_ seconds: Double) {
            world.report("V1", at: seconds, north(seconds), centre.lon, more: ",\"speed_kmh\":30,\"heading_deg\":0")
        }
        func staleAt(_ begin: Double) -> [Double] {
            for second in stride(from: begin, through: begin + 200, by: 5) { world.tick(second) }
            return world.takeEvents("vehicle.position_stale").map(\.time)
        }
        drive(0)
        #expect(staleAt(1) == [120])
        world.register("V1", group: "red", received: 300)
        drive(301)
        #expect(staleAt(302) == [321])
        world.rules(
            #"{"groups":{"red":{"stale":{"stale_after_s":40}}},"defaults":{"outage":{"enabled":0}}}"#, received: 600)
        drive(601)
        #expect(staleAt(602) == [641])
        world.register("V1", group: "blue", received: 900)
        drive(901)
        #expect(staleAt(902) == [1021])
        world.register("V1", group: "red", received: 1200)
        world.send("dispatch/vehicles/V1", "", received: 1200)
        drive(1201)
        #expect(staleAt(1202) == [1321])
    }
}
