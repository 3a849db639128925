package import Geo
import Glibc

/// A cell of about 250 m and a heading to the nearest eighth of a turn: what is learned of a road under this key serves every
/// route that comes through, on any day.
package struct SegmentKey: Hashable, Sendable {
    /// Rows from the south pole (bits 25…), columns from 180° west (bits 4…), octant from north over east (bits 0…2).
    package let raw: UInt64

    /// Height of a row in 1e-7 degree: 250.2 m.
    private static let row_e7 = 22_500
    private static let rows = 1_800_000_000 / row_e7 + 1

    package init(latitude: Double, longitude: Double, octant: Int) {
        let row = min(Self.rows - 1, max(0, Int((latitude * 1e7).rounded()) + 900_000_000) / Self.row_e7)
        let x = Int((RoutePath.wrapped(longitude) * 1e7).rounded()) + 1_800_000_000
        let column = max(0, x) / Self.column_e7(row: row)
        raw = UInt64(row) << 25 | UInt64(column) << 4 | UInt64(octant & 7)
    }

    /// Nil unless it is a key that a position has.
    init?(raw: UInt64) {
        self.raw = raw
        guard row < Self.rows, raw & 8 == 0, column * Self.column_e7(row: row) <= 3_600_000_000 else { return nil }
    }

    /// Width of a column in 1e-7 degree, so that a cell is about square.
    private static func column_e7(row: Int) -> Int {
        let middle = Double(row * row_e7 + row_e7 / 2 - 900_000_000) / 1e7
        return Int(Double(row_e7) / max(0.01, cos(middle * .pi / 180)))
    }

    private var row: Int { Int(raw >> 25) }
    private var column: Int { Int(raw >> 4 & 0x1F_FFFF) }
    package var octant: Int { Int(raw & 7) }

    /// The middle of the cell.
    package var center: Coordinate {
        let width = Self.column_e7(row: row)
        return Coordinate(
            latitude: min(90, Double(row * Self.row_e7 + Self.row_e7 / 2 - 900_000_000) / 1e7),
            longitude: min(180, Double(column * width + width / 2 - 1_800_000_000) / 1e7))
    }

    static let octantNames = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"]

    /// The octant of a direction: 0 for north, 2 for east.
    static func octant(east: Double, north: Double) -> Int {
        guard east != 0 || north != 0 else { return 0 }
        let eighth = (atan2(east, north) / (.pi / 4)).rounded()
        return (Int(eighth) + 8) % 8
    }
}
