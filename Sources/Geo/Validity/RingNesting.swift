/// Which ring lies within which, after a sweep has shown that no two cross.
struct RingNesting {
    private let rings: RingSet
    private let chunks: ContiguousArray<EdgeChunk>
    private var chunksOfRing: ContiguousArray<Range<Int>> = []
    private var boxes: ContiguousArray<Box> = []

    init(_ rings: RingSet) {
        self.rings = rings
        chunks = EdgeChunk.cover(rings.vertices, rings.starts)
        var next = 0
        for ring in 0..<rings.ringCount {
            let first = next
            var box = Box.nothing
            while next < chunks.count, Int(chunks[next].firstEdge) < Int(rings.starts[ring + 1]) { next += 1 }
            for vertex in rings.range(of: ring) { box.include(rings.vertices[vertex]) }
            chunksOfRing.append(first..<next)
            boxes.append(box)
        }
    }

    /// Holes must lie in their polygon and not in one another; polygons must lie apart, or in one another's holes.
    func check() throws(ShapeProblem) {
        var shellOfPart: [Int32: Int] = [:]
        for ring in 0..<rings.ringCount where rings.isShell[ring] { shellOfPart[rings.partOfRing[ring]] = ring }
        for ring in 0..<rings.ringCount where !rings.isShell[ring] {
            guard let shell = shellOfPart[rings.partOfRing[ring]] else { continue }
            if !isInside(ring, shell) {
                throw problem(.holeOutside, ring, "lies outside of its polygon")
            }
        }
        // Polygons of which each shell lies in another's, and those whose hole it lies in.
        var shellsWithin: [(inner: Int, outer: Int)] = []
        var inHole: Set<SIMD2<Int>> = []
        try forEachNestedPair { (inner, outer) throws(ShapeProblem) in
            let isSamePart = rings.partOfRing[inner] == rings.partOfRing[outer]
            if isSamePart, !rings.isShell[inner], !rings.isShell[outer] {
                throw problem(.nestedHoles, inner, "lies within another hole")
            }
            guard !isSamePart, rings.isShell[inner] else { return }
            if rings.isShell[outer] {
                shellsWithin.append((inner, outer))
            } else {
                inHole.insert(SIMD2(inner, Int(rings.partOfRing[outer])))
            }
        }
        for (inner, outer) in shellsWithin
        where !inHole.contains(SIMD2(inner, Int(rings.partOfRing[outer]))) {
            throw ShapeProblem(
                code: .overlappingParts, position: rings.vertices[rings.range(of: inner).lowerBound],
                message:
                    "the polygon at \(rings.vertices[rings.range(of: inner).lowerBound].text) lies within another one")
        }
    }

    private func problem(_ code: ShapeProblem.Code, _ ring: Int, _ text: String) -> ShapeProblem {
        let p = rings.vertices[rings.range(of: ring).lowerBound]
        return ShapeProblem(code: code, position: p, message: "the hole at \(p.text) \(text)")
    }

    /// Pairs of rings of which the first lies within the second; by a pass over the boxes from west to east.
    private func forEachNestedPair(_ body: (Int, Int) throws(ShapeProblem) -> Void) throws(ShapeProblem) {
        let order = (0..<rings.ringCount).sorted { boxes[$0].west < boxes[$1].west }
        for (place, a) in order.enumerated() {
            for b in order[(place + 1)...] {
                if boxes[b].west > boxes[a].east { break }
                if boxes[a].encloses(boxes[b]), isInside(b, a) { try body(b, a) }
                if boxes[b].encloses(boxes[a]), isInside(a, b) { try body(a, b) }
            }
        }
    }

    /// Whether ring `a` lies within ring `b`, which it does not cross.
    private func isInside(_ a: Int, _ b: Int) -> Bool {
        guard boxes[b].encloses(boxes[a]) else { return false }
        for vertex in rings.range(of: a) {
            switch location(of: rings.vertices[vertex], in: b) {
            case .inside: return true
            case .outside: return false
            case .boundary: break
            }
        }
        // All vertices of a touch b: look where its first edge sets out.
        let first = rings.range(of: a).lowerBound
        return goesInside(b, from: rings.vertices[first], toward: rings.vertices[first + 1])
    }

    private func location(of p: Coordinate, in ring: Int) -> Location {
        var isInside = false
        for chunk in chunks[chunksOfRing[ring]] {
            if chunk.box.south > p.latitude || chunk.box.north < p.latitude || chunk.box.east < p.longitude { continue }
            for edge in chunk.edges {
                switch Shape.ray(from: p, rings.vertices[edge], rings.vertices[edge + 1]) {
                case .none: break
                case .crosses: isInside.toggle()
                case .touches: return .boundary
                }
            }
        }
        return isInside ? .inside : .outside
    }

    /// Whether the direction from `p`, a position on the ring, leads into the ring.
    private func goesInside(_ ring: Int, from p: Coordinate, toward target: Coordinate) -> Bool {
        let range = rings.range(of: ring)
        let isCounterClockwise = windsLeft(ring)
        for vertex in range {
            let a = rings.vertices[vertex]
            let b = rings.vertices[vertex + 1]
            if a == p {
                let before = rings.vertices[rings.previous(vertex)]
                return isCounterClockwise
                    ? isInWedge(before, p, b, target) : isInWedge(b, p, before, target)
            }
            if b != p, Shape.ray(from: p, a, b) == .touches {
                return (Orientation.sign(a, b, target) > 0) == isCounterClockwise
            }
        }
        return false
    }

    /// Whether the target lies to the left of the corner a–p–b.
    private func isInWedge(_ a: Coordinate, _ p: Coordinate, _ b: Coordinate, _ target: Coordinate) -> Bool {
        let isLeftOfFirst = Orientation.sign(a, p, target) > 0
        let isLeftOfSecond = Orientation.sign(p, b, target) > 0
        switch Orientation.sign(a, p, b) {
        case 1: return isLeftOfFirst && isLeftOfSecond
        case -1: return isLeftOfFirst || isLeftOfSecond
        default: return isLeftOfFirst
        }
    }

    /// Whether the ring runs counter-clockwise: by the corner at its westernmost vertex.
    private func windsLeft(_ ring: Int) -> Bool {
        var westernmost = rings.range(of: ring).lowerBound
        for vertex in rings.range(of: ring)
        where Coordinate.isWestOf(rings.vertices[vertex], rings.vertices[westernmost]) { westernmost = vertex }
        return Orientation.sign(
            rings.vertices[rings.previous(westernmost)], rings.vertices[westernmost],
            rings.vertices[rings.next(westernmost)]) > 0
    }
}
