import Geo
import Wire

/// A place that a vehicle is to visit: a circle.
struct JourneyStop: Sendable, Equatable {
    enum Kind: UInt8, Sendable, CaseIterable {
        case delivery = 0
        case pickup = 1
        /// The driver's break.
        case rest = 2
        case depot = 3
    }

    var id: DispatchID
    var latitude_e7: Int32
    var longitude_e7: Int32
    var radius_m: Double
    var kind = Kind.delivery

    var coordinate: Coordinate { Coordinate(latitude_e7: latitude_e7, longitude_e7: longitude_e7) }

    func distance_m(to fix: Fix) -> Double { coordinate.shortDistance_m(to: fix.coordinate) }

    /// Whether a vehicle may stand in both circles at once.
    func overlaps(_ other: JourneyStop) -> Bool {
        let reach_m = radius_m + other.radius_m
        // A ten-millionth of a degree of latitude is 11.12 mm; it is rounded down.
        if abs(Double(Int64(latitude_e7) - Int64(other.latitude_e7))) * 0.011_1 > reach_m { return false }
        return coordinate.shortDistance_m(to: other.coordinate) < reach_m
    }

    /// The same circle: what was seen of one was seen of the other.
    func isPlaced(as other: JourneyStop) -> Bool {
        latitude_e7 == other.latitude_e7 && longitude_e7 == other.longitude_e7 && radius_m == other.radius_m
    }

    /// Whether a fix lies further away than `reach_m` by a bound that needs no trigonometry: of the latitudes alone. False
    /// does not mean that it is near.
    func isSurelyBeyond(_ reach_m: Double, _ fix: Fix) -> Bool {
        // A ten-millionth of a degree is 11.12 mm; it is rounded down.
        abs(Double(Int64(latitude_e7) - Int64(fix.latitude_e7))) * 0.011_1 > reach_m
    }

    func write(to writer: inout ByteWriter) {
        writer.write(id)
        writer.write(latitude_e7)
        writer.write(longitude_e7)
        writer.write(radius_m)
        writer.write(kind.rawValue)
    }
}

extension JourneyStop {
    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            id: try reader.dispatchID(), latitude_e7: try reader.integer(), longitude_e7: try reader.integer(),
            radius_m: try reader.sum(), kind: try reader.phase())
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000, radius_m >= 0 else {
            throw SnapshotError(reason: "a stop lies outside of the world")
        }
    }
}
