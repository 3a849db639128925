import FleetCore
import Wire

/// A million vehicles in one engine: what each of them takes, and how fast reports of them go when nothing of a vehicle is
/// still in a cache.
enum MillionVehicles {
    private static let rounds = 4

    static func rows(_ size: BenchSize) throws(BenchError) -> [BenchRow] {
        let count = size.count(1_000_000, least: 1_000)
        var random = BenchRandom(seed: size.seed)
        // About as dense as 10,000 vehicles in the town of the other cases.
        var fleet = DrivenFleet(count: count, side: 0.15 * (Double(count) / 10_000).squareRoot(), &random)
        var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: { _ in nil })
        var output = BatchOutput()
        let before_bytes = Measure.resident_bytes()
        var accepted = 0
        var last_ns: [Double] = []
        for round in 0..<rounds {
            var took_ns: Int64 = 0
            fleet.nextRound(&random) { batch in
                let begin = Measure.now_ns()
                processor.apply(batch, into: &output)
                took_ns += Measure.now_ns() - begin
                accepted += Int(output.counters.acceptedFixes)
            }
            if round > 0 { last_ns.append(Double(took_ns) / Double(count)) }
        }
        guard accepted == rounds * count else { throw BenchError("\(accepted) fixes taken") }
        let after_bytes = Measure.resident_bytes()
        return [
            .count("million.vehicles", count, ""),
            .figure("million.vehicle", Double(after_bytes - before_bytes) / Double(count), "bytes"),
            .measured("million.report", last_ns, "ns"),
            .measured("million.throughput", last_ns.map { 1e9 / $0 }, "reports/s"),
            .checksum("million.checksum", UInt64(accepted)),
        ]
    }
}
