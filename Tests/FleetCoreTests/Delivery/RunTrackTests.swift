import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Fixes of a route in any order` {
    private let settings = DeliverySettings()
    private let stops = [
        DeliveryDrive.stop("D", north_m: 0, radius_m: 100, kind: .depot), DeliveryDrive.stop("S-1", north_m: 800),
        DeliveryDrive.stop("S-2", north_m: 830), DeliveryDrive.stop("S-3", north_m: 2000, radius_m: 25),
    ]

    @Test(arguments: seeds(60)) func `the journey is that of the sorted order`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let fixes = DeliveryDrive.morning(&random, places_m: [800, 830, 2000, 800, 0], tellsSpeed: random.chance(50))
        var sorted = Journey()
        sorted.setStops(stops)
        for fix in fixes { sorted.step(fix, settings) }
        #expect(!sorted.visits(of: DispatchID("S-1")).isEmpty, "seed \(seed)")
        var shuffled = fixes + fixes.prefix(random.int(0...20))
        shuffled.shuffle(using: &random)
        let track = RunTrack(shuffled, stops: stops, settings)
        #expect(fixes.count < settings.trackFixes)
        #expect((track.head == sorted) == true, "seed \(seed)")
        #expect((track.fixes == fixes) == true, "seed \(seed)")
    }

    @Test(arguments: seeds(20)) func `fixes of one time are judged alike in any order`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var fixes = DeliveryDrive.morning(&random, places_m: [800, 0], tellsSpeed: true)
        fixes += fixes.map {
            Fix(time_ms: $0.time_ms, latitude_e7: $0.latitude_e7 + 1000, longitude_e7: $0.longitude_e7)
        }
        let first = RunTrack(fixes.shuffled(using: &random), stops: stops, settings)
        let second = RunTrack(fixes.shuffled(using: &random), stops: stops, settings)
        #expect((first.head == second.head && first.fixes == second.fixes) == true, "seed \(seed)")
    }

    @Test func `what comes newest, late, twice and too late is told apart`() {
        var track = RunTrack([DeliveryDrive.fix(2000, north_m: 0)], stops: stops)
        #expect(track.add(DeliveryDrive.fix(2010, north_m: 0), settings) == .newest)
        #expect(track.add(DeliveryDrive.fix(2005, north_m: 0), settings) == .late)
        #expect(track.add(DeliveryDrive.fix(2005, north_m: 0), settings) == .duplicate)
        #expect(track.add(DeliveryDrive.fix(210, north_m: 0), settings) == .late)
        #expect(track.add(DeliveryDrive.fix(209.999, north_m: 0), settings) == .tooOld)
        let before = track
        #expect(track.add(DeliveryDrive.fix(2010, north_m: 0), settings) == .duplicate)
        #expect(track == before)
    }

    @Test func `the window is limited, and what it drops still counts`() {
        var small = settings
        small.trackFixes = 16
        var random = SplitMix64(seed: 4)
        let fixes = DeliveryDrive.morning(&random, places_m: [800, 2000, 0], tellsSpeed: true)
        let track = RunTrack(fixes, stops: stops, small)
        #expect(track.fixes.count <= 18)
        #expect(track.settled_ms > 0)
        #expect(track.head == RunTrack(fixes, stops: stops, settings).head)
        var late = track
        #expect(late.add(fixes[0], small) == .tooOld)
        #expect(late == track)
    }

    @Test func `a stop that comes while the vehicle stands there is seen; one that moves is seen anew`() {
        var random = SplitMix64(seed: 5)
        let fixes = DeliveryDrive.morning(&random, places_m: [800, 2000], tellsSpeed: true)
        var track = RunTrack(fixes, stops: [stops[0]], settings)
        track.setStops(stops, settings)
        #expect(track.head == RunTrack(fixes, stops: stops, settings).head)
        var moved = stops
        moved[1].radius_m = 1
        moved.append(stops[0])
        track.setStops(moved, settings)
        #expect(track.head.visits(of: stops[1].id).isEmpty)
        #expect(!track.head.visits(of: stops[2].id).isEmpty)
        #expect(track.head.stops.count == stops.count)
    }

    @Test func `the place of a moment is that of the last believed fix`() {
        let fixes = [
            DeliveryDrive.fix(0, north_m: 0), DeliveryDrive.fix(10, north_m: 10),
            DeliveryDrive.fix(12, north_m: 30_000),
            DeliveryDrive.fix(20, north_m: 20),
        ]
        let track = RunTrack(fixes, stops: [])
        #expect(track.place(at: DeliveryDrive.time(9.999), settings) == fixes[0])
        #expect(track.place(at: DeliveryDrive.time(19), settings) == fixes[1])
        #expect(track.place(at: DeliveryDrive.time(620), settings) == fixes[3])
        #expect(track.place(at: DeliveryDrive.time(620.001), settings) == nil)
        #expect(track.place(at: DeliveryDrive.time(-1), settings) == nil)
        #expect(track.place(at: .min, settings) == nil)
        #expect(track.place(at: .max, settings) == nil)
    }

    @Test(arguments: seeds(20)) func `while nothing is news, the visits stay`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var track = RunTrack([], stops: stops)
        var (news, visits) = (track.news, stops.map { track.head.visits(of: $0.id) })
        var quiet = 0
        for fix in DeliveryDrive.morning(&random, places_m: [800, 2000, 800, 0], tellsSpeed: true) {
            _ = track.add(fix, settings)
            let now = stops.map { track.head.visits(of: $0.id) }
            if track.news == news {
                quiet += 1
                #expect((now == visits) == true, "seed \(seed)")
            }
            (news, visits) = (track.news, now)
        }
        #expect(quiet > track.fixes.count / 2, "seed \(seed)")
    }

    @Test(arguments: seeds(10)) func `it goes on from a snapshot, and hostile bytes are errors`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let fixes = DeliveryDrive.morning(&random, places_m: [800, 2000, 0], tellsSpeed: false)
        let middle = random.int(0...(fixes.count - 1))
        var track = RunTrack(Array(fixes[..<middle]), stops: stops, settings)
        var writer = ByteWriter()
        track.write(to: &writer)
        var reader = ByteReader(writer.bytes)
        var read = try RunTrack(from: &reader)
        #expect(reader.isAtEnd)
        #expect(read == track)
        for fix in fixes[middle...] { #expect(track.add(fix, settings) == read.add(fix, settings)) }
        #expect(read == track, "seed \(seed)")
        for _ in 0..<200 {
            var bytes = writer.bytes
            if random.chance(30) { bytes.removeLast(random.int(1...bytes.count)) }
            for _ in 0..<random.int(1...4) where !bytes.isEmpty {
                bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255))
            }
            var reader = ByteReader(bytes)
            guard var odd = try? RunTrack(from: &reader) else { continue }
            for fix in fixes.suffix(5) { _ = odd.add(fix, settings) }
            odd.setStops(stops, settings)
        }
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader(Array(writer.bytes.dropLast()))
            _ = try RunTrack(from: &reader)
        }
    }
}
