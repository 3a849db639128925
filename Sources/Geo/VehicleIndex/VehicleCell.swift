/// A cell of 2¹⁵ × 2¹⁵ units of 1e-7 degree, counted from the south-west corner of the world.
struct VehicleCell: Sendable, Equatable {
    /// Bits of a position within its cell.
    static let bits: UInt32 = 15

    var x: UInt32
    var y: UInt32

    init(x: UInt32, y: UInt32) {
        self.x = x
        self.y = y
    }

    /// The cell of a position.
    @inline(__always)
    init(_ place: VehiclePlace) {
        x = place.x &>> VehicleCell.bits
        y = place.y &>> VehicleCell.bits
    }

    /// Which child of its node on a level (0 the lowest) leads to the cell.
    @inline(__always)
    func child(atLevel level: Int) -> Int {
        let shift = UInt32(truncatingIfNeeded: 3 &* level)
        return Int((y &>> shift & 7) &<< 3 | (x &>> shift & 7))
    }
}

/// A position as units of 1e-7 degree from the south-west corner of the world.
struct VehiclePlace: Sendable, Equatable {
    var x: UInt32
    var y: UInt32

    /// No position has such units: they are those of a vehicle that is not in the index.
    static let none = VehiclePlace(x: .max, y: .max)

    init(x: UInt32, y: UInt32) {
        self.x = x
        self.y = y
    }

    @inline(__always)
    init(latitude_e7: Int32, longitude_e7: Int32) {
        x = UInt32(bitPattern: longitude_e7) &+ 1_800_000_000
        y = UInt32(bitPattern: latitude_e7) &+ 900_000_000
    }

    /// The position of a slot of a cell.
    @inline(__always)
    init(_ cell: VehicleCell, _ slot: VehicleSlot) {
        x = cell.x &<< VehicleCell.bits | slot.x
        y = cell.y &<< VehicleCell.bits | slot.y
    }

    @inline(__always)
    var coordinate: Coordinate {
        Coordinate(
            latitude_e7: Int32(bitPattern: y &- 900_000_000), longitude_e7: Int32(bitPattern: x &- 1_800_000_000))
    }

    @inline(__always)
    func isInCell(of other: VehiclePlace) -> Bool { ((x ^ other.x) | (y ^ other.y)) &>> VehicleCell.bits == 0 }
}

/// A vehicle in its cell's run: which it is, and where in the cell. 8 bytes.
struct VehicleSlot: Sendable {
    var vehicle: Int32
    /// North in the upper half, east in the lower one.
    private var offset: UInt32

    static let empty = VehicleSlot(vehicle: -1, VehiclePlace(x: 0, y: 0))

    @inline(__always)
    init(vehicle: Int32, _ place: VehiclePlace) {
        let inside = UInt32(1) << VehicleCell.bits - 1
        self.vehicle = vehicle
        offset = (place.y & inside) &<< 16 | (place.x & inside)
    }

    @inline(__always) var x: UInt32 { offset & 0xFFFF }
    @inline(__always) var y: UInt32 { offset &>> 16 }
}

/// The run of slots of a cell, in one word: where it starts, how many vehicles it holds, and its room as a power of two.
///
/// A cell without vehicles has no run, and its word is 0.
struct VehicleRun: Sendable, Equatable {
    static let nothing = VehicleRun(bits: 0)
    static let countLimit = 1 << 27 - 1
    static let exponentLimit = 27

    /// Bits 0–31 start, 32–58 count, 59–63 exponent.
    private var bits: UInt64

    private init(bits: UInt64) { self.bits = bits }

    init(start: Int, count: Int, exponent: Int) {
        bits = UInt64(start) | UInt64(count) << 32 | UInt64(exponent) << 59
    }

    @inline(__always) var start: Int { Int(bits & 0xFFFF_FFFF) }
    @inline(__always) var count: Int { Int(bits &>> 32 & 0x7FF_FFFF) }
    @inline(__always) var exponent: Int { Int(bits &>> 59) }
    /// How many slots the run has: none without a run, else 2 or more.
    @inline(__always) var room: Int { (1 &<< exponent) & ~1 }
    /// Where the next vehicle goes.
    @inline(__always) var end: Int { start &+ count }

    @inline(__always)
    mutating func add(_ more: Int) { bits = bits &+ UInt64(bitPattern: Int64(more)) &<< 32 }
}
