package import Wire

extension PathProgress {
    package func write(to writer: inout ByteWriter) {
        for value in [offset_m, distance_m, nearest_m] { writer.write(value) }
        writer.write(time_ms)
        writer.write(runStart_ms)
        writer.write(latitude_e7)
        writer.write(longitude_e7)
        writer.write(run)
        writer.write(contrary)
        writer.write(isDeviated)
        writer.write(isOnPath)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        let offset_m = try reader.double()
        let distance_m = try reader.double()
        let nearest_m = try reader.double()
        guard [offset_m, distance_m, nearest_m].allSatisfy({ $0 >= 0 && $0 <= 4e7 }) else {
            throw SnapshotError(reason: "a place along a path is out of range")
        }
        self.init(near: offset_m)
        self.distance_m = distance_m
        self.nearest_m = nearest_m
        time_ms = try reader.timeOrNever_ms()
        runStart_ms = try reader.timeOrNever_ms()
        latitude_e7 = try reader.integer()
        longitude_e7 = try reader.integer()
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a fix lies outside of the world")
        }
        run = try reader.integer()
        contrary = try reader.integer()
        isDeviated = try reader.bool()
        isOnPath = try reader.bool()
    }
}
