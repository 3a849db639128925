/// The exact orientation of three positions in the plane of longitude and latitude.
///
/// J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust Geometric Predicates",
/// Discrete & Computational Geometry 18 (1997), doi:10.1007/PL00009321: a floating-point filter with a proven error bound
/// decides nearly always; what it cannot decide is computed without rounding as an expansion of doubles.
///
/// The proof needs that nothing underflows. Coordinates of less than 1e-100 degree therefore count as zero:
/// ``canonical(_:)`` is applied to every position that enters this module.
enum Orientation {
    /// (3 + 16 ε) ε with ε = 2⁻⁵³.
    private static let filterBound = (3 + 16 * 0x1p-53) * 0x1p-53

    /// A coordinate as this module uses it: exact, but with nothing so small that a product of two differences underflows.
    @inline(__always)
    static func canonical(_ x: Double) -> Double {
        abs(x) < 1e-100 ? 0 : x
    }

    static func canonical(_ c: Coordinate) -> Coordinate {
        Coordinate(latitude: canonical(c.latitude), longitude: canonical(c.longitude))
    }

    /// 1 if `c` lies to the left of the line from `a` to `b` (counter-clockwise), -1 to its right, 0 exactly on it.
    @inline(__always)
    static func sign(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int {
        let left = (a.longitude - c.longitude) * (b.latitude - c.latitude)
        let right = (a.latitude - c.latitude) * (b.longitude - c.longitude)
        let determinant = left - right
        let bound = filterBound * (abs(left) + abs(right))
        if determinant > bound { return 1 }
        if -determinant > bound { return -1 }
        // Nothing underflows, so that a product is zero only where a factor is: all three on a level or upright line, or two equal.
        if bound == 0 { return 0 }
        return exactSign(a, b, c)
    }

    /// The sign without rounding: sixteen partial products, summed as an expansion.
    @inline(never)
    static func exactSign(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int {
        var sum = Expansion()
        sum.addProduct(
            twoDifference(a.longitude, c.longitude), twoDifference(b.latitude, c.latitude), sign: 1)
        sum.addProduct(
            twoDifference(a.latitude, c.latitude), twoDifference(b.longitude, c.longitude), sign: -1)
        return sum.sign
    }

    /// a - b as a rounded value and the exact rest (Knuth).
    private static func twoDifference(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
        let high = a - b
        let bVirtual = a - high
        let aVirtual = high + bVirtual
        return (high, (a - aVirtual) + (bVirtual - b))
    }
}

/// A sum of doubles kept without rounding: components that do not overlap, in ascending magnitude.
private struct Expansion {
    private var components = InlineArray<16, Double>(repeating: 0)
    private var count = 0

    /// Adds sign · x · y; at most two calls fit.
    mutating func addProduct(_ x: (high: Double, low: Double), _ y: (high: Double, low: Double), sign: Double) {
        addProduct(x.low, sign * y.low)
        addProduct(x.low, sign * y.high)
        addProduct(x.high, sign * y.low)
        addProduct(x.high, sign * y.high)
    }

    /// Adds a · b as the rounded product and its exact rest.
    private mutating func addProduct(_ a: Double, _ b: Double) {
        let product = a * b
        add((-product).addingProduct(a, b))
        add(product)
    }

    /// Shewchuk's GROW-EXPANSION.
    private mutating func add(_ value: Double) {
        var q = value
        for i in 0..<count {
            let e = components[i]
            let sum = q + e
            let eVirtual = sum - q
            components[i] = (q - (sum - eVirtual)) + (e - eVirtual)
            q = sum
        }
        components[count] = q
        count += 1
    }

    /// The sign of the sum is that of the greatest component that is not zero.
    var sign: Int {
        var i = count - 1
        while i >= 0 {
            if components[i] > 0 { return 1 }
            if components[i] < 0 { return -1 }
            i -= 1
        }
        return 0
    }
}
