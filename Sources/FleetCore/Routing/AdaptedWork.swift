import Telemetry

/// A message of an adapter, or the part of one that is about one vehicle.
struct AdaptedMessage: Sendable {
    var frame: Int32
    /// Index into `AdaptedWork.adapters`.
    var adapter: Int32
    /// The vehicle's id stands in `AdaptedWork.names`, not in the batch.
    var isNamed: Bool
    /// What the router decoded already, because only the payload names the vehicle: ranges of `AdaptedWork`. Where
    /// `isDecoded` is false, the shard decodes.
    var isDecoded = false
    var reports = Range<Int32>(uncheckedBounds: (0, 0))
    var statuses = Range<Int32>(uncheckedBounds: (0, 0))
}

/// What a plan has of messages that came by adapters.
struct AdaptedWork: Sendable {
    var messages: [AdaptedMessage] = []
    /// All adapters that were in force during the batch; those that replaced others behind them.
    var adapters: [Adapter] = []
    /// Where those of now begin.
    var firstAdapter = 0
    /// Ids of vehicles that stand in no topic.
    var names: [UInt8] = []
    var reports: [Report] = []
    var statuses: [StatusReport] = []

    mutating func setAdapters(_ new: [Adapter]) {
        firstAdapter = adapters.count
        adapters += new
    }

    /// Empties it and keeps its buffers.
    mutating func removeAll() {
        if messages.isEmpty, adapters.isEmpty { return }
        messages.removeAll(keepingCapacity: true)
        adapters.removeAll(keepingCapacity: true)
        firstAdapter = 0
        names.removeAll(keepingCapacity: true)
        reports.removeAll(keepingCapacity: true)
        statuses.removeAll(keepingCapacity: true)
    }
}
