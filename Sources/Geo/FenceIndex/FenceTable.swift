/// The fences of a layer while it is built; shapes are shared, not copied.
struct FenceTable {
    var slots: ContiguousArray<Int32>
    var shapes: ContiguousArray<Shape> = []
    /// What building reads of the shapes, which they keep alive.
    var views: ContiguousArray<ShapeView> = []
    var boxes: ContiguousArray<Box> = []
    var ordinalByID: [String: Int32] = [:]
    var seams: ContiguousArray<FenceSeam> = []
    /// Circles and corridors, and which of them a fence is (-1 for polygons).
    var reaches: ContiguousArray<ReachField> = []
    var reachOfFence: ContiguousArray<Int32> = []
    /// The vertices of all corridors, and where those of a corridor start (by its place in `reaches`).
    var lines: ContiguousArray<Coordinate> = []
    var lineStart: ContiguousArray<Int32> = []

    /// - Parameter slots: ascending.
    init(slots: [Int32], fence: (Int32) -> Geofence) {
        self.slots = ContiguousArray(slots)
        shapes.reserveCapacity(slots.count)
        views.reserveCapacity(slots.count)
        boxes.reserveCapacity(slots.count)
        reachOfFence.reserveCapacity(slots.count)
        ordinalByID.reserveCapacity(slots.count)
        for (ordinal, slot) in slots.enumerated() {
            let fence = fence(slot)
            let shape = fence.shape
            for seam in shape.seams { seams.append(FenceSeam(ordinal: Int32(ordinal), range: seam)) }
            ordinalByID[fence.id] = Int32(ordinal)
            shapes.append(shape)
            views.append(ShapeView(shape))
            boxes.append(shape.vertexBox)
            reachOfFence.append(shape.kind == .polygon ? -1 : Int32(reaches.count))
            if shape.kind == .polygon { continue }
            reaches.append(ReachField(shape))
            lineStart.append(Int32(lines.count))
            if shape.kind == .corridor { lines.append(contentsOf: shape.vertices) }
        }
    }
}

/// A shape by plain pointers, because a copy of a ``Shape`` counts five references. Valid as long as the shape is alive.
struct ShapeView {
    let kind: Shape.Kind
    let reach_m: Double
    let vertices: UnsafePointer<Coordinate>
    let lineCount: Int
    private let lineStarts: UnsafePointer<Int32>

    init(_ shape: Shape) {
        kind = shape.kind
        reach_m = shape.reach_m
        lineCount = shape.lineCount
        // Arrays never move while nobody changes them, and these are constants of the shape.
        vertices = shape.vertices.withUnsafeBufferPointer { $0.baseAddress! }
        lineStarts = shape.lineStarts.withUnsafeBufferPointer { $0.baseAddress! }
    }

    /// See ``Shape/edges(ofLine:)``.
    @inline(__always)
    func edges(ofLine line: Int) -> Range<Int> {
        let start = Int(lineStarts[line])
        return start..<max(start, Int(lineStarts[line + 1]) - 1)
    }
}

/// A stretch of the antimeridian that lies within a fence.
struct FenceSeam: Sendable {
    var ordinal: Int32
    var range: LatitudeRange
}
