import FleetCore
import Geo
import Locks
import Synchronization
import Wire

/// A shard of the engine with a lock around it, so that whichever thread has time may run it.
///
/// A lock and not an actor: a small batch is worked through by the pipeline's own thread, shard after shard, for waking
/// another thread takes longer than the work; only large ones are spread over the pool.
final class ShardHost: Sendable {
    let number: Int
    private let shard: Guarded<Shard>
    private let busy_ns = Atomic<Int64>(0)
    private let items = Atomic<Int64>(0)

    init(number: Int, topicRoot: String) {
        self.number = number
        shard = Guarded(Shard(number: number, topicRoot: topicRoot))
    }

    func apply(_ batch: MessageBatch, _ plan: BatchPlan) -> Shard.Output {
        let begun = ContinuousClock.now
        let output = shard.withLock { $0.apply(batch, plan) }
        let took = (ContinuousClock.now - begun) / .nanoseconds(1)
        busy_ns.add(Int64(took), ordering: .relaxed)
        items.add(Int64(plan.load(of: number)), ordering: .relaxed)
        return output
    }

    /// What it has worked through since the start, and how long that took.
    var load: ShardLoad {
        ShardLoad(
            number: number, items: items.load(ordering: .relaxed),
            busy_s: Double(busy_ns.load(ordering: .relaxed)) / 1e9)
    }

    /// The retained states of the vehicles as they are now.
    func visitStates(vehicles_max: Int, _ body: (_ topic: [UInt8], _ payload: [UInt8]) -> Void) {
        shard.withLock { $0.visitStates(vehicles_max: vehicles_max, body) }
    }

    func image() -> ShardImage { shard.withLock { $0.image() } }

    func census() -> Census { shard.withLock { $0.census() } }

    func restore(
        _ snapshot: Snapshot, router: Router, shardCount: Int
    ) throws(SnapshotError) {
        try shard.withLock { (shard) throws(SnapshotError) in
            try shard.restore(snapshot, router: router, shardCount: shardCount)
        }
    }
}

/// How much a shard has had to do.
struct ShardLoad: Sendable {
    var number: Int
    var items: Int64
    var busy_s: Double
}
