import Geo
import Telemetry
package import Wire

extension Shard {
    /// The state of this moment as one part.
    package func snapshot() -> [UInt8] {
        var image = image()
        return image.nextPart() ?? []
    }

    /// Takes over, from all shards' parts, the vehicles that hash to this shard.
    package mutating func restore(
        _ snapshot: Snapshot, router: Router, shardCount: Int
    ) throws(SnapshotError) {
        var heardSince_ms = Int64.min
        for part in snapshot.shards {
            var reader = ByteReader(part)
            try Snapshot.checkFormat(&reader)
            heardSince_ms = max(heardSince_ms, try reader.integer())
        }
        let sets = router.fleetSets
        reset(settings: router.settings, ruleBook: router.ruleBook, heardSince_ms: heardSince_ms)
        for (name, set) in sets { openFleet(name, set) }
        for part in snapshot.shards {
            var reader = ByteReader(part)
            try Snapshot.checkFormat(&reader)
            let _: Int64 = try reader.integer()
            let count = try reader.count()
            guard count <= sets.count else { throw SnapshotError(reason: "a shard has fleets that the router has not") }
            for index in 0..<count {
                try fleets[index].engine.readVehicles(from: &reader, shard: number, of: shardCount)
            }
            guard reader.isAtEnd else { throw SnapshotError(reason: "bytes are left over in a shard's part") }
        }
        for (fleet, vehicles) in router.followed.enumerated() {
            for (number, id) in vehicles.ids.enumerated() {
                follow(id, fleet: fleet, handle: Int32(number), shardCount: shardCount)
            }
        }
    }
}

extension Engine {
    /// Reads all vehicles of a part and keeps those of this shard.
    mutating func readVehicles(from reader: inout ByteReader, shard: Int, of shardCount: Int) throws(SnapshotError) {
        try texts.read(from: &reader)
        for _ in 0..<(try reader.count()) {
            let id = try reader.data()
            let hash = stableHash64(id.span)
            let vehicle = try Vehicle(from: &reader, groups: &groups, fences: fences)
            let watch = try PositionWatch(from: &reader)
            let manual = try reader.optional { reader throws(SnapshotError) in try ManualPosition(from: &reader) }
            guard Int(hash % UInt64(shardCount)) == shard else { continue }
            guard table.slot(of: id.span, hash: hash) == nil else {
                throw SnapshotError(reason: "vehicle '\(String(decoding: id, as: UTF8.self))' is there twice")
            }
            let slot = table.add(id.span, hash: hash)
            vehicles.append(vehicle)
            watches.append(watch)
            if let manual { manualPositions[Int32(slot)] = manual }
            lastHeard_ms = max(lastHeard_ms, vehicle.lastHeard_ms)
            if let newest = vehicle.newest {
                index.update(vehicle: Int32(slot), latitude_e7: newest.latitude_e7, longitude_e7: newest.longitude_e7)
            }
            rearm(slot)
        }
    }

    /// Timers are not written; they follow from the vehicle. Its state is published again, for what was published last
    /// before a crash is not known.
    private mutating func rearm(_ slot: Int) {
        let now_ms = vehicles[slot].lastHeard_ms
        guard now_ms != Int64.min else { return }
        let step = Step(ordinal: 0, receivedTime_ms: now_ms)
        armSilence(slot, step: step)
        markState(slot, step: step)
    }
}
