import FleetCore
import Glibc
import Wire

/// The engine's parts as the service runs them, with a thread for each shard: router first, then all shards at once.
///
/// Plans are made beforehand, so that what is timed is the shards' own work and its spreading.
struct ShardedRun {
    /// A batch stands here once for each of its plans.
    private let batches: [MessageBatch]
    private let plans: [BatchPlan]
    private let shards: Int

    init(setup: MessageBatch, batches: [MessageBatch], shards: Int) {
        var router = Router(topicRoot: "fleets", shardCount: shards, resolveTimeZone: { _ in nil })
        self.shards = shards
        var planned: [(batch: MessageBatch, plan: BatchPlan)] = []
        for batch in [setup] + batches {
            var start = 0
            repeat {
                let plan = router.plan(batch, from: start)
                router.goWithoutCounts()
                planned.append((batch, plan))
                start = plan.end
            } while start < batch.count
        }
        self.batches = planned.map(\.batch)
        plans = planned.map(\.plan)
    }

    /// Works through all batches, each shard on a thread of its own. Nanoseconds that the thread took which took longest: of
    /// a processor, so that a machine which does other things as well counts little, and on the clock.
    func run() -> (processor_ns: Double, clock_ns: Double) {
        let begin = Measure.clock_ns()
        var threads: [pthread_t] = []
        let works = (0..<shards).map { Work(run: self, number: $0) }
        for work in works {
            let work = Unmanaged.passRetained(work)
            var thread = pthread_t()
            // The thread takes the one reference that was retained for it.
            pthread_create(
                &thread, nil,
                { argument in
                    guard let argument else { return nil }
                    Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                    return nil
                }, work.toOpaque())
            threads.append(thread)
        }
        for thread in threads { pthread_join(thread, nil) }
        let clock_ns = Measure.clock_ns() - begin
        return (Double(works.map(\.took_ns).max() ?? 0), Double(clock_ns))
    }

    private final class Work {
        private let owner: ShardedRun
        private let number: Int
        /// Processor time, to be read after the thread was joined.
        private(set) var took_ns: Int64 = 0

        init(run: ShardedRun, number: Int) {
            owner = run
            self.number = number
        }

        func run() {
            let begin = Measure.now_ns()
            defer { took_ns = Measure.now_ns() - begin }
            var shard = Shard(number: number, topicRoot: "fleets")
            var output = Shard.Output()
            for (batch, plan) in zip(owner.batches, owner.plans) { shard.apply(batch, plan, into: &output) }
        }
    }

    /// Over the ids of all events, whatever their order.
    func checksum() -> UInt64 {
        var result = EngineMeasurement.Result()
        var workers = (0..<shards).map { Shard(number: $0, topicRoot: "fleets") }
        var desks = Desks(topicRoot: "fleets", resolveTimeZone: { _ in nil })
        for (batch, plan) in zip(batches, plans) {
            var outputs: [Shard.Output] = []
            for index in workers.indices { outputs.append(workers[index].apply(batch, plan)) }
            result.add(BatchOutput(plan, outputs, &desks))
        }
        return result.sum
    }
}
