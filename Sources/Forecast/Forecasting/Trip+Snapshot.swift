import Geo
package import Wire

extension Trip {
    package func write(to writer: inout ByteWriter) {
        plan.write(to: &writer)
        writer.write(optional: progress) { $1.write(to: &$0) }
        meter.write(to: &writer)
        for log in logs { log.write(to: &writer) }
        writer.write(optional: fix) { writer, fix in
            writer.write(fix.time_ms)
            writer.write(fix.latitude_e7)
            writer.write(fix.longitude_e7)
            writer.write(fix.accuracy_m)
            writer.write(optional: fix.speed_kmh) { $0.write($1) }
            writer.write(optional: fix.heading_deg) { $0.write($1) }
        }
        writer.write(optional: serving) { $0.write(UInt32($1)) }
        writer.write(servingSince_ms)
        writer.write(optional: legStart) { writer, place in
            writer.write(place.latitude)
            writer.write(place.longitude)
        }
        writer.write(legStart_ms)
        writer.write(legDriven_m)
        writer.write(pauseUntil_ms)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(try RoutePlan(from: &reader))
        let progress = try reader.optional { reader throws(SnapshotError) in try PathProgress(from: &reader) }
        guard (progress == nil) == (plan.path == nil), (progress?.offset_m ?? 0) <= plan.path?.length_m ?? 0 else {
            throw SnapshotError(reason: "a trip's progress is not on its path")
        }
        self.progress = progress
        meter = try TravelMeter(from: &reader)
        for stop in logs.indices { logs[stop] = try PredictionLog(from: &reader) }
        fix = try reader.optional { reader throws(SnapshotError) in try PathFix(from: &reader) }
        let serving: UInt32? = try reader.optional { reader throws(SnapshotError) in try reader.integer() }
        self.serving = serving.map { Int($0) }
        guard self.serving.map(plan.stops.indices.contains) ?? true else {
            throw SnapshotError(reason: "a trip is at a stop that it has not")
        }
        servingSince_ms = try reader.time_ms()
        legStart = try reader.optional { reader throws(SnapshotError) in
            let place = Coordinate(latitude: try reader.double(), longitude: try reader.double())
            guard place.isValid else { throw SnapshotError(reason: "a trip began outside of the world") }
            return place
        }
        legStart_ms = try reader.time_ms()
        legDriven_m = try reader.double(in: 0...1e9)
        pauseUntil_ms = try reader.timeOrNever_ms()
    }
}

extension PathFix {
    init(from reader: inout ByteReader) throws(SnapshotError) {
        let time_ms = try reader.time_ms()
        let latitude_e7: Int32 = try reader.integer()
        let longitude_e7: Int32 = try reader.integer()
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a fix lies outside of the world")
        }
        self.init(
            time_ms: time_ms, latitude_e7: latitude_e7, longitude_e7: longitude_e7, accuracy_m: try reader.double(),
            speed_kmh: try reader.optional { reader throws(SnapshotError) in try reader.double() },
            heading_deg: try reader.optional { reader throws(SnapshotError) in try reader.double() })
    }
}
