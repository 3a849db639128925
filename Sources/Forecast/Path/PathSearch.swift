/// A place on a path that a fix may stand for.
struct PathPlace: Sendable, Equatable {
    var offset_m: Double
    /// From the fix to the path.
    var distance_m: Double
    /// Cosine of the angle between heading and path; 1 where the heading is not known.
    var alignment: Double
}

/// Looks for the place of one fix.
struct PathSearch {
    let fix: PathFix
    let path: RoutePath
    private let plane: PathPlane
    private let shift: Double
    private let direction: Direction?

    init(fix: PathFix, path: RoutePath) {
        self.fix = fix
        self.path = path
        let point = fix.point
        plane = PathPlane(latitude: point.latitude, longitude: point.longitude)
        shift = plane.shift(to: path)
        direction = fix.direction
    }

    /// The place that fits best near the place before. How far ahead is looked at follows from how far the vehicle came through
    /// the air: a road may be twice as long, and more where it winds; what is longer costs.
    func window(around_m offset_m: Double, moved_m: Double) -> PathPlace {
        let end_m = offset_m + min(20_000, 300 + 2 * moved_m)
        let start_m = offset_m - 150
        var edge = path.edge(at: max(0, start_m))
        var best = PathPlace(offset_m: offset_m, distance_m: .infinity, alignment: 1)
        var least = Double.infinity
        while edge < path.edgeCount, path.cumulative_m[edge] <= end_m {
            let place = place(onEdge: edge)
            let ahead_m = place.offset_m - offset_m
            let cost =
                fitCost(place)
                + 2 * max(0, ahead_m - 1.5 * moved_m - 30) / (50 + 0.3 * moved_m)
                + 2 * max(0, -ahead_m - 20) / 30
            if cost < least {
                least = cost
                best = place
            }
            edge += 1
        }
        return best
    }

    /// The place that fits best on the whole path from `from_m` on. Every `scale_m` between it and the expected place costs as much
    /// as a standard deviation of the position.
    func everywhere(expected_m: Double, scale_m: Double, from_m: Double) -> PathPlace {
        var best = PathPlace(offset_m: expected_m, distance_m: .infinity, alignment: 1)
        var least = Double.infinity
        let sigma_m = max(10, fix.accuracy_m)
        for (number, box) in path.boxes.enumerated() {
            let edges =
                (number * RoutePath.boxSize)..<min((number + 1) * RoutePath.boxSize, path.edgeCount)
            guard path.cumulative_m[edges.upperBound] >= from_m else { continue }
            let bound = plane.distance_m(to: box, shift: shift) / sigma_m
            if bound * bound >= least { continue }
            for edge in edges {
                var place = place(onEdge: edge)
                if place.offset_m < from_m {
                    guard path.cumulative_m[edge + 1] >= from_m else { continue }
                    place.offset_m = from_m
                }
                let cost = fitCost(place) + abs(place.offset_m - expected_m) / scale_m
                if cost < least {
                    least = cost
                    best = place
                }
            }
        }
        return best
    }

    @inline(__always)
    private func place(onEdge edge: Int) -> PathPlace {
        let foot = plane.foot(path.points[edge], path.points[edge + 1], shift: shift, direction: direction)
        return PathPlace(
            offset_m: path.cumulative_m[edge] + foot.fraction * path.length_m(ofEdge: edge),
            distance_m: foot.distance_m, alignment: foot.alignment)
    }

    /// Squared standard deviations; a heading across the path costs 3, one against it 8.
    @inline(__always)
    private func fitCost(_ place: PathPlace) -> Double {
        let deviations = place.distance_m / max(10, fix.accuracy_m)
        let turn = place.alignment > 0.3 ? 0.0 : place.alignment > -0.5 ? 3 : 8
        return deviations * deviations + turn
    }
}
