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
    var pendingUpserts: [String: Geofence] = [:]
    var pendingRemovals: Set<String> = []

    init(name: [UInt8], files: [String: FileFences]) {
        self.name = name
        let own = String(decoding: name, as: UTF8.self)
        fileKey = files[own] == nil ? Router.anyFleet : own
        var fences = files[fileKey] ?? FileFences()
        set = fences.set
    }

    var hasPending: Bool { !pendingUpserts.isEmpty || !pendingRemovals.isEmpty }

    mutating func upsert(_ fence: Geofence) {
        pendingUpserts[fence.id] = fence
        pendingRemovals.remove(fence.id)
    }

    mutating func remove(_ id: String) {
        pendingUpserts[id] = nil
        pendingRemovals.insert(id)
    }

    /// Makes the pending changes: the new set, and what is no longer in it with the slots that it had.
    mutating func applyPending() -> [RemovedFence] {
        let removals = pendingRemovals.sorted()
        let removed = removals.compactMap { id -> RemovedFence? in
            guard let slot = set.slot(ofID: id), let fence = set.fence(at: slot) else { return nil }
            return RemovedFence(slot: slot, fence: fence)
        }
        let upserts = pendingUpserts.keys.sorted().compactMap { pendingUpserts[$0] }
        set = set.applying(upserts: upserts, removals: removals)
        pendingUpserts.removeAll()
        pendingRemovals.removeAll()
        return removed
    }
}
