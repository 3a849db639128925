import Geo
import Telemetry
import Wire

/// A shard's state as it was between two batches, to be written as parts of a snapshot while the shard goes on, on whatever
/// thread.
///
/// It is a copy that shares its memory with the shard: taking it costs nothing, and each vehicle that changes afterwards is
/// copied then. So it should not be kept for longer than the writing takes.
package struct ShardImage: Sendable {
    fileprivate let heardSince_ms: Int64
    fileprivate let fleets: [EngineImage]
    /// Where the next part begins.
    private var fleet = 0
    private var slot = 0
    private var isFinished = false

    fileprivate init(heardSince_ms: Int64, fleets: [EngineImage]) {
        self.heardSince_ms = heardSince_ms
        self.fleets = fleets
    }

    /// The next vehicles as a part that can be read alone; nil at the end. There is at least one.
    ///
    /// - Parameter bytes: a part ends with the first vehicle that makes it as long as this.
    package mutating func nextPart(bytes: Int = .max) -> [UInt8]? {
        if isFinished { return nil }
        var writer = ByteWriter()
        writer.write(Snapshot.format)
        writer.write(heardSince_ms)
        writer.write(UInt32(fleets.count))
        var isFull = false
        for index in fleets.indices {
            // Fleets before are in earlier parts, and those after come in later ones.
            guard index == fleet, !isFull else {
                EngineImage.writeNothing(to: &writer)
                continue
            }
            slot = fleets[index].write(from: slot, bytes: bytes, to: &writer)
            isFull = writer.bytes.count >= bytes
            if slot == fleets[index].vehicles.count {
                fleet += 1
                slot = 0
            }
        }
        isFinished = fleet == fleets.count
        return writer.bytes
    }
}

/// What is written of an engine.
struct EngineImage: Sendable {
    let texts: TextTable
    let table: VehicleTable
    let vehicles: ContiguousArray<Vehicle>
    let watches: ContiguousArray<PositionWatch>
    let manualPositions: [Int32: ManualPosition]
    let groups: GroupNames
    let fences: FenceSet

    /// Writes vehicles until there are so many bytes, and before the first one all texts. Returns the slot after the last.
    fileprivate func write(from first: Int, bytes: Int, to writer: inout ByteWriter) -> Int {
        if first == 0 { texts.write(to: &writer) } else { TextTable().write(to: &writer) }
        let place = writer.bytes.count
        writer.write(UInt32(0))
        var slot = first
        while slot < vehicles.count {
            write(slot, to: &writer)
            slot += 1
            if writer.bytes.count >= bytes { break }
        }
        withUnsafeBytes(of: UInt32(slot - first).littleEndian) { count in
            writer.bytes.replaceSubrange(place..<place + count.count, with: count)
        }
        return slot
    }

    private func write(_ slot: Int, to writer: inout ByteWriter) {
        writer.write(table.id(of: slot))
        vehicles[slot].write(to: &writer, groups: groups, fences: fences)
        (slot < watches.count ? watches[slot] : PositionWatch()).write(to: &writer)
        writer.write(optional: manualPositions[Int32(slot)]) { $1.write(to: &$0) }
    }

    /// What `readVehicles` takes for an engine without texts and vehicles.
    fileprivate static func writeNothing(to writer: inout ByteWriter) {
        TextTable().write(to: &writer)
        writer.write(UInt32(0))
    }
}

extension Engine {
    fileprivate func image() -> EngineImage {
        EngineImage(
            texts: texts, table: table, vehicles: vehicles, watches: watches, manualPositions: manualPositions,
            groups: groups, fences: fences)
    }
}

extension Shard {
    /// The state of this moment. O(fleets).
    package func image() -> ShardImage {
        ShardImage(heardSince_ms: heardSince_ms, fleets: fleets.map { $0.engine.image() })
    }
}
