import FleetCore
import Geo
import Telemetry
import Wire

/// The path of a message: decoder alone, and from a batch of messages to effects.
enum EngineCases {
    static let all: [BenchCase] = [
        BenchCase(name: "engine/decoder", help: "the native report of 140 bytes, decoded") {
            (size) throws(BenchError) in try decoder(size)
        },
        BenchCase(name: "engine/1k", help: "decode to effects: 10,000 vehicles, 1,000 fences, ordinary driving") {
            (size) throws(BenchError) in
            try EngineMeasurement(fences: 1_000, shards: 1, name: "engine.1k", size: size).rows()
        },
        BenchCase(name: "engine/10k", help: "the same with 10,000 fences") { (size) throws(BenchError) in
            try EngineMeasurement(fences: 10_000, shards: 1, name: "engine.10k", size: size).rows()
        },
        BenchCase(
            name: "engine/allocations",
            help: "allocations of the decoder, and of the engine for messages without an event"
        ) { (size) throws(BenchError) in
            try Allocations.rows(size)
        },
        BenchCase(name: "engine/million", help: "a million vehicles: bytes of each, and the rate") {
            (size) throws(BenchError) in try MillionVehicles.rows(size)
        },
        BenchCase(name: "engine/shards", help: "the same with 1,000 fences, on one shard and on two threads") {
            (size) throws(BenchError) in
            try EngineMeasurement(fences: 1_000, shards: 2, name: "engine.shards", size: size).parallelRows()
        },
    ]

    /// The native report that the decoder is measured with.
    static let report = Array(
        #"{"time":1795170000000,"lat":25.0478123,"lon":121.5170456,"speed_kmh":38.5,"heading_deg":271,"accuracy_m":5,"ignition":true,"fuel_pct":61.5,"seq":881}"#
            .utf8)

    private static func decoder(_ size: BenchSize) throws(BenchError) -> [BenchRow] {
        let payload = report
        var buffer = ReportBuffer()
        let decoder = NativeDecoder()
        let count = size.count(200_000)
        var sum: UInt64 = 0
        var isDecoded = true
        let times = Measure.each_ns(count, size.repetitions) {
            sum = 0
            for _ in 0..<count {
                buffer.removeAll()
                do { try decoder.decode(payload.span, into: &buffer) } catch { isDecoded = false }
                sum &+= Checksum.mix64(UInt64(bitPattern: buffer.reports.first?.time_ms ?? 0))
            }
        }
        guard isDecoded, buffer.reports.first?.latitude_e7 == 250_478_123 else {
            throw BenchError("the decoder does not read the report")
        }
        return [
            .count("decoder.payload", payload.count, "bytes"), .measured("decoder.report", times, "ns"),
            .checksum("decoder.checksum", sum),
        ]
    }
}
