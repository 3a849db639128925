import Glibc

/// A box in longitude and latitude; `west > east` means over the antimeridian.
package struct BoundingBox: Sendable, Equatable {
    package var south: Double
    package var west: Double
    package var north: Double
    package var east: Double
}

extension FenceSet {
    /// Boxes that together cover a fence: one for each part of a polygon or line of a corridor, a little too large rather
    /// than too small. Empty for a free slot. O(vertices).
    package func boundingBoxes(slot: Int32) -> [BoundingBox] {
        guard let shape = fence(at: slot)?.shape else { return [] }
        switch shape.kind {
        case .polygon:
            return (0..<(shape.partStarts.count - 1)).map { part in
                let outer = Int(shape.partStarts[part])
                return Self.box(around: shape, lines: outer..<(outer + 1))
            }
        case .circle, .corridor:
            return (0..<shape.lineCount).map { Self.box(around: shape, lines: $0..<($0 + 1)) }
        }
    }

    private static func box(around shape: Shape, lines: Range<Int>) -> BoundingBox {
        let first = Int(shape.lineStarts[lines.lowerBound])
        let end = Int(shape.lineStarts[lines.upperBound])
        var box = BoundingBox(south: 90, west: 180, north: -90, east: -180)
        for vertex in shape.vertices[first..<end] {
            box.south = min(box.south, vertex.latitude)
            box.north = max(box.north, vertex.latitude)
            box.west = min(box.west, vertex.longitude)
            box.east = max(box.east, vertex.longitude)
        }
        return shape.reach_m > 0 ? widened(box, by_m: shape.reach_m) : box
    }

    /// The box with everything that is at most so far from it. Where that reaches a pole or right round, all longitudes.
    private static func widened(_ box: BoundingBox, by_m reach_m: Double) -> BoundingBox {
        let margin = reach_m / Earth.degree_m * 1.01
        let south = max(-90, box.south - margin)
        let north = min(90, box.north + margin)
        let latitude = max(abs(south), abs(north))
        // The meridians that touch a circle of radius r around latitude φ are asin(sin r / cos φ) away.
        let sine = sin(margin * Earth.radians) / cos(latitude * Earth.radians)
        guard latitude < 89.9, sine < 1 else { return BoundingBox(south: south, west: -180, north: north, east: 180) }
        let sideways = asin(sine) / Earth.radians
        guard box.east - box.west + 2 * sideways < 360 else {
            return BoundingBox(south: south, west: -180, north: north, east: 180)
        }
        return BoundingBox(
            south: south, west: Longitude.wrapped(box.west - sideways), north: north,
            east: Longitude.wrapped(box.east + sideways))
    }
}
