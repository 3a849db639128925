import Geo
package import Wire

extension RoutePath {
    package func write(to writer: inout ByteWriter) {
        writer.write(UInt32(points.count))
        for point in points {
            writer.write(Int32((point.latitude * 1e7).rounded()))
            writer.write(Int32((Self.wrapped(point.longitude) * 1e7).rounded()))
        }
        writer.write(UInt32(baseTimes.count))
        for base in baseTimes {
            writer.write(UInt32(base.endVertex))
            writer.write(base.duration_s)
        }
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        var coordinates: [Coordinate] = []
        for _ in 0..<(try reader.count()) {
            let latitude_e7: Int32 = try reader.integer()
            coordinates.append(Coordinate(latitude_e7: latitude_e7, longitude_e7: try reader.integer()))
        }
        var baseTimes: [BaseTime] = []
        for _ in 0..<(try reader.count()) {
            let endVertex: UInt32 = try reader.integer()
            baseTimes.append(BaseTime(endVertex: Int(endVertex), duration_s: try reader.double()))
        }
        guard let path = RoutePath(coordinates, baseTimes: baseTimes) else {
            throw SnapshotError(reason: "a path is not a line")
        }
        self = path
    }
}
