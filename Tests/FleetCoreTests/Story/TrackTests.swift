import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Recent track` {
    private func seen(_ time: Int64, _ place: Int32 = 0) -> Observation {
        Observation(fix: Fix(time_ms: time, latitude_e7: place, longitude_e7: place), has: .position)
    }

    /// A story that tells itself apart from others: it has seen so many observations, the last of them at a time.
    private func story(_ count: Int, _ time: Int64) -> Story {
        var story = Story()
        story.newest = Fix(time_ms: time, latitude_e7: Int32(count), longitude_e7: 0)
        return story
    }

    private func track(_ times: [Int64], limit: Int = 100) -> Track {
        var track = Track()
        for (index, time) in times.enumerated() {
            track.append(seen(time, 7), limit: limit, before: story(index, times[max(0, index - 1)]))
        }
        return track
    }

    @Test func `where an observation belongs`() {
        let track = track([10, 20, 30])
        #expect(track.placement(of: seen(31)) == .newest)
        #expect(track.placement(of: seen(25)) == .late(at: 2))
        #expect(track.placement(of: seen(5)) == .late(at: 0))
        #expect(track.placement(of: seen(20, 7)) == .duplicate)
        // Of one time and another place: in the order of the places, whichever comes first.
        #expect(track.placement(of: seen(20, 6)) == .late(at: 1))
        #expect(track.placement(of: seen(20, 8)) == .late(at: 2))
        #expect(track.placement(of: seen(30, 8)) == .late(at: 3))
    }

    @Test func `sensors alone are a duplicate only where they say the same`() {
        var track = Track()
        var sensors = Observation(fix: Fix(time_ms: 10, latitude_e7: 0, longitude_e7: 0), has: .fuel)
        sensors.fuel_cpct = 100
        track.append(sensors, limit: 10, before: Story())
        #expect(track.placement(of: sensors) == .duplicate)
        sensors.fuel_cpct = 101
        #expect(track.placement(of: sensors) == .late(at: 1))
        sensors.fuel_cpct = 99
        #expect(track.placement(of: sensors) == .late(at: 0))
        #expect(track.placement(of: seen(10)) == .late(at: 1))
    }

    @Test func `a full track drops its oldest quarter, and takes nothing from before its end`() {
        var track = track(Array(1...8).map { $0 * 10 }, limit: 8)
        #expect(track.observations.count == 8)
        #expect(track.settled_ms == Int64.min)
        track.append(seen(90, 7), limit: 8, before: story(8, 80))
        track._checkInvariants()
        #expect(track.observations.map(\.time_ms) == [30, 40, 50, 60, 70, 80, 90])
        #expect(track.settled_ms == 20)
        #expect(track.placement(of: seen(20)) == .settled)
        #expect(track.placement(of: seen(21)) == .late(at: 0))
    }

    @Test func `going back leads to the last checkpoint before`() {
        var track = track(Array(1...8).map { $0 * 10 }, limit: 8)
        var told = Story()
        #expect(track.rewind(to: 5, into: &told) == 4)
        #expect(told.newest == story(4, 40).newest)
        #expect(track.rewind(to: 1, into: &told) == 0)
        #expect(told.newest == nil)
    }

    @Test func `observations of one time are told again together`() {
        var track = track([10, 20, 30, 40], limit: 8)
        #expect(track.checkpoints.map(\.index) == [2])
        // Beside the third, of the same time as what stands before the checkpoint.
        track.insert(seen(20, 8), at: 2)
        var told = Story()
        #expect(track.rewind(to: 2, into: &told) == 0)
    }

    @Test func `a limit that was lowered holds from the next newest on`() {
        var track = track(Array(1...20), limit: 40)
        track.append(seen(30), limit: 4, before: story(20, 20))
        track._checkInvariants()
        #expect(track.observations.count <= 11)
        track.append(seen(31), limit: 4, before: story(21, 30))
        track._checkInvariants()
        track.append(seen(32), limit: 4, before: story(22, 31))
        track._checkInvariants()
        #expect(track.observations.count <= 4)
        #expect(track.observations.last?.time_ms == 32)
        track.append(seen(33), limit: 0, before: story(23, 32))
        track._checkInvariants()
        #expect(track.observations.map(\.time_ms) == [33])
    }

    /// Against the plain rule: a sorted list; and a story from a checkpoint is that of all that stands before it.
    @Test(arguments: seeds(100)) func `random order against a sorted list`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limit = random.int(1...24)
        var track = Track()
        var kept: [Int64] = []
        func digest(_ times: some Sequence<Int64>) -> Int32 { times.reduce(into: 17) { $0 = $0 &* 31 &+ Int32($1) } }
        var story = Story()
        func advance(_ story: inout Story, _ time: Int64) {
            let before = story.newest?.latitude_e7 ?? 17
            story.newest = Fix(time_ms: time, latitude_e7: before &* 31 &+ Int32(time), longitude_e7: 0)
        }
        var all: [Int64] = []
        for _ in 0..<120 {
            let time = Int64(all.count / 2 + random.int(0...20))
            switch track.placement(of: seen(time, 7)) {
            case .newest:
                track.append(seen(time, 7), limit: limit, before: story)
                advance(&story, time)
            case .late(let index):
                guard track.makeRoom(for: time, limit: limit) else {
                    #expect(time <= track.settled_ms || track.observations.count >= limit, "seed \(seed)")
                    continue
                }
                guard case .late(let place) = track.placement(of: seen(time, 7)) else {
                    Issue.record("seed \(seed): no longer late, at \(index)")
                    continue
                }
                track.insert(seen(time, 7), at: place)
                let start = track.rewind(to: place, into: &story)
                for index in start..<track.observations.count {
                    track.keepCheckpoint(at: index, limit: limit, of: story)
                    advance(&story, track.observations[index].time_ms)
                }
            case .duplicate:
                #expect(all.contains(time), "seed \(seed)")
                continue
            case .settled:
                #expect(time <= track.settled_ms, "seed \(seed)")
                continue
            }
            all.append(time)
            all.sort()
            kept = track.observations.map(\.time_ms)
            track._checkInvariants()
            #expect(kept == Array(all.suffix(kept.count)), "seed \(seed)")
            #expect(kept.count <= limit + limit / 4 + 1, "seed \(seed)")
            #expect(story.newest?.latitude_e7 == digest(all), "seed \(seed)")
        }
    }
}
