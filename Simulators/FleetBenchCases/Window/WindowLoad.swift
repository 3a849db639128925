import CLoadClients
import FleetService
import Foundation
import MQTTTransport

/// What those who look cost the engine: the time from a report to its event, through broker, processor and broker again,
/// with and without 1,000 slow readers and 100 viewers of the event stream.
///
/// One process and one broker for all: the same load in four parts, without, with, with and without readers, so that what else
/// the machine does falls on both alike. As in `broker/latency` the load is open, and one message in 50 crosses a fence.
struct WindowLoad {
    let size: BenchSize

    private static let rate = 20_000.0
    private static let probeEvery = 50
    /// Whether there are readers, part by part.
    private static let parts = [false, true, true, false]
    /// Messages of a part: 5 s. A multiple of `unit`, so that each part begins with the same probe.
    private static let messages = 100_000
    private static let unit = FleetTraffic.probeVehicles * probeEvery
    /// Those who look come in before a part begins, and get what a newcomer gets.
    private static let settle_us: UInt32 = 1_500_000
    /// From one part to the next the readers come and go, and no event comes.
    private static let idle_ms: Int32 = 30_000

    private struct Part {
        var latencies: [Double] = []
        var lag_ms_p50: [Double] = []
        var lag_ms_p99: [Double] = []
    }

    /// A report whose event is waited for.
    private struct Probe {
        var part: Int
        var due_ns: Int64
    }

    func rows() throws(BenchError) -> [BenchRow] {
        let count = max(Self.unit, Int(Double(Self.messages) * min(size.scale, 1)) / Self.unit * Self.unit)
        var traffic = FleetTraffic(
            vehicles: size.count(10_000, least: 50), fences: size.count(1_000, least: 20), probeEvery: Self.probeEvery,
            seed: size.seed, now_ms: Int64(Date().timeIntervalSince1970 * 1000))
        let beginning = traffic.beginning(qos: 1)
        let lists = Self.parts.map { _ in traffic.packets(count, qos: 1) }
        try WindowReaders.raiseDescriptorLimit()
        let folder = try BenchFolder()
        let broker = try startBroker()
        defer { broker.kill() }
        let file = folder.file("fences.geojson")
        guard FileManager.default.createFile(atPath: file, contents: Data(traffic.geofences())) else {
            throw BenchError("\(file) cannot be written")
        }
        let processor = try ProcessorProcess(
            port: broker.port, geofences: file, store: folder.file("store.sqlite"), folder: folder,
            settings: ["window.listen=127.0.0.1:0", "window.connections_max=2000"])
        _ = try beginning.publish(port: broker.port)
        _ = try processor.waitUntilCommitted(beginning.count)
        try processor.waitUntilPublished()
        let outcome = try run(lists, broker.port, processor, sent: beginning.count)
        try processor.stop()
        let sum = lists.reduce(UInt64(0)) { $0 &+ Checksum.mix64(UInt64($1.packets.count)) }
        return outcome + [.checksum("window.load.checksum", sum)]
    }

    private func run(
        _ lists: [(packets: PacketList, probes: [Int])], _ port: Int, _ processor: ProcessorProcess, sent: Int
    ) throws(BenchError) -> [BenchRow] {
        let pace = PacketList.Pace(rate: Self.rate)
        let subscriber = try MarkedSubscriber(
            port: port, filter: "fleets/+/events/geofence/+", mark: FleetTraffic.probeMark, expected: .max,
            expectedMarks: lists.reduce(0) { $0 + $1.probes.count }, idle_ms: Self.idle_ms)
        var probes = [[Probe]](repeating: [], count: FleetTraffic.probeVehicles)
        var parts = [Part(), Part()]
        var seen: [WindowReaders.Figures] = []
        var committed = sent
        for (index, list) in lists.enumerated() {
            let hasReaders = Self.parts[index]
            let readers = hasReaders ? try WindowReaders(processor.windowPort()) : nil
            usleep(Self.settle_us)
            let published = try list.packets.publish(port: port, pace: pace)
            committed += list.packets.count
            _ = try processor.waitUntilCommitted(committed)
            let input = try processor.status().input
            if let readers { seen.append(try readers.stop()) }
            parts[hasReaders ? 1 : 0].lag_ms_p50.append(input.lag_ms_p50)
            parts[hasReaders ? 1 : 0].lag_ms_p99.append(input.lag_ms_p99)
            for (number, place) in list.probes.enumerated() {
                probes[FleetTraffic.probeVehicle(number)].append(
                    Probe(part: hasReaders ? 1 : 0, due_ns: published.start_ns + pace.due_ns(place)))
            }
        }
        try assign(try subscriber.outcome().arrivals, probes, to: &parts)
        return Self.rows(parts, seen)
    }

    /// The n-th event of a vehicle belongs to its n-th report.
    private func assign(
        _ arrivals: [(number: Int, time_ns: Int64)], _ probes: [[Probe]], to parts: inout [Part]
    ) throws(BenchError) {
        var seen = [Int](repeating: 0, count: probes.count)
        for arrival in arrivals where probes.indices.contains(arrival.number) {
            let turn = seen[arrival.number]
            seen[arrival.number] += 1
            guard turn < probes[arrival.number].count else {
                throw BenchError("vehicle \(arrival.number) caused more than its reports")
            }
            let probe = probes[arrival.number][turn]
            parts[probe.part].latencies.append(Double(arrival.time_ns - probe.due_ns))
        }
        let expected = probes.reduce(0) { $0 + $1.count }
        guard parts[0].latencies.count + parts[1].latencies.count == expected else {
            throw BenchError("\(expected) reports cross the fence, \(seen.reduce(0, +)) events came back")
        }
    }

    private static func rows(_ parts: [Part], _ seen: [WindowReaders.Figures]) -> [BenchRow] {
        let sorted = parts.map { $0.latencies.sorted() }
        var rows: [BenchRow] = [
            .figure("window.load.rate", rate, "messages/s"), .count("window.load.events", sorted[0].count, "each"),
            .count("window.load.readers", seen.map(\.readers).min() ?? 0, ""),
            .count("window.load.viewers", seen.map(\.viewers).min() ?? 0, ""),
            .figure("window.load.read", seen.reduce(0) { $0 + $1.megabytesPerSecond } / Double(seen.count), "MB/s"),
        ]
        for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
            let values = sorted.map { $0.isEmpty ? 0 : $0[min($0.count - 1, Int(Double($0.count) * part))] }
            rows.append(.figure("window.load.without.\(name)", values[0] / 1e6, "ms"))
            rows.append(.figure("window.load.with.\(name)", values[1] / 1e6, "ms"))
            rows.append(
                .figure("window.load.\(name)_ratio", values[1] / max(values[0], 1), "times, the goal is at most 1.10"))
        }
        for (name, values) in [("p50", parts.map(\.lag_ms_p50)), ("p99", parts.map(\.lag_ms_p99))] {
            rows.append(.measured("window.load.without.commit_\(name)", values[0], "ms"))
            rows.append(.measured("window.load.with.commit_\(name)", values[1], "ms"))
        }
        return rows
    }
}
