package import Forecast
import Geo
package import Wire

/// Router and shards on one thread: for replay, recovery checks and tests. The service runs the same parts on actors.
package struct Processor {
    package private(set) var router: Router
    private(set) var shards: [Shard]
    private(set) var desks: Desks
    /// Used again for every batch.
    private var plan: BatchPlan

    /// Without `writesStates` there are no effects of the kind `state`; nothing else differs.
    package init(
        topicRoot: String, shardCount: Int, writesStates: Bool = true,
        resolveTimeZone: @escaping Router.TimeZoneResolver
    ) {
        plan = BatchPlan(shards: shardCount)
        router = Router(topicRoot: topicRoot, shardCount: shardCount, resolveTimeZone: resolveTimeZone)
        desks = Desks(
            topicRoot: topicRoot, writesStates: writesStates, resolveTimeZone: resolveTimeZone)
        shards = (0..<shardCount).map { Shard(number: $0, topicRoot: topicRoot, writesStates: writesStates) }
    }

    package mutating func apply(_ batch: MessageBatch) -> BatchOutput {
        var output = BatchOutput()
        apply(batch, into: &output)
        return output
    }

    /// The same into the output of an earlier batch, whose buffers are used again: without new vehicles, events and
    /// longer batches than before, nothing is allocated.
    package mutating func apply(_ batch: MessageBatch, into output: inout BatchOutput) {
        var end = applyPlan(batch, from: 0, into: &output)
        while end < batch.count {
            var next = output.makeNext()
            end = applyPlan(batch, from: end, into: &next)
            output.append(next)
        }
    }

    /// Works through one plan; returns where the next begins.
    private mutating func applyPlan(_ batch: MessageBatch, from start: Int, into output: inout BatchOutput) -> Int {
        router.plan(batch, from: start, into: &plan)
        output.begin(shards: shards.count)
        for index in shards.indices { shards[index].apply(batch, plan, into: &output.shards[index]) }
        router.absorb(output.shards)
        desks.apply(&plan, output.shards, into: &output.desks)
        output.finish(&plan)
        return plan.end
    }

    /// Whether desks note their forecasts and the arrivals, for those who measure them; they do not by default.
    package var forecastRecording: ForecastRecording {
        get { desks.forecastRecording }
        set { desks.forecastRecording = newValue }
    }

    /// What each fleet has learned; see `Desks.learned`.
    package var learned: [(fleet: [UInt8], values: LearnedValues)] { desks.learned }

    package func census() -> Census {
        shards.reduce(into: Census()) { $0 += $1.census() }
    }

    package func _checkInvariants() {
        for shard in shards { shard._checkInvariants() }
        desks._checkInvariants()
    }

    /// The whole state, as it would be written at this place of the log.
    package func snapshot() -> Snapshot {
        Snapshot(router: router.snapshot(), desks: desks.snapshot(), shards: shards.map { $0.snapshot() })
    }

    /// The state of a snapshot, whatever number of shards it was written by.
    package mutating func restore(_ snapshot: Snapshot) throws(SnapshotError) {
        try router.restore(snapshot.router)
        try desks.restore(snapshot.desks)
        for index in shards.indices {
            try shards[index].restore(snapshot, router: router, shardCount: shards.count)
        }
    }
}
