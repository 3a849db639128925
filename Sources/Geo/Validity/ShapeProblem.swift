/// Why polygons are not valid, and where.
package struct ShapeProblem: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        /// All positions of a ring lie on one line.
        case zeroArea = "zero_area"
        /// A ring crosses, overlaps or touches itself, or crosses or overlaps another ring of its polygon.
        case selfCrossing = "self_crossing"
        /// A hole lies outside of its polygon.
        case holeOutside = "hole_outside"
        /// A hole lies within another hole.
        case nestedHoles = "nested_holes"
        /// Holes that touch one another or the outer ring cut the polygon in two.
        case disconnected = "disconnected"
        /// Two polygons of a MultiPolygon overlap or share an edge.
        case overlappingParts = "overlapping_parts"
    }

    package var code: Code
    /// A position at or near the fault.
    package var position: Coordinate
    /// A sentence for people; it may change, so programs compare the code.
    package var message: String
}

extension Shape {
    /// Why the polygons are not valid, nil if they are: what OGC Simple Features demand and GEOS' `is_valid` decides.
    ///
    /// Rings may touch one another at single positions, as long as the inside hangs together. Either orientation is
    /// accepted. Exact. O(n log n) by a plane sweep, except for the look-up of rings within rings, which also costs for each ring the
    /// edges near the height of one of its positions. Circles and corridors are always valid.
    package func validityProblem() -> ShapeProblem? {
        guard kind == .polygon else { return nil }
        do {
            let rings = try RingSet(self)
            var sweep = RingSweep(rings)
            try sweep.run()
            try RingNesting(rings).check()
            try sweep.checkConnected()
            return nil
        } catch {
            return error
        }
    }
}

/// The rings of a shape without repeated positions.
struct RingSet {
    /// Ring after ring, the first position of each repeated at its end.
    private(set) var vertices: ContiguousArray<Coordinate> = []
    private(set) var starts: ContiguousArray<Int32> = []
    /// The part that each ring belongs to.
    private(set) var partOfRing: ContiguousArray<Int32> = []
    /// The ring of each vertex.
    private(set) var ringOfVertex: ContiguousArray<Int32> = []
    /// Whether the ring is the outer one of its part.
    private(set) var isShell: ContiguousArray<Bool> = []

    var ringCount: Int { partOfRing.count }

    init(_ shape: Shape) throws(ShapeProblem) {
        for part in 0..<(shape.partStarts.count - 1) {
            let rings = Int(shape.partStarts[part])..<Int(shape.partStarts[part + 1])
            for ring in rings {
                let range = Int(shape.lineStarts[ring])..<Int(shape.lineStarts[ring + 1])
                starts.append(Int32(vertices.count))
                isShell.append(ring == rings.lowerBound)
                for vertex in shape.vertices[range]
                where vertices.count == Int(starts[ring]) || vertices[vertices.count - 1] != vertex {
                    vertices.append(vertex)
                    ringOfVertex.append(Int32(ring))
                }
                partOfRing.append(Int32(part))
                try checkArea(from: Int(starts[ring]))
            }
        }
        starts.append(Int32(vertices.count))
    }

    private func checkArea(from start: Int) throws(ShapeProblem) {
        let ring = vertices[start...]
        if ring.count >= 4 {
            for i in (start + 2)..<vertices.count
            where Orientation.sign(vertices[start], vertices[start + 1], vertices[i]) != 0 { return }
        }
        throw ShapeProblem(
            code: .zeroArea, position: vertices[start],
            message: "the ring at \(vertices[start].text) has no area: all its positions lie on one line")
    }

    /// The vertices of a ring, each once.
    func range(of ring: Int) -> Range<Int> { Int(starts[ring])..<(Int(starts[ring + 1]) - 1) }

    func next(_ vertex: Int) -> Int {
        let range = range(of: Int(ringOfVertex[vertex]))
        return vertex + 1 == range.upperBound ? range.lowerBound : vertex + 1
    }

    func previous(_ vertex: Int) -> Int {
        let range = range(of: Int(ringOfVertex[vertex]))
        return vertex == range.lowerBound ? range.upperBound - 1 : vertex - 1
    }
}

extension Coordinate {
    /// Longitude and latitude in GeoJSON's order, for messages.
    var text: String { "[\(longitude), \(latitude)]" }

    /// The order of a sweep from west to east.
    static func isWestOf(_ a: Coordinate, _ b: Coordinate) -> Bool {
        a.longitude < b.longitude || (a.longitude == b.longitude && a.latitude < b.latitude)
    }
}
