/// A sweep from west to east over the edges of all rings that finds whether any two cross, overlap, or touch where they must not.
///
/// M. I. Shamos and D. Hoey, "Geometric intersection problems", FOCS 1976, doi:10.1109/SFCS.1976.16: edges that cross become
/// neighbours on the sweep line before they do. Touching positions, which are allowed between rings, are all vertices; there the
/// edges are looked at in their order around the position (as in Bentley and Ottmann's sweep). All decisions are exact.
///
/// The edges on the sweep line are a sorted array: O(log n) to find, and a short move of memory to change.
struct RingSweep {
    private let rings: RingSet
    /// Edges on the sweep line from south to north. An edge is known by the vertex that it starts from in its ring.
    private var status: ContiguousArray<Int32> = []
    /// Positions at which several rings of a part meet: node number, part, ring.
    private var touches: [(node: Int, part: Int32, ring: Int32)] = []

    init(_ rings: RingSet) { self.rings = rings }

    /// An edge that leaves a node, seen from it.
    private struct Spoke {
        var target: Coordinate
        var ring: Int32
    }

    mutating func run() throws(ShapeProblem) {
        var order: [Int32] = []
        order.reserveCapacity(rings.vertices.count)
        for ring in 0..<rings.ringCount {
            for vertex in rings.range(of: ring) { order.append(Int32(vertex)) }
        }
        let vertices = rings.vertices
        order.sort { Coordinate.isWestOf(vertices[Int($0)], vertices[Int($1)]) }
        var first = 0
        while first < order.count {
            let p = vertices[Int(order[first])]
            var end = first + 1
            while end < order.count, vertices[Int(order[end])] == p { end += 1 }
            try visit(p, order[first..<end], node: first)
            first = end
        }
    }

    // MARK: A position

    private mutating func visit(
        _ p: Coordinate, _ group: ArraySlice<Int32>, node: Int
    ) throws(ShapeProblem) {
        let low = partition { side(of: p, $0) > 0 }
        let high = partition { side(of: p, $0) >= 0 }
        var passing: Int32?
        var ending = 0
        for edge in status[low..<high] {
            if east(edge) == p {
                ending += 1
            } else if let other = passing {
                throw crossing(ringOf(other), ringOf(edge), at: p)
            } else {
                passing = edge
            }
        }
        var starting: [Int32] = []
        var expected = 0
        for vertex in group {
            for edge in [vertex, Int32(rings.previous(Int(vertex)))] {
                if west(edge) == p { starting.append(edge) } else { expected += 1 }
            }
        }
        // Edges that end here but are not found here have got into the wrong order: they crossed.
        if ending != expected {
            throw crossing(ringOf(group[group.startIndex]), ringOf(group[group.startIndex]), at: p)
        }
        if group.count == 1, passing == nil {
            try checkSpike(at: Int(group[group.startIndex]))
        } else {
            try checkNode(p, group, passing: passing, node: node)
        }
        if let passing { starting.append(passing) }
        starting.sort { Orientation.sign(p, east($0), east($1)) > 0 }
        status.replaceSubrange(low..<high, with: starting)
        let above = low + starting.count
        if starting.isEmpty {
            try checkNeighbours(low - 1, low)
        } else {
            try checkNeighbours(low - 1, low)
            try checkNeighbours(above - 1, above)
        }
    }

