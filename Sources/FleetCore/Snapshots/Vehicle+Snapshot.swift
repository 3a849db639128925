import Geo

extension Fix {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(latitude_e7)
        writer.write(longitude_e7)
        writer.write(accuracy_dm)
        writer.write(speed_dkmh)
        writer.write(heading_ddeg)
        writer.write(flags.rawValue)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            time_ms: try reader.time_ms(), latitude_e7: try reader.integer(), longitude_e7: try reader.integer())
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a fix lies outside of the world")
        }
        accuracy_dm = try reader.integer()
        speed_dkmh = try reader.integer()
        heading_ddeg = try reader.integer()
        flags = Flags(rawValue: try reader.integer())
    }
}

extension Sensors {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(optional: ignition)
        writer.write(optional: doorOpen)
        for value in [fuel_pct, battery_v, coolant_c, cargo_c] { writer.write(optional: value) { $0.write($1) } }
        for value in [odometer_km, engine_hours] { writer.write(optional: value) { $0.write($1) } }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        func float(_ reader: inout ByteReader) throws(SnapshotError) -> Float? {
            try reader.optional { reader throws(SnapshotError) in try reader.float() }
        }
        func double(_ reader: inout ByteReader) throws(SnapshotError) -> Double? {
            try reader.optional { reader throws(SnapshotError) in try reader.double() }
        }
        self.init()
        time_ms = try reader.integer()
        ignition = try reader.optionalBool()
        doorOpen = try reader.optionalBool()
        fuel_pct = try float(&reader)
        battery_v = try float(&reader)
        coolant_c = try float(&reader)
        cargo_c = try float(&reader)
        odometer_km = try double(&reader)
        engine_hours = try double(&reader)
    }
}

extension Visit {
    func write(to writer: inout ByteWriter, fences: FenceSet) {
        writer.write(fences.fence(at: fence)?.id ?? "")
        writer.write(phase.rawValue)
        writer.write(isInitial)
        writer.write(hasDwelled)
        writer.write(runFixes)
        runStart.write(to: &writer)
        writer.write(entered_ms)
        writer.write(lastInside_ms)
        writer.write(optional: alarmPeriod_ms) { $0.write($1) }
    }

    /// Nil where the fence is not there any more.
    static func read(from reader: inout ByteReader, fences: FenceSet) throws(SnapshotError) -> Visit? {
        let slot = fences.slot(ofID: try reader.string())
        let rawPhase: UInt8 = try reader.integer()
        guard let phase = Phase(rawValue: rawPhase) else { throw SnapshotError(reason: "a visit has no known phase") }
        let isInitial = try reader.bool()
        let hasDwelled = try reader.bool()
        let runFixes: UInt8 = try reader.integer()
        let runStart = try Fix(from: &reader)
        var visit = Visit(fence: slot ?? -1, at: runStart, isInitial: isInitial)
        visit.phase = phase
        visit.hasDwelled = hasDwelled
        visit.runFixes = runFixes
        visit.entered_ms = try reader.time_ms()
        visit.lastInside_ms = try reader.time_ms()
        visit.alarmPeriod_ms = try reader.optional { reader throws(SnapshotError) in try reader.integer(Int64.self) }
        return slot == nil ? nil : visit
    }
}

extension Vehicle {
    func write(to writer: inout ByteWriter, groups: GroupNames, fences: FenceSet) {
        writer.write(optional: newest) { $1.write(to: &$0) }
        writer.write(UInt32(track.fixes.count))
        for fix in track.fixes { fix.write(to: &writer) }
        writer.write(UInt32(visits.count))
        for visit in visits { visit.write(to: &writer, fences: fences) }
        sensors.write(to: &writer)
        writer.write(optional: groups.name(of: group)) { $0.write($1) }
        writer.write(isRegistered)
        writer.write(connectivity.rawValue)
        writer.write(lastHeard_ms)
        writer.write(changesSinceFix)
        writer.write(sequence)
        writer.write(optional: outlier) { $1.write(to: &$0) }
        writer.write(outlierRun)
        writer.write(statePublished_ms)
        for count in [acceptedFixes, lateFixes, duplicateFixes, rejectedFixes] { writer.write(count) }
    }

    init(from reader: inout ByteReader, groups: inout GroupNames, fences: FenceSet) throws(SnapshotError) {
        self.init()
        newest = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        for index in 0..<(try reader.count()) {
            guard track.place(try Fix(from: &reader), limit: Int.max) == .placed(at: index) else {
                throw SnapshotError(reason: "a track is not in the order of time")
            }
        }
        guard track.fixes.last?.time_ms == newest?.time_ms else {
            throw SnapshotError(reason: "a vehicle's newest fix is not the last of its track")
        }
        var last = ""
        for _ in 0..<(try reader.count()) {
            guard let visit = try Visit.read(from: &reader, fences: fences) else { continue }
            let id = fences.fence(at: visit.fence)?.id ?? ""
            guard id > last else { throw SnapshotError(reason: "visits are not in the order of their fences") }
            last = id
            visits.append(visit)
        }
        sensors = try Sensors(from: &reader)
        let group = try reader.optional { reader throws(SnapshotError) in try reader.string() }
        self.group = group.map { groups.number(of: $0) } ?? -1
        isRegistered = try reader.bool()
        let rawConnectivity: UInt8 = try reader.integer()
        guard let connectivity = Connectivity(rawValue: rawConnectivity) else {
            throw SnapshotError(reason: "a vehicle's connectivity is not known")
        }
        self.connectivity = connectivity
        lastHeard_ms = try reader.integer()
        changesSinceFix = try reader.integer()
        sequence = try reader.integer()
        outlier = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        outlierRun = try reader.integer()
        statePublished_ms = try reader.integer()
        acceptedFixes = try reader.integer()
        lateFixes = try reader.integer()
        duplicateFixes = try reader.integer()
        rejectedFixes = try reader.integer()
    }
}
