import Glibc

/// A circle with what a quick decision needs, or a corridor's buffer.
struct ReachField: Sendable {
    enum Decision {
        case inside
        case outside
        case doubt
    }

    let isCircle: Bool
    let reach_m: Double
    let center: Coordinate
    private let cosine: Double
    private let sine: Double
    /// Squares of angles in radians: nearer is certainly inside, farther certainly outside.
    private let surelyIn: Double
    private let surelyOut: Double

    /// What the approximation below may be off by, relative to the square: three times its error at ``angleLimit``.
    private static let tolerance = 1e-4
    /// In radians, 64 km: farther off is decided by the haversine.
    private static let angleLimit = 0.01

    init(_ shape: Shape) {
        isCircle = shape.kind == .circle
        reach_m = shape.reach_m
        center = shape.vertices[0]
        let phi = center.latitude * Earth.radians
        cosine = cos(phi)
        sine = sin(phi)
        let angle = shape.reach_m / Earth.radius_m
        surelyIn = angle * angle * (1 - ReachField.tolerance) - 1e-20
        surelyOut = angle * angle * (1 + ReachField.tolerance) + 1e-20
    }

    /// The square of the angle between the centre and a position not far from it, in radians; nil where the approximation is not good.
    ///
    /// hav d = hav Δφ + cos φ₁ cos φ₂ hav Δλ, with hav x = x² / 4 and cos φ₂ by Taylor's series to the second power.
    @inline(__always)
    func squaredAngle(to p: Coordinate) -> Double? {
        let dy = (p.latitude - center.latitude) * Earth.radians
        let dx = (p.longitude - center.longitude) * Earth.radians
        guard abs(dy) <= ReachField.angleLimit, abs(dx) <= ReachField.angleLimit, cosine > 0.05 else { return nil }
        let otherCosine = cosine - dy * (sine + dy * cosine / 2)
        return dy * dy + cosine * otherCosine * dx * dx
    }

    /// Whether a circle contains the position, where that is quick to say.
    @inline(__always)
    func decide(_ p: Coordinate) -> Decision {
        guard let square = squaredAngle(to: p) else { return .doubt }
        if square < surelyIn { return .inside }
        return square > surelyOut ? .outside : .doubt
    }

    /// Whether the circle is certainly more than `distance_m` away from the position.
    @inline(__always)
    func isFarther(than distance_m: Double, from p: Coordinate) -> Bool {
        guard let square = squaredAngle(to: p) else { return false }
        let angle = (reach_m + distance_m) / Earth.radius_m
        return square > angle * angle * (1 + ReachField.tolerance) + 1e-20
    }
}

/// Circles and corridors in a leaf, after its polygons (``LeafBlock``). As words: slot; place in the layer's list of fields; number of runs
/// (corridors) of segments that are near enough to the cell; for each run its first vertex in the layer's list, and the number
/// of segments.
struct LeafReach {
    let words: UnsafePointer<UInt32>

    @inline(__always) init(_ words: UnsafePointer<UInt32>) { self.words = words }

    @inline(__always) var slot: Int32 { Int32(bitPattern: words[0]) }
    @inline(__always) var field: Int { Int(words[1]) }
    @inline(__always) var runCount: Int { Int(words[2]) }
    @inline(__always)
    func run(_ number: Int) -> Range<Int> {
        let first = Int(words[3 + 2 * number])
        return first..<(first + Int(words[4 + 2 * number]))
    }
    @inline(__always) var next: LeafReach { LeafReach(words + 3 + 2 * runCount) }
}
