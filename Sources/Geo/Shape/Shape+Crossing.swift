/// How a straight way passes through an area although both its ends are outside.
struct Passage: Sendable, Equatable {
    /// Where the way first enters and last leaves: 0 at its start, 1 at its end.
    var enterFraction: Double
    var exitFraction: Double
    /// Total length inside in metres.
    var chord_m: Double
}

extension Shape {
    /// Whether and how the straight way from `start` to `end` (in longitude and latitude, the short way round over the
    /// antimeridian) passes through the shape although neither end is inside.
    ///
    /// A way that only touches the boundary does not pass: stretches of less than a millimetre are not counted.
    func passage(from start: Coordinate, to end: Coordinate) -> Passage? {
        let way = Way(from: start, to: end)
        guard way.length_m > 0 else { return nil }
        switch kind {
        case .polygon: return polygonPassage(way)
        case .circle, .corridor: return reachPassage(way)
        }
    }

    // MARK: Polygons

    private func polygonPassage(_ way: Way) -> Passage? {
        var cuts: [Double] = []
        var along: [ClosedRange<Double>] = []
        collectCuts(way, shift: 0, cuts: &cuts, along: &along)
        if let shift = way.otherShift { collectCuts(way, shift: shift, cuts: &cuts, along: &along) }
        guard cuts.count > 1, !contains(way.start), !contains(way.end) else { return nil }
        cuts.append(0)
        cuts.append(1)
        cuts.sort()
        var passage: Passage?
        for i in 1..<cuts.count {
            let piece = cuts[i - 1]...cuts[i]
            let middle = (piece.lowerBound + piece.upperBound) / 2
            let length = (piece.upperBound - piece.lowerBound) * way.length_m
            if length < 0.001 || along.contains(where: { $0.contains(middle) }) { continue }
            guard contains(way.position(at: middle)) else { continue }
            passage = Passage.joining(passage, piece, length)
        }
        return passage
    }

    /// Collects where the way meets edges, and the stretches where it runs exactly along one.
    private func collectCuts(
        _ way: Way, shift: Double, cuts: inout [Double], along: inout [ClosedRange<Double>]
    ) {
        let from = way.shiftedStart(shift)
        let to = way.shiftedEnd(shift)
        var wayBox = Box.nothing
        wayBox.include(from)
        wayBox.include(to)
        for chunk in chunks where chunk.box.overlaps(wayBox) {
            for edge in chunk.edges {
                let a = vertices[edge]
                let b = vertices[edge + 1]
                if max(a.longitude, b.longitude) < wayBox.west || min(a.longitude, b.longitude) > wayBox.east {
                    continue
                }
                if max(a.latitude, b.latitude) < wayBox.south || min(a.latitude, b.latitude) > wayBox.north { continue }
                let sideA = Orientation.sign(from, to, a)
                let sideB = Orientation.sign(from, to, b)
                if sideA == 0, sideB == 0 {
                    let ends = [way.fraction(of: a, shift: shift), way.fraction(of: b, shift: shift)].sorted()
                    cuts.append(contentsOf: ends)
                    along.append(ends[0]...ends[1])
                    continue
                }
                if sideA == sideB { continue }
                let sideFrom = Orientation.sign(a, b, from)
                let sideTo = Orientation.sign(a, b, to)
                if sideFrom == sideTo, sideFrom != 0 { continue }
                cuts.append(Way.cut(from, to, a, b))
            }
        }
    }

    // MARK: Circles and corridors

    /// Subdivides the way: a piece whose middle is farther from the boundary than half the piece's length lies wholly on one side.
    private func reachPassage(_ way: Way) -> Passage? {
        let middle = signedDistance_m(from: way.position(at: 0.5))
        if middle > way.length_m * 0.51 { return nil }
        guard !contains(way.start), !contains(way.end) else { return nil }
        var passage: Passage?
        // Fine enough for 5 cm where the way is short, and never more than 2^14 pieces.
        let finest = max(0.05, way.length_m / 16_384)
        collectPieces(way, middle: 0.5, half: 0.5, finest_m: finest, into: &passage)
        return passage
    }

