import Geo
import TestSupport
import Wire

@testable import Forecast

/// Positions in metres east and north of a place in Taipei.
struct Ground {
    static let origin = Coordinate(latitude: 25.04, longitude: 121.52)
    static let east_m = Earth.degree_m * 0.906_014  // cos 25.04°

    static func at(_ east_m: Double, _ north_m: Double) -> Coordinate {
        Coordinate(
            latitude: origin.latitude + north_m / Earth.degree_m, longitude: origin.longitude + east_m / Self.east_m)
    }

    /// A path through points in metres.
    static func path(_ points: [(Double, Double)], base: [BaseTime] = []) throws -> RoutePath {
        guard let path = RoutePath(points.map { at($0.0, $0.1) }, baseTimes: base) else { throw Refused() }
        return path
    }

    struct Refused: Error {}
}

extension SplitMix64 {
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func double(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// About normal: twelve uniform numbers, less their mean.
    mutating func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + unit() } }
}

extension PathFix {
    init(
        _ place: Coordinate, at time_s: Double, accuracy_m: Double = 8, speed_kmh: Double? = nil,
        heading_deg: Double? = nil
    ) {
        self.init(
            time_ms: monday_ms + Int64(time_s * 1000), latitude_e7: Int32((place.latitude * 1e7).rounded()),
            longitude_e7: Int32((place.longitude * 1e7).rounded()), accuracy_m: accuracy_m, speed_kmh: speed_kmh,
            heading_deg: heading_deg)
    }
}

/// Monday, 16 November 2026, 0:00 in Taipei.
let monday_ms: Int64 = 1_794_758_400_000
let taipei = TimeZoneRules(fixedOffset_s: 28_800)
func clock(_ day: Int, _ hour: Double) -> Int64 { monday_ms + Int64(day) * 86_400_000 + Int64(hour * 3_600_000) }

/// Where a path runs at an offset, as a compass heading.
func heading_deg(_ path: RoutePath, _ offset_m: Double) -> Double {
    let a = path.coordinate(at: max(0, offset_m - 1))
    let b = path.coordinate(at: min(path.length_m, offset_m + 1))
    let angle = Double(SegmentHeading.degrees(a, b))
    return angle < 0 ? angle + 360 : angle
}

func bytes(_ write: (inout ByteWriter) -> Void) -> [UInt8] {
    var writer = ByteWriter()
    write(&writer)
    return writer.bytes
}
