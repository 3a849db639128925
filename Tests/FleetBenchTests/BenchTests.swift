import Foundation
import TestSupport
import Testing

@testable import FleetBenchCases

@Suite struct `Benchmark cases` {
    /// Cases compare themselves with brute force and throw where they differ; where brute force looked at every position, its
    /// checksum stands beside the index's own.
    @Test(arguments: BenchCase.all.map(\.name)) func `a small case gives what brute force gives`(_ name: String) throws
    {
        let benchCase = try #require(BenchCase.all.first { $0.name == name })
        // Those with processes and a broker take seconds, and check what came through, not what a seed gives.
        let hasProcesses = ["broker/", "dispatch/", "recovery/", "window/"].contains { name.hasPrefix($0) }
        for seed in UInt64(1)...(hasProcesses ? 1 : 2) {
            let rows = try benchCase.run(BenchSize(scale: 0.003, repetitions: 1, seed: seed))
            let checksums = rows.filter { $0.unit == "checksum" }
            #expect(!checksums.isEmpty && checksums.allSatisfy { $0.value.count == 16 })
            for row in checksums where row.name.hasSuffix(".brute_force.checksum") {
                let name = row.name.replacing(".brute_force", with: "")
                #expect(checksums.first { $0.name == name }?.value == row.value, "seed \(seed), \(name)")
            }
        }
    }

    @Test func `packets are as MQTT has them`() {
        var packets = PacketList(qos: 1)
        packets.append(topic: [0x61, 0x62], payload: [0x63])
        packets.append(topic: [0x61], payload: [UInt8](repeating: 7, count: 200))
        #expect(Array(packets.bytes.prefix(9)) == [0x32, 7, 0, 2, 0x61, 0x62, 0, 1, 0x63])
        // A remaining length of two bytes: 2 + 1 + 2 + 200 = 205 = 0x4D + 128.
        #expect(Array(packets.bytes[9..<17]) == [0x32, 0xCD, 1, 0, 1, 0x61, 0, 2])
        #expect(packets.offsets == [0, 9, 217] && packets.count == 2)
        #expect(
            packets.checksum == PacketList.hash(topic: [0x61, 0x62], payload: [0x63])
                &+ PacketList.hash(topic: [0x61], payload: [UInt8](repeating: 7, count: 200)))
        // A hash knows where the topic ends.
        #expect(PacketList.hash(topic: [1, 2], payload: [3]) != PacketList.hash(topic: [1], payload: [2, 3]))
    }

    @Test func `messages are due by the clock, in ticks`() {
        let pace = PacketList.Pace(rate: 10_000)
        #expect([0, 1, 2, 3, 5].map { pace.due_ns($0) } == [0, 0, 0, 250_000, 500_000])
        #expect(PacketList.Pace().due_ns(1000) == 0)
    }

    @Test func `names are unique and every case has its help`() {
        #expect(Set(BenchCase.all.map(\.name)).count == BenchCase.all.count)
        #expect(BenchCase.all.allSatisfy { !$0.help.isEmpty && $0.name.contains("/") })
    }

    @Test func `the checksum is the one that is documented`() {
        // SplitMix64 from the state 0: its first output is well known.
        #expect(Checksum.text(Checksum.mix64(0)) == "e220a8397b1dcdaf")
        #expect(Checksum.text(5) == "0000000000000005")
    }
}

@Suite struct `Benchmark command` {
    private func run(_ arguments: [String]) -> (code: Int32, lines: [String], errors: [String]) {
        var lines: [String] = []
        var errors: [String] = []
        let code = BenchCommand.run(
            arguments: arguments, print: { lines.append($0) }, printError: { errors.append($0) })
        return (code, lines, errors)
    }

    private func value(_ name: String, _ lines: [String]) -> String? {
        lines.first { $0.hasPrefix(name + " ") }?.split(separator: " ").dropFirst().first.map(String.init)
    }

    @Test func `polygons and points from files`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("fleetbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let polygons = folder.appendingPathComponent("polygons.geojson")
        let points = folder.appendingPathComponent("points.bin")
        // No ids; the square and a MultiPolygon share the border x = 1.
        try Data(
            """
            {"type":"FeatureCollection","name":"x","features":[
             {"type":"Feature","properties":{"VILLNAME":"a"},"geometry":{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,1],[0,0]]]}},
             {"type":"Feature","properties":null,"geometry":{"type":"MultiPolygon","coordinates":[[[[1,0],[2,0],[2,1],[1,1],[1,0]]],[[[5,5],[6,5],[6,6],[5,5]]]]}}]}
            """.utf8
        ).write(to: polygons)
        // Inside of 0, on the border, inside of 1 twice, and nowhere.
        let places: [Double] = [0.5, 0.5, 1, 0.5, 1.5, 0.5, 5.9, 5.5, 3, 3]
        try places.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }.write(to: points)
        let result = run(["fences", "--polygons", polygons.path, "--points", points.path, "--repetitions", "1"])
        #expect(result.code == 0 && result.errors.isEmpty)
        #expect(value("fences.fences", result.lines) == "2" && value("fences.pairs", result.lines) == "3")
        let sum = Checksum.pair(0, 0) &+ Checksum.pair(2, 1) &+ Checksum.pair(3, 1)
        #expect(value("fences.checksum", result.lines) == Checksum.text(sum))
        #expect(value("fences.brute_force.checksum", result.lines) == Checksum.text(sum))
        try Data([1, 2, 3]).write(to: points)
        #expect(run(["fences", "--polygons", polygons.path, "--points", points.path]).code == 1)
        try Data("{\"features\":[{}]}".utf8).write(to: polygons)
        #expect(
            run(["fences", "--polygons", polygons.path, "--points", points.path]).errors == [
                "fleetbench: feature 0 has no geometry"
            ])
    }

    @Test func `a wrong command line is refused`() {
        for arguments in [
            ["fences", "--scale"], ["fences", "--scale", "no"], ["fences", "--unknown", "1"], ["fences", "vehicles"],
            ["fences", "--polygons", "x"], ["vehicles", "--polygons", "x", "--points", "y"],
            ["fences", "--seed", "-1"],
            ["fences", "--repetitions", "0"],
        ] {
            #expect(run(arguments).code == 2, "\(arguments)")
        }
        #expect(
            run(["nothing"]).code == 1 && run(["fences", "--polygons", "/nowhere", "--points", "/nowhere"]).code == 1)
        #expect(run(["help"]).lines.joined().contains("broker/latency"))
        #expect(run([]).code == 0 && run(["help"]).lines.joined().contains("fences/villages"))
    }
}
