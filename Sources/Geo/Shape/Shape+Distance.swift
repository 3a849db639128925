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
        var nearest = NearestSegment(from: p)
        let vertices = vertices
        for chunk in chunks {
            if chunks.count > 1, nearest.isNearer(than: chunk.box) { continue }
            for edge in chunk.edges {
                let a = vertices[edge]
                let b = vertices[edge + 1]
                if kind == .polygon, isNoBoundary(a, b) { continue }
                nearest.offer(a, b)
            }
        }
        for rest in seamRests { nearest.offer(rest.start, rest.end) }
        return nearest.finish()
    }

    /// Edges along a pole, and edges on the antimeridian of a shape with seams (their rests are looked at apart).
    @inline(__always)
    private func isNoBoundary(_ a: Coordinate, _ b: Coordinate) -> Bool {
        if a.latitude == b.latitude { return abs(a.latitude) == 90 }
        return a.longitude == b.longitude && abs(a.longitude) == 180 && !seams.isEmpty
    }
}
