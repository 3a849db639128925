import BrokerHarness
import Foundation
import Testing

@Suite struct CheckTests {
    let folder: Folder

    init() throws { folder = try Folder() }

    private func check(_ arguments: [String], timeout_s: Double = 60) throws -> Outcome {
        try run(Programs.fleetstream, ["check"] + arguments, timeout_s: timeout_s)
    }

    @Test func `the shipped configuration and geofences are in order`() throws {
        let outcome = try run(Programs.fleetstream, ["check"], workingFolder: Programs.checkout.path)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("0 errors"))
        #expect(!outcome.output.hasPrefix("0 geofences"))
    }

    @Test func `every error of a configuration is told with its place, and a misspelt key with the nearest`() throws {
        let file = try folder.write(
            """
            {
                mqtt: {
                    prot: 1884,
                    host: 7,
                },
                fleets: [],
                rules: {max_speed_kmh: -1},
            }
            """, to: "wrong.json5")
        let outcome = try check(["--config", file])
        #expect(outcome.status == 1)
        for place in [":3:9", ":4:", ":7:"] {
            #expect(outcome.errors.contains("wrong.json5\(place)"), "\(outcome.errors)")
        }
        #expect(outcome.errors.contains("port"), "\(outcome.errors)")
        // `run` says the same, with the exit code of a wrong configuration.
        let run = try run(Programs.fleetstream, ["run", "--config", file], timeout_s: 20)
        #expect(run.status == 78 && run.errors.contains("wrong.json5:3:9"), "\(run)")
        let text = try check(["--config", try folder.write("{mqtt: ", to: "open.json5")])
        #expect(text.status == 1 && text.errors.contains("open.json5:1:"), "\(text)")
        let missing = try check(["--config", folder.file("none.json5")])
        #expect(missing.status == 1 && missing.errors.contains("none.json5"), "\(missing)")
    }

    @Test func `broken geofences are told with file, id and reason, and the rest counts`() throws {
        let open =
            #"{"type":"Feature","properties":{"id":"open"},"geometry":{"type":"Polygon","coordinates":[[[1,1],[2,1],[2,2],[1,2]]]}}"#
        let crossed =
            #"{"type":"Feature","properties":{"id":"crossed"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[2,2],[2,0],[0,2],[0,0]]]}}"#
        let outside =
            #"{"type":"Feature","properties":{"id":"outside","radius_m":5},"geometry":{"type":"Point","coordinates":[1,91]}}"#
        try folder.write(Fences.collection([Fences.yard, open, crossed, outside]), to: "a.geojson")
        try folder.write(Fences.yard, to: "b.geojson")
        try folder.write("{", to: "c.geojson")
        try folder.write("not looked at", to: "notes.txt")
        let outcome = try check(["--geofences", folder.path])
        #expect(outcome.status == 1)
        #expect(outcome.output.hasPrefix("1 geofences, 5 errors"), "\(outcome)")
        for (file, id) in [("a", "open"), ("a", "crossed"), ("a", "outside"), ("b", "yard")] {
            let isThere = outcome.errors.split(separator: "\n").contains {
                $0.contains("/\(file).geojson:") && $0.contains("'\(id)'")
            }
            #expect(isThere, "\(file) \(id): \(outcome.errors)")
        }
        #expect(outcome.errors.contains("/c.geojson:1:"))
        let json = try check(["--geofences", folder.path, "--json"])
        #expect(json.status == 1)
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(report?["isValid"] as? Bool == false && (report?["problems"] as? [Any])?.count == 5)
    }

    @Test func `a geofence with a million vertices is refused soon`() throws {
        var text = #"{"type":"Feature","properties":{"id":"huge"},"geometry":{"type":"Polygon","coordinates":[["#
        text.reserveCapacity(30_000_000)
        for index in 0...1_000_000 { text += "[\(120 + Double(index % 1_000_000) / 1e6),25]," }
        text.removeLast()
        text += "]]}}"
        let file = try folder.write(text, to: "huge.geojson")
        let outcome = try check(["--geofences", file], timeout_s: 60)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("huge.geojson:1:"), "\(outcome.errors.prefix(500))")
        #expect(outcome.errors.contains("100000 positions"), "\(outcome.errors.prefix(500))")
    }

    @Test func `a broker that keeps everything passes, and one that does not is found`() throws {
        let good = try MosquittoBroker()
        let fences = try folder.write(Fences.yard, to: "yard.geojson")
        let passed = try check(["--live", "--geofences", fences, "--set", "mqtt.port=\(good.port)"])
        #expect(passed.status == 0, "\(passed)")
        let bad = try MosquittoBroker(.brokerDefaults)
        let found = try check(["--live", "--geofences", fences, "--set", "mqtt.port=\(bad.port)"])
        #expect(found.status == 1, "\(found)")
        #expect(found.errors.contains("max_queued_messages"), "\(found)")
        bad.stop()
        let away = try check(["--live", "--geofences", fences, "--set", "mqtt.port=\(bad.port)"])
        #expect(away.status == 69, "\(away)")
    }
}