    private func collectPieces(
        _ way: Way, middle: Double, half: Double, finest_m: Double, into passage: inout Passage?
    ) {
        let distance = signedDistance_m(from: way.position(at: middle))
        let reach = half * way.length_m * 1.02
        if distance > reach { return }
        if distance < -reach || (reach < finest_m && distance < 0) {
            passage = Passage.joining(passage, (middle - half)...(middle + half), 2 * half * way.length_m)
            return
        }
        if reach < finest_m { return }
        collectPieces(way, middle: middle - half / 2, half: half / 2, finest_m: finest_m, into: &passage)
        collectPieces(way, middle: middle + half / 2, half: half / 2, finest_m: finest_m, into: &passage)
    }
}

extension Passage {
    /// Adds a later stretch.
    static func joining(_ passage: Passage?, _ piece: ClosedRange<Double>, _ length_m: Double) -> Passage {
        guard var joined = passage else {
            return Passage(enterFraction: piece.lowerBound, exitFraction: piece.upperBound, chord_m: length_m)
        }
        joined.exitFraction = piece.upperBound
        joined.chord_m += length_m
        return joined
    }
}

/// A straight way in longitude and latitude; where it crosses the antimeridian its end is unrolled beyond ±180.
struct Way {
    let start: Coordinate
    let end: Coordinate
    /// The end's longitude without a jump: -360…360.
    let unrolledLongitude: Double
    /// An upper bound of the length on the sphere that is exact for short ways.
    let length_m: Double

    init(from start: Coordinate, to end: Coordinate) {
        self.start = Orientation.canonical(start)
        self.end = Orientation.canonical(end)
        let difference = Longitude.difference(from: self.start.longitude, to: self.end.longitude)
        unrolledLongitude =
            abs(self.end.longitude - self.start.longitude) <= 180
            ? self.end.longitude : self.start.longitude + difference
        length_m = Way.length_m(self.start, self.end, difference)
    }

    /// The length of the line that is straight in longitude and latitude, by the mean cosine (Simpson's rule).
    private static func length_m(_ a: Coordinate, _ b: Coordinate, _ difference: Double) -> Double {
        let pieces = max(1, min(64, Int(abs(difference) + abs(b.latitude - a.latitude))))
        var total = 0.0
        var last = a
        for i in 1...pieces {
            let fraction = Double(i) / Double(pieces)
            let next = Coordinate(
                latitude: a.latitude + (b.latitude - a.latitude) * fraction,
                longitude: Longitude.wrapped(a.longitude + difference * fraction))
            total += last.distance_m(to: next)
            last = next
        }
        return total
    }

    var crossesAntimeridian: Bool { abs(unrolledLongitude) > 180 }

    /// What is to be added to the longitudes of the way so that the part beyond ±180 is seen within; nil where there is none.
    var otherShift: Double? {
        if unrolledLongitude > 180 { return -360 }
        if unrolledLongitude < -180 { return 360 }
        return nil
    }

    func shiftedStart(_ shift: Double) -> Coordinate {
        Coordinate(latitude: start.latitude, longitude: start.longitude + shift)
    }

    /// Exactly the end where the shift brings it back into range.
    func shiftedEnd(_ shift: Double) -> Coordinate {
        let isBack = crossesAntimeridian && shift != 0
        return Coordinate(
            latitude: end.latitude, longitude: isBack ? end.longitude : unrolledLongitude + shift)
    }

    func position(at fraction: Double) -> Coordinate {
        Coordinate(
            latitude: start.latitude + (end.latitude - start.latitude) * fraction,
            longitude: Longitude.wrapped(start.longitude + (unrolledLongitude - start.longitude) * fraction))
    }

    /// Where a position on the way's line lies along it, clamped to 0…1.
    func fraction(of p: Coordinate, shift: Double) -> Double {
        let dx = unrolledLongitude - start.longitude
        let dy = end.latitude - start.latitude
        let t =
            abs(dx) >= abs(dy)
            ? (p.longitude - shift - start.longitude) / dx : (p.latitude - start.latitude) / dy
        return min(1, max(0, t))
    }

    /// The fraction of the line from `from` to `to` at which it meets the line through `a` and `b`, clamped to 0…1.
    static func cut(_ from: Coordinate, _ to: Coordinate, _ a: Coordinate, _ b: Coordinate) -> Double {
        let ex = b.longitude - a.longitude
        let ey = b.latitude - a.latitude
        let numerator = (a.longitude - from.longitude) * ey - (a.latitude - from.latitude) * ex
        let denominator = (to.longitude - from.longitude) * ey - (to.latitude - from.latitude) * ex
        let t = numerator / denominator
        return t.isFinite ? min(1, max(0, t)) : 0
    }
}
