import Glibc

/// A way to drive, place to place, as straight segments in order. Segment i leads from `points[i]` to `points[i + 1]`.
package struct DrivePath: Sendable {
    package private(set) var points: [PlanePoint]
    package private(set) var segments: [Segment] = []
    /// Length of all segments, metres.
    package private(set) var length_m = 0.0

    package struct Segment: Sendable {
        /// Distance of the segment's start from the start of the path.
        package let start_m: Double
        package let length_m: Double
        package let heading_deg: Double
        package let roadClass: RoadClass
        package let isTunnel: Bool
        /// The traffic light at the segment's end as an index into the network's, or −1.
        package let lightIndex: Int32
        /// Whether the light is approached from west or east rather than from north or south.
        package let isEastWest: Bool
    }

    package init(start: PlanePoint) {
        points = [start]
    }

    /// Goes on straight to `point`. Less than a centimetre is left out.
    package mutating func append(
        to point: PlanePoint, roadClass: RoadClass, isTunnel: Bool = false, lightIndex: Int32 = -1
    ) {
        let from = points[points.count - 1]
        let segmentLength_m = from.distance_m(to: point)
        guard segmentLength_m >= 0.01 else { return }
        segments.append(
            Segment(
                start_m: length_m, length_m: segmentLength_m, heading_deg: from.heading_deg(to: point),
                roadClass: roadClass, isTunnel: isTunnel, lightIndex: lightIndex,
                isEastWest: abs(point.x_m - from.x_m) > abs(point.y_m - from.y_m)))
        points.append(point)
        length_m += segmentLength_m
    }

    /// The speed at which the corner between segments `index` and `index + 1` is taken, metres a second.
    ///
    /// The wheels follow an arc that begins 12 m before the corner; its radius is 12 m / tan(θ/2) for a turn by θ. The
    /// path itself keeps the corner.
    package func cornerSpeed_mps(after index: Int, cornering_mps2: Double) -> Double {
        var turn_deg = abs(segments[index + 1].heading_deg - segments[index].heading_deg)
        if turn_deg > 180 { turn_deg = 360 - turn_deg }
        guard turn_deg > 2 else { return .infinity }
        guard turn_deg < 150 else { return 1.5 }
        let radius_m = 12 / tan(turn_deg * .pi / 360)
        return max(1.5, (cornering_mps2 * radius_m).squareRoot())
    }
}
