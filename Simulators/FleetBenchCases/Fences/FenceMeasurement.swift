import Geo

/// What is measured of a set of fences and positions, whatever they come from.
struct FenceMeasurement {
    /// The first part of the rows' names.
    let name: String
    let world: FenceWorld
    let size: BenchSize

    /// Builds the set, looks everything up in every way, and compares the results.
    func rows() throws(BenchError) -> [BenchRow] {
        var rows = [
            BenchRow.count("\(name).fences", world.fences.count, "count"),
            BenchRow.count("\(name).edges", world.edges, "count"),
            BenchRow.count("\(name).points", world.points.count, "count"),
        ]
        let set = build(&rows)
        let batched = FenceMeasurement.batchPairs(set, world.points)
        rows.append(.count("\(name).pairs", batched.count, "count"))
        rows.append(.checksum("\(name).checksum", batched.checksum))
        let single = FenceMeasurement.singlePairs(set, world.points)
        guard single == batched else {
            throw BenchError("\(name): batches give \(batched), one at a time \(single)")
        }
        rows += times(set)
        rows += try judge(set)
        return rows
    }

    private func build(_ rows: inout [BenchRow]) -> FenceSet {
        let before = Measure.resident_bytes()
        Measure.resetPeak()
        var set = FenceSet.empty
        let first = Measure.time_ns { set = FenceSet(world.fences) }
        let peak = Measure.peak_bytes()
        let after = Measure.resident_bytes()
        let more = (1..<max(1, min(3, size.repetitions))).map { _ in Measure.time_ns { set = FenceSet(world.fences) } }
        rows.append(.measured("\(name).build", ([first] + more).map { $0 / 1e6 }, "ms"))
        let megabyte = 1e6
        rows.append(.figure("\(name).memory.index", Double(after - before) / megabyte, "MB"))
        rows.append(.figure("\(name).memory.build_peak", Double(peak - before) / megabyte, "MB"))
        rows.append(.figure("\(name).memory.process_peak", Double(peak) / megabyte, "MB"))
        return set
    }

    private func times(_ set: FenceSet) -> [BenchRow] {
        let points = world.points
        var matches = FenceMatches()
        let batch = Measure.each_ns(points.count, size.repetitions) { set.containing(points.span, into: &matches) }
        var found: [Int32] = []
        var total = 0
        let single = Measure.each_ns(points.count, size.repetitions) {
            for p in points {
                found.removeAll(keepingCapacity: true)
                set.containing(longitude: p.longitude, latitude: p.latitude, into: &found)
                total &+= found.count
            }
        }
        var crossings: [FenceCrossing] = []
        let ways = FenceMeasurement.ways(points)
        let way = Measure.each_ns(points.count, size.repetitions) {
            for (from, to) in zip(points, ways) {
                crossings.removeAll(keepingCapacity: true)
                set.crossings(from: from, to: to, into: &crossings)
                total &+= crossings.count
            }
        }
        return [
            .measured("\(name).batch", batch, "ns/point"),
            .measured("\(name).single", single, "ns/point"),
            .measured("\(name).way_of_20_m", way, "ns/way"),
        ]
    }

    /// Ends of ordinary short ways: 20 m on from each position, in directions that turn.
    private static func ways(_ points: [Coordinate]) -> [Coordinate] {
        let steps = [
            (1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7), (-1.0, 0.0), (-0.7, -0.7), (0.0, -1.0), (0.7, -0.7),
        ]
        return points.enumerated().map { i, p in
            let step = steps[i % steps.count]
            return Coordinate(latitude: p.latitude + step.0 * 0.000_18, longitude: p.longitude + step.1 * 0.000_18)
        }
    }

    /// Brute force over a sample: how long it takes, and whether it finds the same.
    private func judge(_ set: FenceSet) throws(BenchError) -> [BenchRow] {
        let force = BruteForce(world.fences)
        let polygonCount = world.fences.count { $0.shape.kind == .polygon }
        // Circles and corridors have no box here, so the sample is smaller.
        let work = polygonCount == world.fences.count ? 20_000_000 : 400_000
        let sample = max(50, min(world.points.count, work / max(1, world.fences.count)))
        let stride = max(1, world.points.count / sample)
        let chosen = Swift.stride(from: 0, to: world.points.count, by: stride).map { world.points[$0] }
        var found: [Int32] = []
        var sum = PairSum()
        let time_ns = Measure.time_ns {
            for (i, p) in chosen.enumerated() {
                found.removeAll(keepingCapacity: true)
                force.containing(p, into: &found)
                for fence in found { sum.add(i, fence) }
            }
        }
        let indexed = FenceMeasurement.singlePairs(set, chosen)
        guard indexed == sum else { throw BenchError("\(name): the index gives \(indexed), brute force \(sum)") }
        return [
            .count("\(name).brute_force.points", chosen.count, "count"),
            .measured("\(name).brute_force", [time_ns / Double(max(1, chosen.count))], "ns/point"),
            .checksum("\(name).brute_force.checksum", sum.checksum),
        ]
    }

    // MARK: Pairs

    static func singlePairs(_ set: FenceSet, _ points: [Coordinate]) -> PairSum {
        var sum = PairSum()
        var found: [Int32] = []
        for (i, p) in points.enumerated() {
            found.removeAll(keepingCapacity: true)
            set.containing(longitude: p.longitude, latitude: p.latitude, into: &found)
            for slot in found { sum.add(i, slot) }
        }
        return sum
    }

    static func batchPairs(_ set: FenceSet, _ points: [Coordinate]) -> PairSum {
        var sum = PairSum()
        var matches = FenceMatches()
        set.containing(points.span, into: &matches)
        for i in points.indices {
            for match in matches.range(ofPoint: i) { sum.add(i, matches.slot(match)) }
        }
        return sum
    }
}

/// The number of pairs of a position and a fence, and their checksum.
struct PairSum: Equatable, CustomStringConvertible {
    private(set) var count = 0
    private(set) var checksum: UInt64 = 0

    @inline(__always)
    mutating func add(_ point: Int, _ fence: Int32) {
        count += 1
        checksum &+= Checksum.pair(point, fence)
    }

    var description: String { "\(count) pairs with checksum \(Checksum.text(checksum))" }
}
