import Geo
import TestSupport
import Testing
import Wire

@testable import Forecast

@Suite struct `Paths` {
    @Test func `offsets are metres along the line`() throws {
        let path = try Ground.path([(0, 0), (1000, 0), (1000, 500)])
        #expect(abs(path.length_m - 1500) < 1)
        #expect(path.coordinate(at: 1250).distance_m(to: Ground.at(1000, 250)) < 1)
        #expect(path.coordinate(at: -5) == path.coordinate(at: 0))
        #expect(path.coordinate(at: 9999).distance_m(to: Ground.at(1000, 500)) < 1)
    }

    @Test func `what is no line is refused`() {
        let a = Ground.at(0, 0)
        #expect(RoutePath([]) == nil)
        #expect(RoutePath([a]) == nil)
        #expect(RoutePath([a, a]) == nil)
        #expect(RoutePath([a, Coordinate(latitude: .nan, longitude: 0)]) == nil)
        #expect(RoutePath([a, Coordinate(latitude: 91, longitude: 0)]) == nil)
        #expect(RoutePath([a, Coordinate(latitude: -40, longitude: -60)]) == nil)
        let b = Ground.at(100, 0)
        #expect(RoutePath([a, b], baseTimes: [BaseTime(endVertex: 2, duration_s: 1)]) == nil)
        #expect(RoutePath([a, b], baseTimes: [BaseTime(endVertex: 1, duration_s: .nan)]) == nil)
        #expect(RoutePath(Array(repeating: a, count: RoutePath.vertexLimit) + [b]) == nil)
    }

    @Test func `a path runs on over the antimeridian`() throws {
        let path = try #require(
            RoutePath([Coordinate(latitude: -17, longitude: 179.99), Coordinate(latitude: -17, longitude: -179.99)]))
        #expect(abs(path.length_m - 0.02 * Earth.degree_m * 0.9563) < 2)
        #expect(abs(abs(path.coordinate(at: path.length_m / 2).longitude) - 180) < 1e-6)
        var progress = PathProgress()
        let fix = PathFix(Coordinate(latitude: -17, longitude: -179.995), at: 0)
        _ = progress.update(fix, on: path)
        #expect(abs(progress.offset_m - path.length_m * 0.75) < 5)
    }

    @Test(arguments: UInt64(1)...20) func `stops are placed as the best of all placements in order`(_ seed: UInt64)
        throws
    {
        var random = SplitMix64(seed: seed)
        let path = try Ground.path((0..<12).map { _ in (random.double(0...2000), random.double(0...2000)) })
        let places = (0..<3).map { _ in Ground.at(random.double(0...2000), random.double(0...2000)) }
        let found = path.offsets(ofStops: places)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.offset_m <= $1.offset_m })
        // Every placement on a grid of 20 m.
        let steps = Array(stride(from: 0, through: path.length_m, by: 20))
        func cost(_ place: Coordinate, _ offset_m: Double) -> Double {
            max(15, path.coordinate(at: offset_m).distance_m(to: place))
        }
        var best = [Double](repeating: 0, count: steps.count)
        for place in places {
            var least = Double.infinity
            for (i, step) in steps.enumerated() {
                least = min(least, best[i] + cost(place, step))
                best[i] = least
            }
        }
        let sum = zip(places, found).reduce(0) { $0 + cost($1.0, $1.1.offset_m) }
        // Two stops on one stretch of 50 m are put in order after the search.
        #expect(sum <= (best.last ?? 0) + 50, "seed \(seed)")
        for (place, stop) in zip(places, found) {
            #expect(abs(path.coordinate(at: stop.offset_m).distance_m(to: place) - stop.distance_m) < 51)
        }
    }

    @Test func `on an out-and-back road the order decides on which half a stop is`() throws {
        let path = try Ground.path([(0, 0), (3000, 0), (0, 5)])
        let offsets = path.offsets(ofStops: [Ground.at(1000, 8), Ground.at(2900, 8), Ground.at(1000, 8)])
        #expect(abs(offsets[0].offset_m - 1000) < 20)
        #expect(abs(offsets[2].offset_m - 5000) < 20)
    }

    @Test func `a path comes back from a snapshot, and hostile bytes are errors`() throws {
        let path = try Ground.path([(0, 0), (1000, 0), (1000, 500)], base: [BaseTime(endVertex: 2, duration_s: 90)])
        let written = bytes { path.write(to: &$0) }
        var reader = ByteReader(written)
        let read = try RoutePath(from: &reader)
        #expect(read == path && reader.isAtEnd)
        for length in 0..<written.count {
            var short = ByteReader(Array(written[0..<length]))
            #expect(throws: SnapshotError.self) { try RoutePath(from: &short) }
        }
    }
}

