import Foundation
import Geo

enum SegmentHeading {
    /// Compass degrees from a to b, -180…180.
    static func degrees(_ a: Coordinate, _ b: Coordinate) -> Double {
        atan2((b.longitude - a.longitude) * cos(a.latitude * .pi / 180), b.latitude - a.latitude) * 180 / .pi
    }
}
