import FleetSimulation
import Foundation
import Testing

@Suite struct FleetSimulatorTests {
    /// Faults of every sort, for properties that must hold whatever goes wrong.
    private func faulty(seed: UInt64) -> Scenario {
        var scenario = Scenario.small(seed: seed)
        scenario.coverage.lossesPerHour = 10
        scenario.coverage.uploadOrder = .mixed
        scenario.faults.duplicateShare = 0.05
        scenario.faults.lateShare = 0.05
        scenario.faults.skewedVehicleShare = 0.3
        scenario.faults.teleportShare = 0.01
        scenario.faults.malformed = [Double](repeating: 0.005, count: MalformedKind.allCases.count)
        return scenario
    }

    private func lines(_ messages: [SimulatedMessage]) -> [[UInt8]] {
        messages.map {
            var bytes: [UInt8] = []
            MessageLine.append($0, qos: 1, to: &bytes)
            return bytes
        }
    }

    @Test(arguments: [1, 99] as [UInt64])
    func `the same seed gives the same bytes`(seed: UInt64) throws {
        let first = try simulate(faulty(seed: seed), vehicles: 12, duration_s: 900)
        let second = try simulate(faulty(seed: seed), vehicles: 12, duration_s: 900)
        #expect(lines(first.messages) == lines(second.messages), "seed \(seed)")
        #expect(first.counts == second.counts)
        let other = try simulate(faulty(seed: seed + 1), vehicles: 12, duration_s: 900)
        #expect(lines(first.messages) != lines(other.messages))
    }

