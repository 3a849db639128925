import CLoadClients
import Foundation
import MQTTTransport

/// From a driver's word to the order's status, and from a fix to the ETA, through broker, processor and broker again: as the
/// event that tells of it, and as the retained state of the stop.
///
/// The load is open, as in `BrokerLatency`: latencies count from when a message is due. States wait for the engine's tick,
/// and a stop's state comes at most once in `rules.state_interval_s` (5 s); each stop is probed once, long after that.
struct DispatchLatency {
    let size: BenchSize

    /// Messages a second beside the probes.
    private static let rates = [1000.0, 5000.0]
    private static let seconds = 10.0
    private static let status_ms = 10_000
    private static let eta_ms = 30_000

    /// Nanoseconds, sorted.
    private struct Latencies {
        var statusEvents: [Double] = []
        var statusStates: [Double] = []
        var etaEvents: [Double] = []
        var etaStates: [Double] = []
    }

    func rows() throws(BenchError) -> [BenchRow] {
        var rows: [BenchRow] = []
        var sum: UInt64 = 0
        for full in Self.rates {
            let rate = max(100, full * min(size.scale, 1))
            let latencies = try run(rate, &sum)
            let name = "dispatch.latency.\(Int(full))"
            rows.append(.figure("\(name).load", rate, "messages/s"))
            rows.append(.count("\(name).probes", latencies.statusStates.count + latencies.etaStates.count, ""))
            for (label, values, limit_ms) in [
                ("status.event", latencies.statusEvents, Self.status_ms),
                ("status.state", latencies.statusStates, Self.status_ms),
                ("eta.event", latencies.etaEvents, Self.eta_ms), ("eta.state", latencies.etaStates, Self.eta_ms),
            ] {
                for (part, share) in [("p50", 0.5), ("p99", 0.99)] {
                    let value = values[min(values.count - 1, Int(Double(values.count) * share))]
                    rows.append(.figure("\(name).\(label).\(part)", value / 1e6, "ms (contract < \(limit_ms))"))
                }
            }
        }
        return rows + [.checksum("dispatch.latency.checksum", sum)]
    }

    private func run(_ rate: Double, _ sum: inout UInt64) throws(BenchError) -> Latencies {
        let now_ms = Int64(Date().timeIntervalSince1970 * 1000)
        var background = FleetTraffic(
            vehicles: size.count(5000, least: 50), fences: size.count(1000, least: 20), seed: size.seed, now_ms: now_ms)
        let each = size.count(150, least: 5)
        let traffic = DispatchTraffic(words: each, fixes: each, now_ms: now_ms)
        let count = max(traffic.count * 4, Int(rate * Self.seconds * min(size.scale, 1)))
        let every = count / traffic.count
        var packets = PacketList(qos: 1)
        var places = [Int](repeating: 0, count: traffic.count)
        for index in 0..<(every * traffic.count) {
            if index % every == every - 1 {
                // A word and a fix in turn.
                let turn = index / every
                let probe = turn % 2 == 0 ? turn / 2 : each + turn / 2
                places[probe] = index
                traffic.append(probe, to: &packets)
            } else {
                let (topic, payload) = background.message()
                packets.append(topic: topic, payload: payload)
            }
        }
        sum &+= Checksum.mix64(UInt64(packets.count))
        return try measure(traffic, packets, places, rate, fences: background.geofences())
    }

    private func measure(
        _ traffic: DispatchTraffic, _ packets: PacketList, _ places: [Int], _ rate: Double, fences: [UInt8]
    ) throws(BenchError) -> Latencies {
        let folder = try BenchFolder()
        let broker = try startBroker()
        defer { broker.kill() }
        let file = folder.file("fences.geojson")
        guard FileManager.default.createFile(atPath: file, contents: Data(fences)) else {
            throw BenchError("\(file) cannot be written")
        }
        let processor = try ProcessorProcess(
            port: broker.port, geofences: file, store: folder.file("store.sqlite"), folder: folder)
        let beginning = traffic.beginning(qos: 1)
        _ = try beginning.publish(port: broker.port)
        _ = try processor.waitUntilCommitted(beginning.count)
        try processor.waitUntilPublished()
        // So that no state waits for the interval of the one before.
        usleep(6_000_000)
        let delivered = try subscriber(broker.port, "events/delivery/delivered", marks: traffic.words)
        let updated = try subscriber(broker.port, "events/eta/updated", marks: .max)
        let states = try subscriber(broker.port, "state/stops/+", marks: .max)
        let pace = PacketList.Pace(rate: rate)
        let published = try packets.publish(port: broker.port, pace: pace)
        _ = try processor.waitUntilCommitted(beginning.count + packets.count)
        let due_ns = places.map { published.start_ns + pace.due_ns($0) }
        let stateNow = try Self.last(states.outcome().arrivals, due_ns)
        let told = try Self.last(delivered.outcome().arrivals, due_ns)
        let moved = try Self.last(updated.outcome().arrivals, due_ns)
        try processor.stop()
        var latencies = Latencies()
        for probe in places.indices {
            guard let state_ns = stateNow[probe], let event_ns = traffic.isWord(probe) ? told[probe] : moved[probe]
            else {
                throw BenchError(
                    "nothing was told of stop \(probe) after \(traffic.isWord(probe) ? "a word" : "a fix")")
            }
            if traffic.isWord(probe) {
                latencies.statusEvents.append(event_ns)
                latencies.statusStates.append(state_ns)
            } else {
                latencies.etaEvents.append(event_ns)
                latencies.etaStates.append(state_ns)
            }
        }
        for path in [\Latencies.statusEvents, \.statusStates, \.etaEvents, \.etaStates] {
            latencies[keyPath: path].sort()
        }
        return latencies
    }

    private func subscriber(_ port: Int, _ topic: String, marks: Int) throws(BenchError) -> MarkedSubscriber {
        try MarkedSubscriber(
            port: port, filter: "fleets/+/\(topic)", mark: "probe-", expected: .max, expectedMarks: marks,
            id: "subscriber \(topic)")
    }

    /// From when each probe was due to the last message about its stop, in nanoseconds; nil where none came. The last one: a
    /// stop that a tick touched for another reason was published before.
    private static func last(
        _ arrivals: [(number: Int, time_ns: Int64)], _ due_ns: [Int64]
    ) -> [Double?] {
        var last = [Double?](repeating: nil, count: due_ns.count)
        for arrival in arrivals where due_ns.indices.contains(arrival.number) {
            let latency_ns = arrival.time_ns - due_ns[arrival.number]
            if latency_ns >= 0 { last[arrival.number] = Double(latency_ns) }
        }
        return last
    }
}
