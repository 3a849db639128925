import Geo
import Wire

/// What a shard does with one item of its list.
enum WorkKind: UInt8, Sendable {
    case reports
    case status
    case vehicleRecord
    case driverAction
    /// A message that came by an adapter; the item's index is that of `AdaptedWork.messages`.
    case adapted
    /// One of the plan's controls: all shards get it, at the same place in the order.
    case control
}

/// One item of a shard's list. Small and flat: a batch has thousands.
struct WorkItem: Sendable, BitwiseCopyable {
    var kind: WorkKind
    /// Place in the order of the batch; the effects are put in order by it.
    var ordinal: Int32
    /// The frame of the batch, or the index of the control.
    var index: Int32
    var fleet: Int32
    /// The vehicle's id: bytes of the batch.
    var vehicleStart: Int32
    var vehicleCount: Int32
    var vehicleHash: UInt64
}

/// What concerns all vehicles.
enum Control: Sendable {
    case openFleet(name: [UInt8], FenceSet)
    /// New rules from a moment on.
    case settings(Settings, Int64)
    /// Other rules of vehicles from here on.
    indirect case rules(RuleBook)
    case tick(Int64)
    /// Each fleet's vehicles are counted, and losses of positions told as the plan's verdicts have it.
    case survey(Int64)
    case resumed(Int64)
    case fences(fleet: Int, FenceSet, removed: [RemovedFence])
    case query(fleet: Int, Query, QueryAddress)
    /// The desk is told of every fix of this vehicle from here on.
    case follow(fleet: Int, vehicle: [UInt8], handle: Int32)
}

/// Where the answer to a query goes.
struct QueryAddress: Sendable {
    var id: [UInt8]
    var topic: [UInt8]
    var correlation: [UInt8]
    var receivedTime_ms: Int64
}

/// A batch, or a run of its frames, taken apart by the router: for each shard what it does, in order. One can be used for
/// batch after batch.
package struct BatchPlan: Sendable {
    var items: [[WorkItem]]
    var controls: [Control] = []
    var adapted = AdaptedWork()
    /// What the router itself has to say.
    var effects = EffectBuffer()
    var counters = Counters()
    /// Whether some control is a query.
    var hasQueries = false
    /// What the desks are told, in order.
    var deskItems: [DeskItem] = []
    /// What was judged of each fleet, by its number; empty where nobody counts.
    var verdicts: [FleetVerdict] = []
    /// The first frame of the batch that is not in this plan: the next plan begins there, once the router has absorbed what
    /// the shards counted. There is one count in a plan at most, because the next depends on it.
    package var end = 0

    init(shards: Int) { items = Array(repeating: [], count: shards) }

    /// Empties it and keeps its buffers.
    mutating func removeAll() {
        for shard in items.indices { items[shard].removeAll(keepingCapacity: true) }
        controls.removeAll(keepingCapacity: true)
        effects.removeAll()
        adapted.removeAll()
        counters.reset()
        hasQueries = false
        verdicts.removeAll(keepingCapacity: true)
        deskItems.removeAll(keepingCapacity: true)
        end = 0
    }

    /// The number of items of one shard's list.
    package func load(of shard: Int) -> Int { items[shard].count }
}
