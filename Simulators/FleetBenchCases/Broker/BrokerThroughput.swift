import CLoadClients
import FleetService
import Foundation
import MQTTTransport

/// How many messages a second come through a mosquitto on this machine: to a null subscriber in C, and to the processor with
/// journal and 1,000 geofences, in turn.
///
/// Each run has a broker of its own and the same messages: every vehicle's first report, which is not timed, and then
/// `count` more from one publisher, which is this process and costs next to nothing: it sends packets that were rendered
/// before. Timed is from the first message sent to the last received (null) or committed (processor). The processor sees
/// the load as it would in production: its events and states go to the same broker.
struct BrokerThroughput {
    let qos: Int
    let size: BenchSize
    private let beginning: PacketList
    private let packets: PacketList
    private let geofences: [UInt8]

    static let filter = "fleets/+/vehicles/+/telemetry"
    /// Rounds beyond this add nothing but time: a round takes about 20 s.
    private static let roundsMax = 5

    init(qos: Int, size: BenchSize) {
        self.qos = qos
        self.size = size
        var traffic = FleetTraffic(
            vehicles: size.count(10_000, least: 50), fences: size.count(1_000, least: 20), seed: size.seed,
            now_ms: Int64(Date().timeIntervalSince1970 * 1000))
        beginning = traffic.beginning(qos: qos)
        packets = traffic.packets(size.count(300_000, least: 500), qos: qos).packets
        geofences = traffic.geofences()
    }

    /// Messages a second in each round.
    private struct Rates {
        var plain: [Double] = []
        var batched: [Double] = []
        var processor: [Double] = []
        /// Microseconds of a processor a message.
        var batchedTime_us: [Double] = []
        var processorTime_us: [Double] = []
        var lost = 0
        var eventsPerThousand = 0.0
    }

    func rows() throws(BenchError) -> [BenchRow] {
        var rates = Rates()
        for _ in 0..<min(size.repetitions, Self.roundsMax) {
            rates.plain.append(try nullRate(.plain, &rates))
            rates.batched.append(try nullRate(.batched, &rates))
            rates.processor.append(try processorRate(&rates))
        }
        let name = "broker.qos\(qos)"
        let ratios = zip(rates.processor, zip(rates.plain, rates.batched).map(max)).map { $0 / $1 * 100 }
        return [
            .count("\(name).messages", packets.count, ""), .measured("\(name).null.plain", rates.plain, "messages/s"),
            .measured("\(name).null.batched", rates.batched, "messages/s"),
            .measured("\(name).processor", rates.processor, "messages/s"), .measured("\(name).ratio", ratios, "%"),
            .measured("\(name).null.batched.cpu", rates.batchedTime_us, "µs/message"),
            .measured("\(name).processor.cpu", rates.processorTime_us, "µs/message"),
            .figure("\(name).events", rates.eventsPerThousand, "events/1000 messages"),
            .count("\(name).lost", rates.lost, "messages"),
            .checksum("\(name).checksum", beginning.checksum &+ packets.checksum),
        ]
    }

    /// The processor's rate alone, for the latencies.
    static func processorRate(size: BenchSize) throws(BenchError) -> Double {
        var rates = Rates()
        return try BrokerThroughput(qos: 1, size: size).processorRate(&rates)
    }

    private func nullRate(_ style: NullSubscriber.Style, _ rates: inout Rates) throws(BenchError) -> Double {
        let folder = try BenchFolder()
        let broker = try startBroker()
        defer { broker.kill() }
        let all = beginning.count + packets.count
        let subscriber = try NullSubscriber(
            port: broker.port, filter: Self.filter, qos: 1, style: style, expected: all, folder: folder)
        _ = try beginning.publish(port: broker.port)
        // As long as the processor is given to come to rest.
        usleep(200_000)
        let published = try packets.publish(port: broker.port)
        let outcome = try subscriber.outcome()
        try check("the null subscriber", outcome.count, outcome.checksum, &rates.lost)
        if style == .batched { rates.batchedTime_us.append(outcome.time_s * 1e6 / Double(max(1, outcome.count))) }
        return Double(packets.count) * 1e9 / Double(outcome.last_ns - published.start_ns)
    }

    private func processorRate(_ rates: inout Rates) throws(BenchError) -> Double {
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
        let eventsBefore = try processor.status().events.values.reduce(0, +)
        let time_s = processor.time_s
        let published = try packets.publish(port: broker.port)
        let end_ns = try processor.waitUntilCommitted(beginning.count + packets.count)
        rates.processorTime_us.append((processor.time_s - time_s) * 1e6 / Double(packets.count))
        let events = try processor.status().events.values.reduce(0, +) - eventsBefore
        rates.eventsPerThousand = Double(events) * 1000 / Double(packets.count)
        try processor.stop()
        let journal = try ProcessorProcess.journal(processor.store)
        try check("the journal", journal.messages, journal.checksum, &rates.lost)
        return Double(packets.count) * 1e9 / Double(end_ns - published.start_ns)
    }

    /// At QoS 1 every message is there once, byte for byte; at QoS 0 a broker may drop some, which are counted.
    private func check(_ who: String, _ count: Int, _ checksum: UInt64, _ lost: inout Int) throws(BenchError) {
        let all = beginning.count + packets.count
        if qos == 0, count < all {
            lost += all - count
            return
        }
        guard count == all, checksum == beginning.checksum &+ packets.checksum else {
            throw BenchError("\(who) has \(count) of \(all) messages, or others")
        }
    }
}