    /// The number of edges from the south on for which the condition holds.
    private func partition(_ condition: (Int32) -> Bool) -> Int {
        var low = 0
        var high = status.count
        while low < high {
            let middle = (low + high) / 2
            if condition(status[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func checkNeighbours(_ below: Int, _ above: Int) throws(ShapeProblem) {
        guard below >= 0, above < status.count else { return }
        let e = status[below]
        let f = status[above]
        let (e1, e2, f1, f2) = (west(e), east(e), west(f), east(f))
        let sides = Orientation.sign(e1, e2, f1) * Orientation.sign(e1, e2, f2)
        if sides < 0, Orientation.sign(f1, f2, e1) * Orientation.sign(f1, f2, e2) < 0 {
            throw crossing(ringOf(e), ringOf(f), at: RingSweep.meeting(e1, e2, f1, f2))
        }
    }

    /// At an ordinary vertex: whether the ring turns back on itself.
    private func checkSpike(at vertex: Int) throws(ShapeProblem) {
        let p = rings.vertices[vertex]
        let a = rings.vertices[rings.previous(vertex)]
        let b = rings.vertices[rings.next(vertex)]
        let isSameHalf = Coordinate.isWestOf(p, a) == Coordinate.isWestOf(p, b)
        if isSameHalf, Orientation.sign(p, a, b) == 0 {
            throw crossing(rings.ringOfVertex[vertex], rings.ringOfVertex[vertex], at: p)
        }
    }

    /// Where several rings meet: no two edges may leave in the same direction, a ring may pass only once, and rings must not cross.
    private mutating func checkNode(
        _ p: Coordinate, _ group: ArraySlice<Int32>, passing: Int32?, node: Int
    ) throws(ShapeProblem) {
        var spokes: [Spoke] = []
        for vertex in group {
            let ring = rings.ringOfVertex[Int(vertex)]
            spokes.append(Spoke(target: rings.vertices[rings.previous(Int(vertex))], ring: ring))
            spokes.append(Spoke(target: rings.vertices[rings.next(Int(vertex))], ring: ring))
        }
        if let passing {
            spokes.append(Spoke(target: west(passing), ring: ringOf(passing)))
            spokes.append(Spoke(target: east(passing), ring: ringOf(passing)))
        }
        func isEast(_ spoke: Spoke) -> Bool { Coordinate.isWestOf(p, spoke.target) }
        spokes.sort { a, b in
            if isEast(a) != isEast(b) { return isEast(a) }
            return Orientation.sign(p, a.target, b.target) > 0
        }
        for (a, b) in zip(spokes, spokes.dropFirst())
        where isEast(a) == isEast(b) && Orientation.sign(p, a.target, b.target) == 0 {
            throw crossing(a.ring, b.ring, at: p)
        }
        var seen: [Int32: Int] = [:]
        var open: [Int32] = []
        for spoke in spokes {
            seen[spoke.ring, default: 0] += 1
            if seen[spoke.ring] == 1 {
                open.append(spoke.ring)
                touches.append((node, rings.partOfRing[Int(spoke.ring)], spoke.ring))
            } else if seen[spoke.ring] == 2, let last = open.popLast() {
                if last != spoke.ring { throw crossing(last, spoke.ring, at: p) }
            } else {
                throw ShapeProblem(
                    code: .selfCrossing, position: p, message: "a ring touches itself at \(p.text)")
            }
        }
    }

    // MARK: After the sweep

    /// Rings that touch form a graph; a circle in it encloses a piece of the inside that is cut off from the rest.
    func checkConnected() throws(ShapeProblem) {
        // A forest over the rings and, behind them, the positions where rings of a part meet.
        let groups = touchesByNodeAndPart().filter { $0.count > 1 }
        var parent = Array(0..<(rings.ringCount + groups.count))
        func root(_ x: Int) -> Int {
            var x = x
            while parent[x] != x {
                parent[x] = parent[parent[x]]
                x = parent[x]
            }
            return x
        }
        for (number, group) in groups.enumerated() {
            for touch in group {
                let ring = root(Int(touch.ring))
                let place = root(rings.ringCount + number)
                if ring == place {
                    let p = rings.vertices[Int(rings.starts[Int(touch.ring)])]
                    throw ShapeProblem(
                        code: .disconnected, position: p,
                        message: "the ring at \(p.text) touches other rings so that it cuts the polygon in two")
                }
                parent[ring] = place
            }
        }
    }

    private func touchesByNodeAndPart() -> [[(node: Int, part: Int32, ring: Int32)]] {
        var groups: [[(node: Int, part: Int32, ring: Int32)]] = []
        for touch in touches.sorted(by: { ($0.node, $0.part, $0.ring) < ($1.node, $1.part, $1.ring) }) {
            if let last = groups.last?.last, last.node == touch.node, last.part == touch.part {
                groups[groups.count - 1].append(touch)
            } else {
                groups.append([touch])
            }
        }
        return groups
    }

    // MARK: Edges

    private func ringOf(_ edge: Int32) -> Int32 { rings.ringOfVertex[Int(edge)] }

    private func west(_ edge: Int32) -> Coordinate {
        let a = rings.vertices[Int(edge)]
        let b = rings.vertices[Int(edge) + 1]
        return Coordinate.isWestOf(a, b) ? a : b
    }

    private func east(_ edge: Int32) -> Coordinate {
        let a = rings.vertices[Int(edge)]
        let b = rings.vertices[Int(edge) + 1]
        return Coordinate.isWestOf(a, b) ? b : a
    }

    /// 1 if `p` lies north of the edge, -1 south, 0 on it.
    private func side(of p: Coordinate, _ edge: Int32) -> Int {
        Orientation.sign(west(edge), east(edge), p)
    }

    private func crossing(_ a: Int32, _ b: Int32, at p: Coordinate) -> ShapeProblem {
        if rings.partOfRing[Int(a)] != rings.partOfRing[Int(b)] {
            return ShapeProblem(
                code: .overlappingParts, position: p, message: "two polygons overlap or share an edge at \(p.text)")
        }
        let message =
            a == b
            ? "a ring crosses or overlaps itself at \(p.text)" : "two rings of a polygon cross or overlap at \(p.text)"
        return ShapeProblem(code: .selfCrossing, position: p, message: message)
    }

    /// Where two edges cross, for the message; rounded.
    private static func meeting(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate, _ d: Coordinate) -> Coordinate {
        let t = Way.cut(a, b, c, d)
        return Coordinate(
            latitude: a.latitude + (b.latitude - a.latitude) * t,
            longitude: a.longitude + (b.longitude - a.longitude) * t)
    }
}
