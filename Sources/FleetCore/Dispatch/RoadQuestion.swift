import Wire

/// A place on a road, in integers of 1e-7 degree as `Fix` has them.
package struct RoadPoint: Hashable, Sendable {
    package var latitude_e7: Int32
    package var longitude_e7: Int32

    package init(latitude_e7: Int32, longitude_e7: Int32) {
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
    }

    /// The nearest point of the grid of `unit` × 1e-7 degree.
    package func rounded(to unit: Int32) -> RoadPoint {
        RoadPoint(
            latitude_e7: Self.rounded(latitude_e7, to: unit, limit: 900_000_000),
            longitude_e7: Self.rounded(longitude_e7, to: unit, limit: 1_800_000_000))
    }

    private static func rounded(_ value: Int32, to unit: Int32, limit: Int64) -> Int32 {
        let unit = Int64(max(1, unit))
        let value = Int64(value)
        let nearest = (value + (value < 0 ? -unit / 2 : unit / 2)) / unit * unit
        return Int32(min(max(nearest, -limit), limit))
    }
}

/// What the desk wants to know of the road router: the way through some points, in this order.
///
/// It leaves the engine as an effect and comes back, answered, as an input of the kind `FrameKind.roadAnswer` with the same
/// topic.
package struct RoadQuestion: Sendable, Equatable {
    /// How many points a question may have.
    package static let points_min = 2
    package static let points_max = 100
    /// The longest text of a question that is read.
    static let bytes_max = 16_384

    package var fleet: [UInt8]
    /// The desk's own name for the question, unique in its fleet.
    package var id: [UInt8]
    package var points: [RoadPoint]
    /// When it was asked: the received time of the step that asks.
    package var time_ms: Int64

    package init(fleet: [UInt8], id: [UInt8], points: [RoadPoint], time_ms: Int64) {
        self.fleet = fleet
        self.id = id
        self.points = points
        self.time_ms = time_ms
    }

    /// `{fleet}/{question id}`.
    package var topic: [UInt8] { fleet + [UInt8(ascii: "/")] + id }

    /// The effect's payload: `{"time_ms":…,"points":[[lon,lat],…]}`.
    package func json() -> [UInt8] {
        var json: [UInt8] = []
        json.append(ascii: #"{"time_ms":"#)
        json.append(decimal: time_ms)
        json.append(ascii: #","points":"#)
        json.append(points: points)
        json.append(UInt8(ascii: "}"))
        return json
    }

    /// Reads an effect's topic and payload. Nil where they are not those of a question.
    package init?(topic: [UInt8], json bytes: Span<UInt8>) {
        guard let slash = topic.firstIndex(of: UInt8(ascii: "/")), bytes.count <= Self.bytes_max else { return nil }
        fleet = Array(topic[..<slash])
        id = Array(topic[(slash + 1)...])
        points = []
        time_ms = 0
        do throws(RoadReplyError) { try read(bytes) } catch { return nil }
        guard !fleet.isEmpty, !id.isEmpty, points.count >= Self.points_min else { return nil }
    }

    private mutating func read(_ bytes: Span<UInt8>) throws(RoadReplyError) {
        var reader = RoadReader()
        try reader.beginObject(in: bytes)
        while let key = try reader.nextKey(in: bytes) {
            if key.matches("time_ms", in: bytes) {
                time_ms = try reader.integer(in: bytes)
            } else if key.matches("points", in: bytes) {
                points = try reader.points(in: bytes, limit: Self.points_max)
            } else {
                try reader.skipValue(in: bytes)
            }
        }
        try reader.finish(in: bytes)
    }
}

extension [UInt8] {
    /// `[[lon,lat],…]` in degrees, as GeoJSON has them.
    package mutating func append(points: [RoadPoint]) {
        append(UInt8(ascii: "["))
        for (index, point) in points.enumerated() {
            append(ascii: index == 0 ? "[" : ",[")
            append(fixed: Int64(point.longitude_e7), decimals: 7)
            append(UInt8(ascii: ","))
            append(fixed: Int64(point.latitude_e7), decimals: 7)
            append(UInt8(ascii: "]"))
        }
        append(UInt8(ascii: "]"))
    }
}