    @Test func `a vehicle does the same in a fleet of 10 and of 50`() throws {
        let few = try simulate(faulty(seed: 5), vehicles: 10, duration_s: 900)
        let many = try simulate(faulty(seed: 5), vehicles: 50, duration_s: 900)
        for vehicle in 0..<10 {
            #expect(few.simulator.vehicles[vehicle].id == many.simulator.vehicles[vehicle].id)
            #expect(
                lines(few.messages.filter { $0.vehicle == vehicle })
                    == lines(many.messages.filter { $0.vehicle == vehicle }), "vehicle \(vehicle)")
        }
    }

    @Test func `advancing in small steps or at once gives the same messages`() throws {
        let scenario = faulty(seed: 3)
        let whole = try simulate(scenario, vehicles: 8, duration_s: 600)
        var simulator = FleetSimulator(
            world: try FleetWorld.make(scenario), run: .init(scenario: scenario, start_ms: scenario.start_ms),
            vehicleCount: 8)
        var sink = CollectingSink()
        var random = TestRandom(seed: 3)
        try simulator.begin(into: &sink)
        var now_us: Int64 = 0
        while now_us < 600_000_000 {
            now_us = min(600_000_000, now_us + Int64(random.below(3_000_000)))
            try simulator.advance(to: now_us, into: &sink)
            if let next = simulator.nextEvent_us { #expect(next >= now_us) }
        }
        try simulator.finish(into: &sink)
        #expect(lines(sink.messages) == lines(whole.messages))
    }

    @Test func `faults leave the good reports as they are`() throws {
        var clean = Scenario.small(seed: 21)
        clean.coverage.tunnels = false
        var faulty = clean
        faulty.faults.malformed = [Double](repeating: 0.05, count: MalformedKind.allCases.count)
        let good = try simulate(clean, vehicles: 10, duration_s: 900)
        let mixed = try simulate(faulty, vehicles: 10, duration_s: 900)
        let expected = Set(good.messages.filter { $0.kind == .telemetry }.map(\.payload))
        let seen = Set(mixed.messages.filter { $0.kind == .telemetry }.map(\.payload))
        #expect(expected.isSubset(of: seen))
        #expect(mixed.counts.totalMalformed > 100)
    }

    @Test func `lines are JSON in the order of their time`() throws {
        let run = try simulate(faulty(seed: 6), vehicles: 10, duration_s: 900)
        var previous = ""
        var unreadable = 0
        for (message, line) in zip(run.messages, lines(run.messages)) {
            guard String(validating: line, as: UTF8.self) != nil else {
                unreadable += 1
                continue
            }
            let object = try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
            #expect(Set(object.keys) == ["tst", "topic", "qos", "retain", "payloadlen", "payload"])
            let time = try #require(object["tst"] as? String)
            #expect(time >= previous)
            #expect(time.count == 27 && time.hasSuffix("Z"))
            previous = time
            #expect(object["topic"] as? String == message.topicText)
            #expect(object["payloadlen"] as? Int == message.payload.count)
            if message.payload.isEmpty {
                #expect(object["payload"] is NSNull)
            } else if message.isJSON {
                #expect(object["payload"] is [String: Any] || object["payload"] is [Any])
            } else {
                #expect(object["payload"] as? String == message.text)
            }
        }
        // Only payloads that are not UTF-8 make lines that are not: they are printed as they are.
        #expect(unreadable == run.counts[MalformedKind.invalidUTF8])
    }

    @Test(arguments: [Scenario.UploadOrder.oldestFirst, .newestFirst, .mixed])
    func `every fix arrives once, buffered or not`(order: Scenario.UploadOrder) throws {
        var scenario = Scenario.small(seed: 17)
        scenario.coverage.lossesPerHour = 20
        scenario.coverage.lossMean_s = 120
        scenario.coverage.uploadOrder = order
        scenario.coverage.uploadArrayMax = 7
        scenario.faults.lateShare = 0.1
        let run = try simulate(scenario, vehicles: 20, duration_s: 1_800)
        var sequences = [[Int]](repeating: [], count: 20)
        for message in run.messages where message.kind == .telemetry || message.kind == .upload {
            let value = try JSONSerialization.jsonObject(with: Data(message.payload))
            let reports = try value as? [[String: Any]] ?? [#require(value as? [String: Any])]
            #expect(message.kind == .telemetry || reports.count <= 7)
            sequences[message.vehicle] += reports.compactMap { $0["seq"] as? Int }
        }
        #expect(run.counts.buffered > 100)
        #expect(run.counts.dropped == 0)
        #expect(sequences.map(\.count).reduce(0, +) == run.counts.reports)
        for vehicle in sequences {
            #expect(vehicle.sorted() == Array(1...vehicle.count))
        }
        #expect(sequences.contains { $0 != $0.sorted() })
    }

    @Test func `fixes have ascending times, and none lies in the future unless its clock is wrong`() throws {
        var scenario = Scenario.small(seed: 23)
        scenario.faults.skewedVehicleShare = 0.5
        scenario.faults.skewMax_s = 120
        scenario.reports.timeFormat = .epochMilliseconds
        let run = try simulate(scenario, vehicles: 20, duration_s: 900)
        var last = [Double](repeating: 0, count: 20)
        for message in run.messages where message.kind == .telemetry {
            let object = try #require(try JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any])
            let time_ms = try #require(object["time"] as? Double)
            #expect(time_ms > last[message.vehicle])
            last[message.vehicle] = time_ms
            let offset_ms = Double(run.simulator.vehicles[message.vehicle].clockOffset_ms)
            let age_ms = Double(message.time_us) / 1_000 - (time_ms - offset_ms)
            #expect(age_ms >= -1 && age_ms <= 801)
        }
        let skewed = run.simulator.vehicles.filter { $0.clockOffset_ms != 0 }
        #expect(skewed.count == run.counts.skewedVehicles)
        #expect(skewed.count > 3 && skewed.count < 17)
    }

    @Test func `faults come at the rates of the scenario`() throws {
        var scenario = Scenario.small(seed: 31)
        scenario.coverage.tunnels = false
        scenario.faults.duplicateShare = 0.04
        scenario.faults.lateShare = 0.03
        scenario.faults.teleportShare = 0.02
        scenario.faults.malformed = [Double](repeating: 0.01, count: MalformedKind.allCases.count)
        let run = try simulate(scenario, vehicles: 50, duration_s: 2_000, fixedInterval_s: 5)
        let reports = Double(run.counts.reports)
        #expect(run.counts.reports == 20_000)
        func isNear(_ count: Int, _ share: Double) -> Bool {
            abs(Double(count) - reports * share) < 5 * (reports * share * (1 - share)).squareRoot()
        }
        #expect(isNear(run.counts.duplicates, 0.04))
        #expect(isNear(run.counts.late, 0.03))
        #expect(isNear(run.counts.teleports, 0.02))
        for kind in MalformedKind.allCases { #expect(isNear(run.counts[kind], 0.01), "\(kind)") }
        let sent = run.messages.count { $0.kind == .telemetry }
        #expect(sent == run.counts.reports + run.counts.duplicates + run.counts.totalMalformed)
        #expect(run.messages.count == run.counts.totalMessages)
    }

    @Test func `a duplicate is the same bytes again, shortly after`() throws {
        var scenario = Scenario.small(seed: 2)
        scenario.faults.duplicateShare = 0.1
        let run = try simulate(scenario, vehicles: 10, duration_s: 900)
        var first: [[UInt8]: Int64] = [:]
        var again = 0
        for message in run.messages where message.kind == .telemetry || message.kind == .upload {
            if let time_us = first[message.payload] {
                again += 1
                #expect(message.time_us > time_us && message.time_us - time_us <= 5_100_000)
            } else {
                first[message.payload] = message.time_us
            }
        }
        #expect(again == run.counts.duplicates)
        #expect(again > 20)
    }

    @Test func `a fixed interval makes exactly the rate asked for`() throws {
        let run = try simulate(.small(seed: 1), vehicles: 20, duration_s: 60, fixedInterval_s: 0.5)
        #expect(run.counts.reports == 2_400)
    }

    @Test func `master data and online come first, offline last, and all are retained`() throws {
        let run = try simulate(.small(seed: 1), vehicles: 3, duration_s: 60)
        #expect(run.messages.prefix(3).allSatisfy { $0.kind == .masterData && $0.isRetained })
        #expect(run.messages.dropFirst(3).prefix(3).allSatisfy { $0.kind == .status && $0.text == "{\"online\":true}" })
        #expect(run.messages.suffix(3).allSatisfy { $0.kind == .status && $0.text == "{\"online\":false}" })
        #expect(run.messages.filter(\.isRetained).count == 9)
        let vehicle = run.simulator.vehicles[0].id
        #expect(run.messages[0].topicText == "fleets/demo/dispatch/vehicles/\(vehicle)")
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(run.messages[0].payload)) as? [String: Any])
        #expect(["gas-truck", "van", "scooter"].contains(object["group"] as? String))
        #expect(object["plate"] is String && object["name"] is String && object["class"] is String)
        let shared = try simulate(.small(seed: 1), vehicles: 3, duration_s: 60, announcesStatus: false)
        #expect(shared.counts[MessageKind.status] == 0)
    }

    @Test func `reports name their units and lie in the area`() throws {
        let scenario = Scenario.small(seed: 12)
        let run = try simulate(scenario, vehicles: 10, duration_s: 600)
        for message in run.messages where message.kind == .telemetry {
            let report = try #require(try JSONSerialization.jsonObject(with: Data(message.payload)) as? [String: Any])
            let latitude = try #require(report["lat"] as? Double)
            let longitude = try #require(report["lon"] as? Double)
            #expect(latitude > 25.015 && latitude < 25.085)
            #expect(longitude > 121.495 && longitude < 121.575)
            for field in [
                "speed_kmh", "heading_deg", "accuracy_m", "fuel_pct", "odometer_km", "engine_hours", "cargo_c",
            ] {
                #expect(report[field] is Double, "\(field)")
            }
            #expect(report["ignition"] is Bool)
        }
    }
}
