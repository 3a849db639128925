/// A stretch of a meridian.
struct LatitudeRange: Sendable, Equatable {
    var south: Double
    var north: Double
}

/// A stretch of boundary on the antimeridian that has nothing on the other side.
struct SeamRest: Sendable, Equatable {
    var start: Coordinate
    var end: Coordinate
}

/// Finds where polygons that were split at the antimeridian belong together.
enum SeamFinder {
    /// The stretches covered by edges on +180 *and* on -180; nil if there are none. O(k log k) in the edges at ±180.
    static func find(
        _ vertices: ContiguousArray<Coordinate>, _ starts: ContiguousArray<Int32>
    ) -> (seams: ContiguousArray<LatitudeRange>, rests: ContiguousArray<SeamRest>)? {
        var east: [LatitudeRange] = []
        var west: [LatitudeRange] = []
        for line in 0..<(starts.count - 1) {
            for edge in Int(starts[line])..<max(Int(starts[line]), Int(starts[line + 1]) - 1) {
                let a = vertices[edge]
                let b = vertices[edge + 1]
                guard a.longitude == b.longitude, abs(a.longitude) == 180, a.latitude != b.latitude else { continue }
                let range = LatitudeRange(south: min(a.latitude, b.latitude), north: max(a.latitude, b.latitude))
                if a.longitude > 0 { east.append(range) } else { west.append(range) }
            }
        }
        guard !east.isEmpty, !west.isEmpty else { return nil }
        let eastUnion = union(east)
        let westUnion = union(west)
        let seams = intersection(eastUnion, westUnion)
        guard !seams.isEmpty else { return nil }
        var rests: ContiguousArray<SeamRest> = []
        for (longitude, ranges) in [(180.0, eastUnion), (-180.0, westUnion)] {
            for rest in difference(ranges, seams) {
                rests.append(
                    SeamRest(
                        start: Coordinate(latitude: rest.south, longitude: longitude),
                        end: Coordinate(latitude: rest.north, longitude: longitude)))
            }
        }
        return (seams, rests)
    }

    private static func union(_ ranges: [LatitudeRange]) -> [LatitudeRange] {
        var result: [LatitudeRange] = []
        for range in ranges.sorted(by: { ($0.south, $0.north) < ($1.south, $1.north) }) {
            if let last = result.last, range.south <= last.north {
                result[result.count - 1].north = max(last.north, range.north)
            } else {
                result.append(range)
            }
        }
        return result
    }

    private static func intersection(_ a: [LatitudeRange], _ b: [LatitudeRange]) -> ContiguousArray<LatitudeRange> {
        var result: ContiguousArray<LatitudeRange> = []
        var i = 0
        var j = 0
        while i < a.count, j < b.count {
            let south = max(a[i].south, b[j].south)
            let north = min(a[i].north, b[j].north)
            if south < north { result.append(LatitudeRange(south: south, north: north)) }
            if a[i].north < b[j].north { i += 1 } else { j += 1 }
        }
        return result
    }

    private static func difference(
        _ ranges: [LatitudeRange], _ holes: ContiguousArray<LatitudeRange>
    ) -> [LatitudeRange] {
        var result: [LatitudeRange] = []
        for range in ranges {
            var south = range.south
            for hole in holes where hole.north > range.south && hole.south < range.north {
                if south < hole.south { result.append(LatitudeRange(south: south, north: hole.south)) }
                south = hole.north
            }
            if south < range.north { result.append(LatitudeRange(south: south, north: range.north)) }
        }
        return result
    }
}
