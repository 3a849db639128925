/// The area of a geofence: polygons, a circle, or a corridor along lines.
///
/// Edges are straight in longitude and latitude, as RFC 7946 says. All rings (or lines) lie end to end in one flat array of
/// vertices; a ring repeats its first vertex at its end. A shape holds what it was given: whether polygons are valid is the
/// reader's business (``validityProblem()``), and an invalid one must not get into an index.
///
/// **The antimeridian.** A polygon that crosses it comes split into parts that end at +180 and begin at -180. Where an edge
/// on +180 and one on -180 cover the same latitudes, that stretch is a *seam*: it is no boundary for distances, and a
/// position exactly on it (its two ends excluded) is inside. Edges along a pole (latitude ±90 at both ends) are no boundary
/// for distances either, because the whole edge is one place on earth.
///
/// An object, because a fence is copied and looked at far more often than it is made: that counts one reference, not six.
package final class Shape: Sendable, Equatable {
    package enum Kind: UInt8, Sendable {
        /// One polygon or several, with holes. A position on an edge or a vertex is outside (GEOS `contains`).
        case polygon
        /// All positions nearer to a centre than a radius.
        case circle
        /// All positions nearer to some line than a buffer.
        case corridor
    }

    package let kind: Kind
    /// Rings or lines end to end; for a circle its centre alone.
    package let vertices: ContiguousArray<Coordinate>
    /// Where each ring or line starts in `vertices`, and at the end the count of vertices.
    package let lineStarts: ContiguousArray<Int32>
    /// For polygons: the first ring (the outer one) of each part as an index into `lineStarts`, and at the end the count of rings.
    package let partStarts: ContiguousArray<Int32>
    /// Radius of a circle or buffer of a corridor in metres; 0 for polygons.
    package let reach_m: Double
    /// Runs of edges with their boxes, so that a search passes over what is far away.
    let chunks: ContiguousArray<EdgeChunk>
    /// Where parts meet at the antimeridian, in ascending order and disjoint.
    let seams: ContiguousArray<LatitudeRange>
    /// What is left of the edges at ±180 when the seams are taken out; only filled where there are seams.
    let seamRests: ContiguousArray<SeamRest>

    /// A polygon with one outer ring and any number of holes. Rings are closed if they are not.
    package static func polygon(_ rings: [[Coordinate]]) -> Shape {
        multiPolygon([rings])
    }

    /// Several polygons, each an outer ring and its holes.
    package static func multiPolygon(_ parts: [[[Coordinate]]]) -> Shape {
        var partStarts: ContiguousArray<Int32> = []
        var lines: [[Coordinate]] = []
        for part in parts {
            partStarts.append(Int32(lines.count))
            for ring in part {
                lines.append(ring.first == ring.last ? ring : ring + [ring[0]])
            }
        }
        partStarts.append(Int32(lines.count))
        return Shape(kind: .polygon, lines: lines, partStarts: partStarts, reach_m: 0)
    }

    /// All that is nearer to `center` than `radius_m`.
    package static func circle(center: Coordinate, radius_m: Double) -> Shape {
        Shape(kind: .circle, lines: [[center]], partStarts: [], reach_m: radius_m)
    }

    /// All that is nearer to one of the lines than `buffer_m`.
    package static func corridor(_ lines: [[Coordinate]], buffer_m: Double) -> Shape {
        Shape(kind: .corridor, lines: lines, partStarts: [], reach_m: buffer_m)
    }

    private init(kind: Kind, lines: [[Coordinate]], partStarts: ContiguousArray<Int32>, reach_m: Double) {
        var vertices: ContiguousArray<Coordinate> = []
        vertices.reserveCapacity(lines.reduce(0) { $0 + $1.count })
        var starts: ContiguousArray<Int32> = []
        starts.reserveCapacity(lines.count + 1)
        for line in lines {
            starts.append(Int32(vertices.count))
            for vertex in line { vertices.append(Orientation.canonical(vertex)) }
        }
        starts.append(Int32(vertices.count))
        self.kind = kind
        self.vertices = vertices
        self.lineStarts = starts
        self.partStarts = partStarts
        self.reach_m = reach_m
        chunks = EdgeChunk.cover(vertices, starts)
        let seam = kind == .polygon ? SeamFinder.find(vertices, starts) : nil
        seams = seam?.seams ?? []
        seamRests = seam?.rests ?? []
    }

    package static func == (a: Shape, b: Shape) -> Bool {
        // The rest follows from these.
        a === b
            || (a.kind == b.kind && a.reach_m == b.reach_m && a.vertices == b.vertices && a.lineStarts == b.lineStarts
                && a.partStarts == b.partStarts)
    }

    /// Number of positions as the GeoJSON has them.
    package var vertexCount: Int { vertices.count }

    /// Number of rings or lines.
    package var lineCount: Int { lineStarts.count - 1 }

    /// The edges of one ring or line: edge `i` goes from vertex `i` to vertex `i + 1`.
    @inline(__always)
    func edges(ofLine line: Int) -> Range<Int> {
        let start = Int(lineStarts[line])
        return start..<max(start, Int(lineStarts[line + 1]) - 1)
    }

    /// The rectangle around all vertices. A circle's and a corridor's reach is not in it.
    var vertexBox: Box {
        var box = Box.nothing
        for vertex in vertices { box.include(vertex) }
        return box
    }
}

/// A run of consecutive edges of one ring, and the rectangle around them.
struct EdgeChunk: Sendable, Equatable {
    static let size = 32

    var firstEdge: Int32
    var count: Int32
    var box: Box

    var edges: Range<Int> { Int(firstEdge)..<Int(firstEdge + count) }

    static func cover(
        _ vertices: ContiguousArray<Coordinate>, _ starts: ContiguousArray<Int32>
    ) -> ContiguousArray<EdgeChunk> {
        var chunks: ContiguousArray<EdgeChunk> = []
        for line in 0..<(starts.count - 1) {
            let end = Int(starts[line + 1]) - 1
            var first = Int(starts[line])
            while first < end {
                let last = min(end, first + size)
                var box = Box.nothing
                for vertex in first...last { box.include(vertices[vertex]) }
                chunks.append(EdgeChunk(firstEdge: Int32(first), count: Int32(last - first), box: box))
                first = last
            }
        }
        return chunks
    }
}
