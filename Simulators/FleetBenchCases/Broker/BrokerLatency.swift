import CLoadClients
import Foundation
import MQTTTransport

/// From a report to the event that it causes, through broker, processor and broker again, beside the broker's own round
/// trip at the same load.
///
/// The load is open: every message has a time at which it is due, and the latency counts from there, whether or not it left
/// in time; a system that stalls pays for all that was due meanwhile. One message in 50 is of a vehicle whose every report
/// crosses a geofence, and the n-th event of such a vehicle belongs to its n-th report.
struct BrokerLatency {
    let size: BenchSize

    /// Parts of the processor's own rate.
    private static let loads: [(percent: Int, share: Double)] = [(10, 0.1), (50, 0.5), (80, 0.8)]
    private static let probeEvery = 50
    private static let seconds = 10.0
    /// Fix times of probes are 30 s apart and must all lie in the last 25 min.
    private static let messagesMax = 48 * FleetTraffic.probeVehicles * probeEvery

    func rows() throws(BenchError) -> [BenchRow] {
        let rate = try BrokerThroughput.processorRate(size: size)
        var rows: [BenchRow] = [.figure("broker.latency.rate", rate, "messages/s")]
        var sum: UInt64 = 0
        for load in Self.loads {
            let name = "broker.latency.\(load.percent)pct"
            let broker = try Self.sorted(runs(rate * load.share, &sum) { (run) throws(BenchError) in try run.broker() })
            let events = try Self.sorted(
                runs(rate * load.share, &sum) { (run) throws(BenchError) in try run.processor() })
            rows.append(.figure("\(name).load", rate * load.share, "messages/s"))
            rows.append(.count("\(name).events", events.count, ""))
            for (label, part) in [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999)] {
                let own = Self.quantile(broker, part)
                let whole = Self.quantile(events, part)
                rows.append(.figure("\(name).broker.\(label)", own / 1e6, "ms"))
                rows.append(.figure("\(name).event.\(label)", whole / 1e6, "ms"))
                if label == "p99" { rows.append(.figure("\(name).p99_ratio", whole / own, "times")) }
            }
        }
        return rows + [.checksum("broker.latency.checksum", sum)]
    }

    private func runs(
        _ rate: Double, _ sum: inout UInt64, _ body: (LatencyRun) throws(BenchError) -> [Double]
    ) throws(BenchError) -> [Double] {
        let count = min(Self.messagesMax, max(500, Int(rate * Self.seconds * min(size.scale, 1))))
        let run = try LatencyRun(size: size, rate: rate, messages: count, probeEvery: Self.probeEvery)
        sum &+= run.checksum
        return try body(run)
    }

    private static func sorted(_ values: [Double]) -> [Double] { values.sorted() }

    private static func quantile(_ sorted: [Double], _ part: Double) -> Double {
        sorted.isEmpty ? 0 : sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
    }
}

/// One run at one load: nanoseconds from due to received, for each probe.
struct LatencyRun {
    private let pace: PacketList.Pace
    private let beginning: PacketList
    private let packets: PacketList
    private let probes: [Int]
    private let geofences: [UInt8]

    /// Depends on the messages' number only: their times are those of the run.
    var checksum: UInt64 { Checksum.mix64(UInt64(packets.count)) }

    init(size: BenchSize, rate: Double, messages: Int, probeEvery: Int) throws(BenchError) {
        var traffic = FleetTraffic(
            vehicles: size.count(10_000, least: 50), fences: size.count(1_000, least: 20), probeEvery: probeEvery,
            seed: size.seed, now_ms: Int64(Date().timeIntervalSince1970 * 1000))
        pace = PacketList.Pace(rate: rate)
        beginning = traffic.beginning(qos: 1)
        (packets, probes) = traffic.packets(messages, qos: 1)
        geofences = traffic.geofences()
    }

    /// The broker alone: a subscriber that gets all messages.
    func broker() throws(BenchError) -> [Double] {
        let broker = try startBroker()
        defer { broker.kill() }
        let subscriber = try MarkedSubscriber(
            port: broker.port, filter: BrokerThroughput.filter, mark: FleetTraffic.probeMark,
            expected: beginning.count + packets.count, expectedMarks: .max)
        _ = try beginning.publish(port: broker.port)
        usleep(200_000)
        let published = try packets.publish(port: broker.port, pace: pace)
        let outcome = try subscriber.outcome()
        // The first of each vehicle is of the beginning.
        return try latencies(outcome.arrivals, after: 1, published)
    }

    /// Through the processor: a subscriber that gets the events.
    func processor() throws(BenchError) -> [Double] {
        let folder = try BenchFolder()
        let broker = try startBroker()
        defer { broker.kill() }
        let file = folder.file("fences.geojson")
        guard FileManager.default.createFile(atPath: file, contents: Data(geofences)) else {
            throw BenchError("\(file) cannot be written")
        }
        let processor = try ProcessorProcess(
            port: broker.port, geofences: file, store: folder.file("store.sqlite"), folder: folder)
        _ = try beginning.publish(port: broker.port)
        _ = try processor.waitUntilCommitted(beginning.count)
        try processor.waitUntilPublished()
        let subscriber = try MarkedSubscriber(
            port: broker.port, filter: "fleets/+/events/geofence/+", mark: FleetTraffic.probeMark,
            expected: .max, expectedMarks: probes.count)
        let published = try packets.publish(port: broker.port, pace: pace)
        _ = try processor.waitUntilCommitted(beginning.count + packets.count)
        let outcome = try subscriber.outcome()
        try processor.stop()
        return try latencies(outcome.arrivals, after: 0, published)
    }

    /// - Parameter skipped: arrivals of each vehicle that belong to no message of the run.
    private func latencies(
        _ arrivals: [(number: Int, time_ns: Int64)], after skipped: Int, _ published: load_publisher_result
    ) throws(BenchError) -> [Double] {
        var messages = [[Int]](repeating: [], count: FleetTraffic.probeVehicles)
        for (index, place) in probes.enumerated() { messages[FleetTraffic.probeVehicle(index)].append(place) }
        var seen = [Int](repeating: 0, count: FleetTraffic.probeVehicles)
        var latencies: [Double] = []
        for arrival in arrivals where messages.indices.contains(arrival.number) {
            let turn = seen[arrival.number] - skipped
            seen[arrival.number] += 1
            guard turn >= 0 else { continue }
            guard turn < messages[arrival.number].count else {
                throw BenchError("vehicle \(arrival.number) caused more than its reports")
            }
            let due_ns = published.start_ns + pace.due_ns(messages[arrival.number][turn])
            latencies.append(Double(arrival.time_ns - due_ns))
        }
        guard latencies.count == probes.count else {
            throw BenchError("\(probes.count) reports cross the fence, \(latencies.count) came back")
        }
        return latencies
    }
}
