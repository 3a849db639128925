import CAllocationCount
import FleetCore
import Telemetry
import Wire

/// Heap allocations in the steady state: none, for a report without an event and its retained state, from the bytes of
/// the batch to the bytes of its effects.
enum Allocations {
    /// Rounds until buffers, tracks and timers have grown: a track of 32 reports has been dropped in part several times over,
    /// with all its checkpoints in use, and a state and a silence have fallen due.
    private static let warmRounds = 80
    private static let trackFixes = 32
    private static let rounds = 8

    /// Without optimisation closures and the like are put on the heap: the engine's figure is then printed, not judged.
    static var isOptimised: Bool {
        #if DEBUG
            false
        #else
            true
        #endif
    }

    static func rows(_ size: BenchSize) throws(BenchError) -> [BenchRow] {
        let decoder = decoded()
        let (engine, messages, states) = try processed(size)
        // -1: a sanitizer has the allocator.
        guard decoder <= 0, engine <= 0 || !isOptimised else {
            throw BenchError("\(decoder) allocations of the decoder, \(engine) of the engine; there should be none")
        }
        return [
            .count("allocations.decoder", decoder, ""), .count("allocations.engine", engine, ""),
            .count("allocations.messages", messages, ""), .count("allocations.states", states, ""),
            .checksum("allocations.checksum", UInt64(messages)),
        ]
    }

    private static func decoded() -> Int {
        var buffer = ReportBuffer()
        let decoder = NativeDecoder()
        let payload = EngineCases.report
        func decode() {
            buffer.removeAll()
            try? decoder.decode(payload.span, into: &buffer)
        }
        decode()
        allocation_count_begin()
        for _ in 0..<100 { decode() }
        return allocation_count_end()
    }

    /// Vehicles that drive where no fence is.
    private static func processed(
        _ size: BenchSize
    ) throws(BenchError) -> (allocations: Int, messages: Int, states: Int) {
        var random = BenchRandom(seed: size.seed)
        var fleet = DrivenFleet(count: size.count(1_000, least: 50), side: 0.1, &random)
        var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: { _ in nil })
        var output = BatchOutput()
        var settings = Settings()
        settings.trackFixes = trackFixes
        var setup = MessageBatch()
        setup.append(kind: .settings, receivedTime_ms: 0, topic: [], payload: settings.json())
        processor.apply(setup, into: &output)
        for _ in 0..<warmRounds { fleet.nextRound(&random) { processor.apply($0, into: &output) } }
        var allocations = 0
        var messages = 0
        var effects = 0
        var events: Int64 = 0
        for _ in 0..<rounds {
            fleet.nextRound(&random) { batch in
                allocation_count_begin()
                processor.apply(batch, into: &output)
                allocations += allocation_count_end()
                messages += batch.count
                effects += output.count
                events += output.counters.eventCount
            }
        }
        guard events == 0, effects > 0 else { throw BenchError("\(events) events and \(effects) effects") }
        return (allocations, messages, effects)
    }
}
