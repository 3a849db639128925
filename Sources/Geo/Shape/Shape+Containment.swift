/// Where a position lies against a polygon or a ring.
enum Location: Sendable {
    case inside
    case outside
    case boundary
}

/// What one edge does to the parity of a ray that starts at a position and goes east.
enum EdgeCrossing {
    case none
    case crosses
    case touches
}

extension Shape {
    /// Whether the position is inside: exact on the doubles given. O(edges), with a quick pass over distant runs of edges.
    ///
    /// For polygons a position on an edge or a vertex is outside, as GEOS decides `contains`. Positions that are not
    /// finite or out of range are outside of everything.
    package func contains(_ position: Coordinate) -> Bool {
        guard position.isValid else { return false }
        let p = Orientation.canonical(position)
        switch kind {
        case .polygon:
            if abs(p.longitude) == 180, !seams.isEmpty { return isOnSeam(latitude: p.latitude) }
            return location(of: p) == .inside
        case .circle:
            return p.distance_m(to: vertices[0]) < reach_m
        case .corridor:
            let field = SegmentDistance(from: p)
            let limit = Haversine.value(distance_m: reach_m * 1.01)
            for chunk in chunks where chunk.box.leastHaversine(from: p, cosine: field.cosine) <= limit {
                for edge in chunk.edges where isWithinReach(field, edge: edge) { return true }
            }
            return false
        }
    }

    /// For corridors: whether one segment comes nearer than the buffer.
    func isWithinReach(_ field: SegmentDistance, edge: Int) -> Bool {
        guard let approach = field.approach(vertices[edge], vertices[edge + 1], within: reach_m) else { return false }
        return approach.distance_m < reach_m
    }

    /// Whether the latitude lies on a seam, its ends excluded.
    func isOnSeam(latitude: Double) -> Bool {
        seams.contains { $0.south < latitude && latitude < $0.north }
    }

    /// Exact location against all rings by the parity of a ray to the east.
    func location(of p: Coordinate) -> Location {
        var isInside = false
        for chunk in chunks {
            if chunk.box.south > p.latitude || chunk.box.north < p.latitude || chunk.box.east < p.longitude { continue }
            for edge in chunk.edges {
                switch Shape.ray(from: p, vertices[edge], vertices[edge + 1]) {
                case .none: break
                case .crosses: isInside.toggle()
                case .touches: return .boundary
                }
            }
        }
        return isInside ? .inside : .outside
    }

    /// The ray from `p` to the east against the edge from `a` to `b`; `.touches` if `p` lies on the edge. Exact.
    ///
    /// An edge counts where one end is above the ray and the other is not, so that a vertex on the ray counts once.
    @inline(__always)
    static func ray(from p: Coordinate, _ a: Coordinate, _ b: Coordinate) -> EdgeCrossing {
        if (a.latitude > p.latitude) == (b.latitude > p.latitude) {
            // Beside or along the ray: only an end at p, or a level edge through p, matters.
            guard a.latitude == p.latitude || b.latitude == p.latitude else { return .none }
            if a == p || b == p { return .touches }
            let isLevel = a.latitude == b.latitude
            let isAround = (a.longitude < p.longitude) != (b.longitude < p.longitude)
            return isLevel && isAround ? .touches : .none
        }
        if a.longitude < p.longitude, b.longitude < p.longitude { return .none }
        if a.longitude > p.longitude, b.longitude > p.longitude { return .crosses }
        let side = Orientation.sign(a, b, p)
        if side == 0 { return .touches }
        return (b.latitude > a.latitude) == (side > 0) ? .crosses : .none
    }
}