@Suite struct `Progress along a path` {
    /// The nearest place of all, by brute force over steps of a metre.
    private func nearest(_ path: RoutePath, _ place: Coordinate) -> (offset_m: Double, distance_m: Double) {
        var best = (offset_m: 0.0, distance_m: Double.infinity)
        for offset in stride(from: 0, through: path.length_m, by: 1) {
            let distance = path.coordinate(at: offset).distance_m(to: place)
            if distance < best.distance_m { best = (offset, distance) }
        }
        return best
    }

    @Test(arguments: UInt64(1)...10) func `the first fix is projected as brute force projects it`(_ seed: UInt64) throws
    {
        var random = SplitMix64(seed: seed)
        let path = try Ground.path((0..<40).map { (Double($0) * 120, random.double(-300...300)) })
        for _ in 0..<10 {
            let on = path.coordinate(at: random.double(0...path.length_m))
            let place = Coordinate(
                latitude: on.latitude + random.double(-2e-4...2e-4),
                longitude: on.longitude + random.double(-2e-4...2e-4))
            let search = PathSearch(fix: PathFix(place, at: 0), path: path)
            // With no expectation the nearest place is the best one.
            let found = search.everywhere(expected_m: 0, scale_m: .infinity, from_m: 0)
            let brute = nearest(path, place)
            #expect(abs(found.distance_m - brute.distance_m) < 1, "seed \(seed)")
            #expect(path.coordinate(at: found.offset_m).distance_m(to: path.coordinate(at: brute.offset_m)) < 60)
        }
    }

