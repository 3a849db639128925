import FleetCore
import Geo
import Glibc
import Wire

/// A fleet that drives over a town full of fences, half of them circles and half polygons of 8 to 64 vertices.
///
/// What is measured is everything between a batch and its effects: topics, routing, decoding, order by fix
/// time, the vehicle index, fences, events.
struct EngineMeasurement {
    let name: String
    let shards: Int
    let size: BenchSize
    private let vehicles: Int
    private var setup = MessageBatch()
    private var batches: [MessageBatch] = []
    private var reports = 0

    /// Reports of each vehicle: the first ones fill tracks and buffers before anything is timed.
    private static let warmRounds = 8
    private static let rounds = 24

    init(fences: Int, shards: Int, name: String, size: BenchSize) {
        self.name = name
        self.shards = shards
        self.size = size
        vehicles = size.count(10_000, least: 50)
        var random = BenchRandom(seed: size.seed)
        let fenceCount = size.count(fences, least: 20)
        // The same density of fences whatever their number: about one in ten positions is in one.
        let side = 0.15 * (Double(fenceCount) / 1000).squareRoot()
        makeFences(fenceCount, side, &random)
        makeReports(side, &random)
    }

    private mutating func makeFences(_ count: Int, _ side: Double, _ random: inout BenchRandom) {
        for number in 0..<count {
            let longitude = 121.5 + random.double(0...side)
            let latitude = 25 + random.double(0...side)
            let radius_m = random.double(50...150)
            var feature = #"{"type":"Feature","properties":{"id":"f\#(number)""#
            if number % 2 == 0 {
                feature += #","radius_m":\#(radius_m)},"geometry":{"type":"Point","#
                feature += #""coordinates":[\#(longitude),\#(latitude)]}}"#
            } else {
                let corners = 8 + random.int(below: 57)
                let ring = (0...corners).map { corner -> String in
                    let angle = Double(corner % corners) / Double(corners) * 2 * Double.pi
                    let x = longitude + radius_m / 100_000 * cos(angle)
                    let y = latitude + radius_m / 111_000 * sin(angle)
                    return "[\(x),\(y)]"
                }
                let coordinates = ring.joined(separator: ",")
                feature += #"},"geometry":{"type":"Polygon","coordinates":[[\#(coordinates)]]}}"#
            }
            setup.append(
                kind: .fileGeofence, receivedTime_ms: DrivenFleet.start_ms,
                topic: Router.fileGeofenceTopic(fleet: "+", id: "f\(number)"), payload: Array(feature.utf8))
        }
    }

    private mutating func makeReports(_ side: Double, _ random: inout BenchRandom) {
        var fleet = DrivenFleet(count: vehicles, side: side, &random)
        for _ in 0..<Self.rounds {
            fleet.nextRound(&random) { batch in
                reports += batch.count
                batches.append(batch)
            }
        }
    }

    // MARK: - Measuring

    /// One shard on one thread: reports a second, and what came out.
    func rows() throws(BenchError) -> [BenchRow] {
        let warm = batches.count * Self.warmRounds / Self.rounds
        var perReport_ns: [Double] = []
        var result = Result()
        for _ in 0..<size.repetitions {
            var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: { _ in nil })
            result = Result()
            result.add(processor.apply(setup))
            var output = BatchOutput()
            for batch in batches[..<warm] {
                processor.apply(batch, into: &output)
                result.add(output)
            }
            let timed = batches[warm...]
            let begin = Measure.now_ns()
            for batch in timed {
                processor.apply(batch, into: &output)
                result.add(output)
            }
            let took = Measure.now_ns() - begin
            perReport_ns.append(Double(took) / Double(timed.reduce(0) { $0 + $1.count }))
        }
        guard result.accepted == reports else {
            throw BenchError("\(reports) reports were made, \(result.accepted) fixes taken")
        }
        return [
            .count("\(name).reports", reports, ""), .measured("\(name).report", perReport_ns, "ns"),
            .measured("\(name).throughput", perReport_ns.map { 1e9 / $0 }, "reports/s"),
            .count("\(name).events", result.events, ""), .checksum("\(name).checksum", result.sum),
        ]
    }

    /// The same work on one shard, and spread over `shards` threads.
    func parallelRows() throws(BenchError) -> [BenchRow] {
        let one = ShardedRun(setup: setup, batches: batches, shards: 1)
        let many = ShardedRun(setup: setup, batches: batches, shards: shards)
        // In turn, so that what else the machine does hits both.
        let times = (0..<size.repetitions).map { _ in (one: one.run(), many: many.run()) }
        guard one.checksum() == many.checksum() else { throw BenchError("shards change the events") }
        let perReport = 1 / Double(reports)
        return [
            .measured("\(name).one", times.map { $0.one.processor_ns * perReport }, "ns"),
            .measured("\(name).two", times.map { $0.many.processor_ns * perReport }, "ns"),
            .measured("\(name).ratio", times.map { $0.one.processor_ns / $0.many.processor_ns }, "times"),
            .measured("\(name).clock_ratio", times.map { $0.one.clock_ns / $0.many.clock_ns }, "times"),
            .checksum("\(name).checksum", one.checksum()),
        ]
    }

    /// What came out of a run.
    struct Result {
        var accepted = 0
        var events = 0
        /// Over the ids of all events: independent of their order.
        var sum: UInt64 = 0

        mutating func add(_ output: BatchOutput) {
            accepted += Int(output.counters.acceptedFixes)
            events += Int(output.counters.eventCount)
            output.visit { effect, _ in
                guard effect.kind == .event else { return }
                sum &+= Checksum.mix64(effect.id.high ^ effect.id.low)
            }
        }
    }
}
