import FleetCore
import Geo
import Wire

/// A shard of the engine with a place to run.
actor ShardActor {
    private var shard: Shard

    init(number: Int, topicRoot: String) {
        shard = Shard(number: number, topicRoot: topicRoot)
    }

    func apply(_ batch: MessageBatch, _ plan: BatchPlan) -> Shard.Output { shard.apply(batch, plan) }

    func snapshot() -> [UInt8] { shard.snapshot() }

    func census() -> Census { shard.census() }

    func restore(
        _ snapshot: Snapshot, settings: Settings, fleets: [(name: [UInt8], set: FenceSet)], shardCount: Int
    ) throws(SnapshotError) {
        try shard.restore(snapshot, settings: settings, fleets: fleets, shardCount: shardCount)
    }
}
