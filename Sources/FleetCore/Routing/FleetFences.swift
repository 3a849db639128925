import Geo

/// A fence and the text that it was read from: the text is what a snapshot keeps.
struct FenceSource: Sendable {
    var fence: Geofence
    var feature: [UInt8]
}

/// The geofences of the files for one fleet, or for all fleets without files of their own.
struct FileFences: Sendable {
    var fences: [String: FenceSource] = [:]
    /// The index over them, made when first asked for: fleets without fences of their own share it.
    private var indexed: FenceSet?

    var set: FenceSet {
        mutating get {
            if let indexed { return indexed }
            let made = FenceSet(fences.keys.sorted().compactMap { fences[$0]?.fence })
            indexed = made
            return made
        }
    }

    mutating func change(_ id: String, to source: FenceSource?) {
        fences[id] = source
        indexed = nil
    }
}

/// The geofences of one fleet: those of the files, over them those that dispatch published.
struct FleetFences: Sendable {
    let name: [UInt8]
    /// Under which key the fleet's files are.
    var fileKey: String
    /// What dispatch published: a fence, or nil where it deleted one of the files.
    var published: [String: FenceSource?] = [:]
    /// What the shards work with.
    var set: FenceSet

    /// Changes that the shards have not been told yet: a burst of changes makes one new set.
    private var pendingUpserts: [String: Geofence] = [:]
    private var pendingRemovals: Set<String> = []
    /// Fences of `set` that were removed, in the order of their removals, each with its own step: what follows is the
    /// same as if every change made a set of its own, wherever a batch ends.
    private var removed: [RemovedFence] = []

    init(name: [UInt8], files: inout [String: FileFences]) {
        self.name = name
        let own = String(decoding: name, as: UTF8.self)
        fileKey = files[own] == nil ? Router.anyFleet : own
        set = files[fileKey, default: FileFences()].set
    }

    var hasPending: Bool { !pendingUpserts.isEmpty || !pendingRemovals.isEmpty }

    mutating func upsert(_ fence: Geofence) {
        pendingUpserts[fence.id] = fence
    }

    mutating func remove(_ id: String, step: Engine.Step) {
        let changed = pendingUpserts.removeValue(forKey: id)
        guard pendingRemovals.insert(id).inserted, let slot = set.slot(ofID: id),
            let fence = changed ?? set.fence(at: slot)
        else { return }
        removed.append(RemovedFence(slot: slot, fence: fence, step: step))
    }

    /// Makes the pending changes: the new set, and what was removed from it with the slots that it had. A fence that was
    /// removed and came back keeps its slot, but not its visits.
    mutating func applyPending() -> [RemovedFence] {
        let upserts = pendingUpserts.keys.sorted().compactMap { pendingUpserts[$0] }
        set = set.applying(upserts: upserts, removals: pendingRemovals.sorted())
        defer {
            pendingUpserts.removeAll()
            pendingRemovals.removeAll()
            removed.removeAll()
        }
        return removed
    }
}
