import Geo

/// The geofence index.
enum FenceCases {
    static let all: [BenchCase] = [
        BenchCase(name: "fences/villages", help: "7,569 irregular polygons that share borders") {
            (size) throws(BenchError) in
            let world = GeneratedFences.villages(
                size.count(7569, least: 9), points: size.count(1_000_000, least: 500), seed: size.seed)
            return try FenceMeasurement(name: "fences.villages", world: world, size: size).rows()
        },
        BenchCase(name: "fences/depots", help: "10,000 overlapping polygons of 36 vertices, 2.5 around a position") {
            (size) throws(BenchError) in
            let world = GeneratedFences.depots(
                size.count(10_000, least: 10), points: size.count(1_000_000, least: 500), seed: size.seed)
            return try FenceMeasurement(name: "fences.depots", world: world, size: size).rows()
        },
        BenchCase(name: "fences/mixed", help: "10,000 polygons, circles and corridors") { (size) throws(BenchError) in
            let world = GeneratedFences.mixed(
                size.count(10_000, least: 12), points: size.count(1_000_000, least: 500), seed: size.seed)
            return try FenceMeasurement(name: "fences.mixed", world: world, size: size).rows()
        },
        BenchCase(
            name: "fences/growth", help: "1,000, 10,000 and 100,000 polygons of 64 vertices, equally dense", run: growth
        ),
        BenchCase(name: "fences/change", help: "single changes among 100,000 polygons of 64 vertices", run: change),
    ]

    /// The case for files given by the user.
    static func files(polygons: String, points: String) -> BenchCase {
        BenchCase(name: "fences/files", help: "the files given") { (size) throws(BenchError) in
            let world = FenceWorld(fences: try BenchFile.polygons(polygons), points: try BenchFile.points(points))
            return try FenceMeasurement(name: "fences", world: world, size: size).rows()
        }
    }

    private static func growth(_ size: BenchSize) throws(BenchError) -> [BenchRow] {
        var rows: [BenchRow] = []
        for thousands in [1, 10, 100] {
            let world = GeneratedFences.stars(
                size.count(thousands * 1000, least: 5 * thousands), corners: 64, hits: 0.5,
                points: size.count(1_000_000, least: 500), seed: size.seed)
            rows += try FenceMeasurement(name: "fences.growth.\(thousands)k", world: world, size: size).rows()
        }
        return rows
    }

    /// One fence replaced, removed or added at a time; afterwards the set must give what a set built at once gives.
    private static func change(_ size: BenchSize) throws(BenchError) -> [BenchRow] {
        let count = size.count(100_000, least: 50)
        let world = GeneratedFences.stars(
            count, corners: 64, hits: 0.5, points: size.count(200_000, least: 500), seed: size.seed)
        var random = BenchRandom(seed: size.seed &+ 1)
        let area = GeneratedFences.Area(fences: count)
        var set = FenceSet(world.fences)
        let changes = (0..<size.count(2000, least: 60)).map { i -> (upserts: [Geofence], removals: [String]) in
            let id = i % 3 == 2 ? String(count + i) : String(random.int(below: count))
            if i % 3 == 1 { return ([], [id]) }
            let ring = GeneratedFences.star(&random, area.place(&random), 0.01, 64)
            return ([Geofence(id: id, shape: .polygon([ring]))], [])
        }
        var times_ms: [Double] = []
        for change in changes {
            times_ms.append(
                Measure.time_ns { set = set.applying(upserts: change.upserts, removals: change.removals) } / 1e6)
        }
        let rebuilt = FenceSet(set.fences.map(\.fence))
        let changed = idPairs(set, world.points)
        guard changed == idPairs(rebuilt, world.points) else {
            throw BenchError("fences.change: the changed set differs from one that was built at once")
        }
        let sorted = times_ms.sorted()
        var matches = FenceMatches()
        let points = world.points
        let batch = Measure.each_ns(points.count, size.repetitions) { set.containing(points.span, into: &matches) }
        return [
            .count("fences.change.fences", count, "count"), .count("fences.change.changes", changes.count, "count"),
            .measured("fences.change.one", times_ms, "ms"),
            .figure("fences.change.one.p99", sorted[sorted.count * 99 / 100], "ms"),
            .measured("fences.change.batch_afterwards", batch, "ns/point"),
            .checksum("fences.change.checksum", changed),
        ]
    }

    /// A checksum by the fences' ids, which are numbers: slots differ from set to set.
    private static func idPairs(_ set: FenceSet, _ points: [Coordinate]) -> UInt64 {
        var sum = PairSum()
        var found: [Int32] = []
        for (i, p) in points.enumerated() {
            found.removeAll(keepingCapacity: true)
            set.containing(longitude: p.longitude, latitude: p.latitude, into: &found)
            for slot in found { sum.add(i, set.fence(at: slot).flatMap { Int32($0.id) } ?? -1) }
        }
        return sum.checksum
    }
}
