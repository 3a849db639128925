extension Shape {
    /// The distance in metres from a position to the boundary, negative inside. Within 0.5 % of the distance on the sphere.
    ///
    /// Seams at the antimeridian and edges along a pole are no boundary; a shape that covers the whole sphere that way has
    /// none at all, and the distance is then minus infinity. For a position that is not valid it is infinity.
    /// O(edges), with a quick pass over distant runs of edges.
    package func signedDistance_m(from position: Coordinate) -> Double {
        guard position.isValid else { return .infinity }
        let p = Orientation.canonical(position)
        switch kind {
        case .circle: return p.distance_m(to: vertices[0]) - reach_m
        case .corridor: return lineDistance_m(from: p) - reach_m
        case .polygon:
            let distance = lineDistance_m(from: p)
            return contains(p) ? -distance : distance
        }
    }

    /// Distance to the nearest edge that is a boundary (polygons) or to the nearest line (corridors).
    func lineDistance_m(from p: Coordinate) -> Double {
        let field = SegmentDistance(from: p)
        var best = Double.infinity
        for chunk in chunks {
            if chunks.count > 1, best < .infinity,
                chunk.box.leastHaversine(from: p, cosine: field.cosine)
                    > Haversine.value(distance_m: best) * 1.000_001
            {
                continue
            }
            for edge in chunk.edges {
                let a = vertices[edge]
                let b = vertices[edge + 1]
                if kind == .polygon, isNoBoundary(a, b) { continue }
                if let approach = field.approach(a, b, within: best) { best = min(best, approach.distance_m) }
            }
        }
        for rest in seamRests {
            if let approach = field.approach(rest.start, rest.end, within: best) {
                best = min(best, approach.distance_m)
            }
        }
        return best
    }

    /// Edges along a pole, and edges on the antimeridian of a shape with seams (their rests are looked at apart).
    @inline(__always)
    private func isNoBoundary(_ a: Coordinate, _ b: Coordinate) -> Bool {
        if a.latitude == b.latitude { return abs(a.latitude) == 90 }
        return a.longitude == b.longitude && abs(a.longitude) == 180 && !seams.isEmpty
    }
}
