import FleetCore
import Geo
import Locks
import Wire

/// A shard of the engine with a lock around it, so that whichever thread has time may run it.
///
/// A lock and not an actor: a small batch is worked through by the pipeline's own thread, shard after shard, for waking
/// another thread takes longer than the work; only large ones are spread over the pool.
final class ShardHost: Sendable {
    let number: Int
    private let shard: Guarded<Shard>

    init(number: Int, topicRoot: String) {
        self.number = number
        shard = Guarded(Shard(number: number, topicRoot: topicRoot))
    }

    func apply(_ batch: MessageBatch, _ plan: BatchPlan) -> Shard.Output { shard.withLock { $0.apply(batch, plan) } }

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
