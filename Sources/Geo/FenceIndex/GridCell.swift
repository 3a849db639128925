/// The integer grid under the fence index: the world as 2³¹ × 2³⁰ units of 360° / 2³¹ (1.7e-7°, 19 mm on the equator).
enum Grid {
    static let unit = 360.0 / 2_147_483_648.0
    static let unitsPerDegree = 2_147_483_648.0 / 360.0
    static let maximumX: UInt32 = 0x7FFF_FFFF
    static let maximumY: UInt32 = 0x3FFF_FFFF
    /// No cell is smaller than 2⁵ units (0.6 m).
    static let minimumShift: UInt32 = 5
    /// How far cells are thought to reach beyond their sides: far more than the rounding of ``x(_:)`` and ``y(_:)``, so that a
    /// position certainly lies within the widened cell that it is assigned to.
    static let margin = 1e-9

    /// Bits behind the point of a ``GridPlace``.
    static let fractionBits: UInt32 = 20
    static let placesPerDegree = unitsPerDegree * 1_048_576
    static let lastPlaceX: UInt64 = 1 << (31 + 20) - 1
    static let lastPlaceY: UInt64 = 1 << (30 + 20) - 1

    @inline(__always)
    static func x(_ longitude: Double) -> UInt32 {
        min(maximumX, UInt32(max(0, (longitude + 180) * unitsPerDegree)))
    }

    @inline(__always)
    static func y(_ latitude: Double) -> UInt32 {
        min(maximumY, UInt32(max(0, (latitude + 90) * unitsPerDegree)))
    }
}

/// A square of 2^shift units, aligned to its own size.
struct GridCell: Equatable {
    var x: UInt32
    var y: UInt32
    var shift: UInt32

    /// The cell of a size that holds a grid position.
    @inline(__always)
    static func containing(x: UInt32, y: UInt32, shift: UInt32) -> GridCell {
        GridCell(x: (x >> shift) << shift, y: (y >> shift) << shift, shift: shift)
    }

    @inline(__always)
    func contains(x px: UInt32, y py: UInt32) -> Bool {
        px >> shift == x >> shift && py >> shift == y >> shift
    }

    /// One of the four quarters: bit 0 of `index` east, bit 1 north.
    func quarter(_ index: UInt32) -> GridCell {
        let half = shift - 1
        return GridCell(x: x + (index & 1) << half, y: y + (index >> 1) << half, shift: half)
    }

    /// The cell's sides in degrees.
    var box: Box {
        let size = Double(UInt32(1) << shift)
        return Box(
            west: Double(x) * Grid.unit - 180, south: Double(y) * Grid.unit - 90,
            east: (Double(x) + size) * Grid.unit - 180, north: (Double(y) + size) * Grid.unit - 90)
    }

    /// A position well within the cell whose side of every edge is looked up in advance. Number 0 is the middle; the others, for the
    /// case that an edge runs exactly through it, follow a sequence of low discrepancy.
    func reference(_ candidate: UInt32) -> Coordinate {
        let box = box
        func place(_ step: Double) -> Double {
            let value = 0.5 + Double(candidate) * step
            return 0.1 + 0.8 * (value - value.rounded(.down))
        }
        return Coordinate(
            latitude: Orientation.canonical(box.south + (box.north - box.south) * place(0.569_840_290_998)),
            longitude: Orientation.canonical(box.west + (box.east - box.west) * place(0.754_877_666_247)))
    }
}

extension Box {
    func widened(by margin: Double) -> Box {
        Box(west: west - margin, south: south - margin, east: east + margin, north: north + margin)
    }

    /// Whether the segment may touch the box: never false where it does.
    ///
    /// The box must have been widened by ``Grid/margin``, which outweighs the rounding of the products.
    @inline(__always)
    func mayTouch(_ a: Coordinate, _ b: Coordinate) -> Bool {
        if max(a.longitude, b.longitude) < west || min(a.longitude, b.longitude) > east { return false }
        if max(a.latitude, b.latitude) < south || min(a.latitude, b.latitude) > north { return false }
        let dx = b.longitude - a.longitude
        let dy = b.latitude - a.latitude
        let cross = dx * ((south + north) / 2 - a.latitude) - dy * ((west + east) / 2 - a.longitude)
        return abs(cross) <= (abs(dx) * (north - south) + abs(dy) * (east - west)) / 2
    }
}

/// What an entry of the grid says: a tag in the lowest three bits, and an index above it.
///
/// Each bit of a tag has a meaning, so that a batch can reckon with tags instead of comparing them: 1 smaller cells, 2 a leaf,
/// 4 a slot, or with a leaf that it is long.
enum GridEntry {
    /// No fence touches the cell.
    static let nothing: UInt32 = 0
    /// Sixteen smaller cells; the index is the place of their entries.
    static let children: UInt32 = 1
    /// Fences whose boundary runs through the cell, or several that cover it; the index is the leaf's place.
    static let leaf: UInt32 = 2
    /// One fence alone covers the whole cell; the index is its slot.
    static let single: UInt32 = 4
    /// A leaf of more than one cache line.
    static let longLeaf: UInt32 = 6

    @inline(__always)
    static func make(_ tag: UInt32, _ index: Int) -> UInt32 {
        precondition(index < 1 << 29, "the fence index has outgrown 29-bit positions")
        return UInt32(index) << 3 | tag
    }

    @inline(__always) static func tag(_ entry: UInt32) -> UInt32 { entry & 7 }
    @inline(__always) static func index(_ entry: UInt32) -> Int { Int(entry >> 3) }
}

extension EdgeCrossing {
    /// The way from a reference to `p` against the edge from `a` to `b`; `.touches` if `p` lies on the edge. Exact, provided that the
    /// reference lies on no edge.
    ///
    /// The line through both counts as moved a little to its left's far side: an end that lies on it belongs to the right. So a
    /// vertex on the way counts once.
    @inline(__always)
    static func step(from reference: Coordinate, to p: Coordinate, _ a: Coordinate, _ b: Coordinate) -> EdgeCrossing {
        let east = max(a.longitude, b.longitude)
        let west = min(a.longitude, b.longitude)
        let north = max(a.latitude, b.latitude)
        let south = min(a.latitude, b.latitude)
        if east < reference.longitude, east < p.longitude { return .none }
        if west > reference.longitude, west > p.longitude { return .none }
        if north < reference.latitude, north < p.latitude { return .none }
        if south > reference.latitude, south > p.latitude { return .none }
        let side = Orientation.sign(a, b, p)
        if side == 0 {
            let isOn = west <= p.longitude && p.longitude <= east && south <= p.latitude && p.latitude <= north
            return isOn ? .touches : .none
        }
        if Orientation.sign(a, b, reference) == side { return .none }
        let isLeftA = Orientation.sign(reference, p, a) > 0
        let isLeftB = Orientation.sign(reference, p, b) > 0
        return isLeftA == isLeftB ? .none : .crosses
    }
}