    /// Drives along a path and returns the worst error and the least step of the progress.
    private func drive(
        _ path: RoutePath, seed: UInt64, step_m: Double, noise_m: Double, hasHeading: Bool
    ) -> (worst_m: Double, least_m: Double, changes: Int) {
        var random = SplitMix64(seed: seed)
        var progress = PathProgress()
        var worst = 0.0
        var least = 0.0
        var changes = 0
        var time_s = 0.0
        for offset in stride(from: 0, through: path.length_m, by: step_m) {
            let on = path.coordinate(at: offset)
            let place = Coordinate(
                latitude: on.latitude + random.normal() * noise_m / Earth.degree_m,
                longitude: on.longitude + random.normal() * noise_m / Ground.east_m)
            let heading = hasHeading ? heading_deg(path, offset) : nil
            let update = progress.update(
                PathFix(place, at: time_s, speed_kmh: step_m / 5 * 3.6, heading_deg: heading), on: path)
            worst = max(worst, abs(progress.offset_m - offset))
            if time_s > 0 { least = min(least, update.advanced_m) }
            if update.change != .none { changes += 1 }
            time_s += 5
        }
        return (worst, least, changes)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4], [true, false])
    func `it grows under noise, on a straight road, a winding one, out and back, and in a loop`(
        _ seed: UInt64, _ hasHeading: Bool
    ) throws {
        let winding = try Ground.path((0...60).map { (Double($0) * 50, Double($0 % 2) * 80) })
        let outAndBack = try Ground.path([(0, 0), (2000, 0), (2000, 800), (2000, 0), (0, 0)])
        let loop = try Ground.path([(0, 0), (1000, 0), (1000, 1000), (0, 1000), (0, 0), (1000, 0), (1000, 1000)])
        let eight = try Ground.path([(0, 0), (1000, 1000), (1000, 0), (0, 1000), (0, 0)])
        for path in [winding, outAndBack, loop, eight] {
            let result = drive(path, seed: seed, step_m: 50, noise_m: 6, hasHeading: hasHeading)
            // At a turning point a few fixes may lag; nowhere does it jump to the other half.
            #expect(result.worst_m < 130, "seed \(seed)")
            #expect(result.least_m >= 0 && result.changes == 0, "seed \(seed)")
        }
    }

    @Test func `a gap of minutes does not put it on the wrong half`() throws {
        let path = try Ground.path([(0, 0), (5000, 0), (0, 6)])
        var progress = PathProgress()
        func fix(_ offset: Double, _ time_s: Double) -> PathFix {
            PathFix(path.coordinate(at: offset), at: time_s, speed_kmh: 36, heading_deg: heading_deg(path, offset))
        }
        for i in 0..<10 { _ = progress.update(fix(Double(i) * 100, Double(i) * 10), on: path) }
        _ = progress.update(fix(4000, 400), on: path)
        #expect(abs(progress.offset_m - 4000) < 20)
        _ = progress.update(fix(6500, 650), on: path)
        _ = progress.update(fix(6600, 660), on: path)
        #expect(abs(progress.offset_m - 6600) < 30)
    }

    @Test func `standing does not creep`() throws {
        let path = try Ground.path([(0, 0), (5000, 0)])
        var random = SplitMix64(seed: 7)
        var progress = PathProgress()
        for i in 0..<500 {
            let place = Ground.at(1000 + random.normal() * 4, random.normal() * 4)
            _ = progress.update(PathFix(place, at: Double(i), speed_kmh: 0), on: path)
        }
        #expect(abs(progress.offset_m - 1000) < 25)
    }

    @Test func `it leaves the path and comes back, each told once with the first fix's time`() throws {
        let path = try Ground.path([(0, 0), (5000, 0)])
        var progress = PathProgress()
        var changes: [PathUpdate.Change] = []
        func send(_ east: Double, _ north: Double, _ time_s: Double) {
            let update = progress.update(
                PathFix(Ground.at(east, north), at: time_s, speed_kmh: 36, heading_deg: 90), on: path)
            if update.change != .none { changes.append(update.change) }
        }
        for i in 0..<10 { send(Double(i) * 100, 0, Double(i) * 10) }
        // One fix far off is noise.
        send(1000, 400, 100)
        send(1100, 0, 110)
        #expect(changes.isEmpty)
        for i in 12..<25 { send(Double(i) * 100, 300, Double(i) * 10) }
        #expect(changes == [.deviated(since_ms: monday_ms + 120_000)])
        #expect(progress.isDeviated && abs(progress.offset_m - 1100) < 20 && abs(progress.nearest_m - 2400) < 30)
        for i in 25..<30 { send(Double(i) * 100, 0, Double(i) * 10) }
        #expect(changes.last == .rejoined(since_ms: monday_ms + 250_000) && changes.count == 2)
        #expect(abs(progress.offset_m - 2900) < 20)
    }

    @Test func `a yard beside the road is no deviation while serving`() throws {
        let path = try Ground.path([(0, 0), (5000, 0)])
        var progress = PathProgress(near: 1000)
        _ = progress.update(PathFix(Ground.at(1000, 0), at: 0, speed_kmh: 20), on: path)
        for i in 1..<20 {
            let fix = PathFix(Ground.at(1000, 150), at: Double(i) * 10, speed_kmh: 0)
            #expect(progress.update(fix, on: path, isServing: true).change == .none)
        }
        #expect(abs(progress.offset_m - 1000) < 20)
    }

    @Test func `turning round early is found out`() throws {
        let path = try Ground.path([(0, 0), (4000, 0), (0, 10)])
        var progress = PathProgress()
        for i in 0...20 {
            let fix = PathFix(Ground.at(Double(i) * 100, 0), at: Double(i) * 10, speed_kmh: 36, heading_deg: 90)
            _ = progress.update(fix, on: path)
        }
        #expect(abs(progress.offset_m - 2000) < 20)
        for i in 1...8 {
            let fix = PathFix(
                Ground.at(2000 - Double(i) * 100, 0), at: 200 + Double(i) * 10, speed_kmh: 36, heading_deg: 270)
            _ = progress.update(fix, on: path)
        }
        #expect(abs(progress.offset_m - 6800) < 60)
    }

    @Test func `an old fix changes nothing, a stop that was served moves it forward only`() throws {
        let path = try Ground.path([(0, 0), (5000, 0)])
        var progress = PathProgress()
        _ = progress.update(PathFix(Ground.at(1000, 0), at: 100), on: path)
        let before = progress
        #expect(progress.update(PathFix(Ground.at(3000, 0), at: 100), on: path) == PathUpdate())
        #expect(progress == before)
        progress.reached(500)
        progress.reached(.nan)
        #expect(progress == before)
        progress.reached(1500)
        #expect(progress.offset_m == 1500)
    }

    @Test func `it comes back from a snapshot, and hostile bytes are errors`() throws {
        let path = try Ground.path([(0, 0), (5000, 0)])
        var progress = PathProgress()
        for i in 0..<5 { _ = progress.update(PathFix(Ground.at(Double(i) * 90, 0), at: Double(i) * 9), on: path) }
        let written = bytes { progress.write(to: &$0) }
        var reader = ByteReader(written)
        let read = try PathProgress(from: &reader)
        #expect(read == progress && reader.isAtEnd)
        var random = SplitMix64(seed: 3)
        for _ in 0..<500 {
            var broken = written
            broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next())
            var reader = ByteReader(broken)
            guard var read = try? PathProgress(from: &reader) else { continue }
            _ = read.update(PathFix(Ground.at(400, 0), at: 1e6), on: path)
            #expect(read.offset_m >= 0 && read.offset_m <= path.length_m)
        }
    }
}
