import Geo
import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Snapshots` {
    private func busyWorld(shards: Int = 2) -> World {
        var world = World(shards: shards)
        for frame in RandomWorld(seed: 5, steps: 400).script.frames { world.take(frame) }
        world.flush()
        return world
    }

    private func restored(_ snapshot: Snapshot, shards: Int) throws -> Processor {
        var processor = Processor(topicRoot: "fleets", shardCount: shards, resolveTimeZone: testTimeZone)
        try processor.restore(snapshot)
        processor._checkInvariants()
        return processor
    }

    @Test func `written, read and written again it is the same`() throws {
        let snapshot = busyWorld().processor.snapshot()
        let again = try restored(snapshot, shards: 2).snapshot()
        #expect(again.parts == snapshot.parts)
        let spread = try restored(try restored(snapshot, shards: 7).snapshot(), shards: 2).snapshot()
        #expect(spread.router == snapshot.router)
        #expect(spread.shards.map(\.count).reduce(0, +) == snapshot.shards.map(\.count).reduce(0, +))
    }

    @Test(arguments: [1, 200, 3_000, 20_000]) func `written in small parts it is the same`(_ bytes: Int) throws {
        for shards in [1, 3] {
            let world = busyWorld(shards: shards)
            var parts: [[UInt8]] = []
            for shard in world.processor.shards {
                var image = shard.image()
                while let part = image.nextPart(bytes: bytes) { parts.append(part) }
                #expect(image.nextPart(bytes: bytes) == nil)
            }
            let whole = world.processor.snapshot()
            #expect(parts.count >= shards && (bytes > 200 || parts.count > 2 * shards))
            let pieces = Snapshot(router: whole.router, desks: whole.desks, shards: parts)
            #expect(try restored(pieces, shards: shards).snapshot().parts == whole.parts)
        }
    }

    @Test func `an image stays as it was while the world goes on`() throws {
        let frames = RandomWorld(seed: 8, steps: 400).script.frames
        var world = World(shards: 2)
        for frame in frames[..<(frames.count / 2)] { world.take(frame) }
        world.flush()
        let before = world.processor.snapshot()
        var images = world.processor.shards.map { $0.image() }
        var parts: [[UInt8]] = []
        for (index, frame) in frames[(frames.count / 2)...].enumerated() {
            world.take(frame)
            guard index % 10 == 0 else { continue }
            world.flush()
            if let part = images[0].nextPart(bytes: 500) { parts.append(part) }
        }
        world.flush()
        for shard in images.indices { while let part = images[shard].nextPart(bytes: 500) { parts.append(part) } }
        #expect(world.processor.snapshot().parts != before.parts)
        let late = Snapshot(router: before.router, desks: before.desks, shards: parts)
        #expect(try restored(late, shards: 2).snapshot().parts == before.parts)
    }

    @Test func `a processor that was in use takes over a snapshot as well as a new one`() throws {
        let snapshot = busyWorld().processor.snapshot()
        var used = World()
        for fleet in ["third", "other"] {
            used.fleet = fleet
            used.report("V1", at: 0, north(0), centre.lon)
        }
        used.flush()
        try used.processor.restore(snapshot)
        #expect(try restored(snapshot, shards: 1).snapshot().parts == used.processor.snapshot().parts)
        // The fleet that was last heard before is told from those of the snapshot.
        used.pass(to: 100_000)
        used.report("X", at: 100_000, north(0), centre.lon)
        let topics = Set(
            used.takeOutcomes().filter { $0.kind == .event }.filter { Event($0).vehicle == "X" }.map(\.topic))
        #expect(topics.allSatisfy { $0.hasPrefix("fleets/other/") } && !topics.isEmpty)
    }

    @Test func `an empty one`() throws {
        let empty = World().processor.snapshot()
        var world = World(shards: 3)
        world.processor = try restored(empty, shards: 3)
        world.report("V1", at: 0, north(0), centre.lon)
        #expect(world.takeLines("") == ["online @0.0"])
    }

    @Test func `every truncation of every part is refused`() throws {
        let snapshot = busyWorld().processor.snapshot()
        for part in snapshot.parts.indices {
            let whole = snapshot.parts[part]
            let step = max(1, whole.count / 60)
            for length in stride(from: 0, to: whole.count, by: step) {
                var parts = snapshot.parts
                parts[part] = Array(whole[..<length])
                let cut = try Snapshot(parts: parts)
                #expect(throws: SnapshotError.self, "part \(part) cut to \(length)") { try restored(cut, shards: 2) }
            }
            var longer = snapshot.parts
            longer[part] = whole + [0]
            let left = try Snapshot(parts: longer)
            #expect(throws: SnapshotError.self, "part \(part) with a byte too many") { try restored(left, shards: 2) }
        }
    }

    @Test func `another format, no parts, and fleets that are not there are refused`() throws {
        let snapshot = busyWorld().processor.snapshot()
        #expect(throws: SnapshotError.self) { try Snapshot(parts: []) }
        var parts = snapshot.parts
        parts[0][0] += 1
        let newer = try Snapshot(parts: parts)
        #expect(throws: SnapshotError.self) { try restored(newer, shards: 1) }
        let strange = Snapshot(
            router: World().processor.snapshot().router, desks: snapshot.desks, shards: snapshot.shards)
        #expect(throws: SnapshotError.self) { try restored(strange, shards: 1) }
        let doubled = Snapshot(
            router: snapshot.router, desks: snapshot.desks, shards: snapshot.shards + snapshot.shards)
        #expect(throws: SnapshotError.self) { try restored(doubled, shards: 1) }
    }

    /// Damaged bytes are refused or give some state; what comes after does not stop the process.
    @Test(arguments: seeds(60)) func `flipped bytes never crash`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var world = World(shards: 2)
        for frame in RandomWorld(seed: seed, steps: 60).script.frames { world.take(frame) }
        world.flush()
        var parts = world.processor.snapshot().parts
        for _ in 0..<random.int(1...3) {
            let part = random.int(0...(parts.count - 1))
            let place = random.int(0...(parts[part].count - 1))
            parts[part][place] ^= UInt8(1 << random.int(0...7))
        }
        var processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: testTimeZone)
        do { try processor.restore(try Snapshot(parts: parts)) } catch { return }
        world.processor = processor
        world.report("V1", at: 5000, north(0), centre.lon)
        world.tick(5010)
        _ = world.takeOutcomes()
    }
}
