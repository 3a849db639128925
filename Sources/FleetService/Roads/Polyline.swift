import FleetCore

/// Google's encoded polylines with six decimals, as Valhalla writes its shapes
/// (<https://developers.google.com/maps/documentation/utilities/polylinealgorithm>).
enum Polyline {
    /// The points of a line; nil where the text is none, or the line leaves the earth or has too many points. Linear.
    static func decode(_ text: Span<UInt8>, points_max: Int) -> [RoadPoint]? {
        var points: [RoadPoint] = []
        var position = 0
        var (latitude_e6, longitude_e6): (Int64, Int64) = (0, 0)
        while position < text.count {
            guard points.count < points_max, let north = number(text, &position), let east = number(text, &position)
            else { return nil }
            // Each step is of at most 35 bits, and both are checked after it: no overflow.
            latitude_e6 += north
            longitude_e6 += east
            guard latitude_e6.magnitude <= 90_000_000, longitude_e6.magnitude <= 180_000_000 else { return nil }
            points.append(
                RoadPoint(latitude_e7: Int32(latitude_e6 * 10), longitude_e7: Int32(longitude_e6 * 10)))
        }
        return points
    }

    /// The next number: groups of five bits, the lowest first, 63 added to each, 32 where more follow; the sign is the
    /// lowest bit.
    private static func number(_ text: Span<UInt8>, _ position: inout Int) -> Int64? {
        var value: Int64 = 0
        var shift: Int64 = 0
        while position < text.count, shift <= 30 {
            let byte = text[position]
            guard byte >= 63, byte < 127 else { return nil }
            position += 1
            value |= Int64((byte - 63) & 31) << shift
            if byte - 63 < 32 { return value & 1 == 0 ? value >> 1 : ~(value >> 1) }
            shift += 5
        }
        return nil
    }
}
