import Geo
import Telemetry
import Wire

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

extension Observation {
    func write(to writer: inout ByteWriter) {
        fix.write(to: &writer)
        for value in [has.rawValue, alarms.rawValue, fuel_cpct, battery_cv, rpm] { writer.write(value) }
        for value in [coolant_dc, cargo_dc] { writer.write(value) }
        for value in [odometer_m, engine_s] { writer.write(value) }
        for value in [driver, codes] { writer.write(value) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(fix: try Fix(from: &reader))
        has = Contents(rawValue: try reader.integer())
        alarms = DeviceAlarms(rawValue: try reader.integer())
        fuel_cpct = try reader.integer()
        battery_cv = try reader.integer()
        rpm = try reader.integer()
        coolant_dc = try reader.integer()
        cargo_dc = try reader.integer()
        odometer_m = try reader.integer()
        engine_s = try reader.integer()
        driver = try reader.integer()
        codes = try reader.integer()
    }
}

extension Story {
    func write(to writer: inout ByteWriter, fences: FenceSet) {
        filter.write(to: &writer)
        writer.write(UInt32(visits.count))
        for visit in visits { visit.write(to: &writer, fences: fences) }
        motion.write(to: &writer)
        engine.write(to: &writer)
        writer.write(!condition.isEmpty)
        condition.first?.write(to: &writer)
    }

    init(from reader: inout ByteReader, fences: FenceSet) throws(SnapshotError) {
        self.init()
        filter = try FixFilter(from: &reader)
        var last = ""
        for _ in 0..<(try reader.count()) {
            guard let visit = try Visit.read(from: &reader, fences: fences) else { continue }
            let id = fences.fence(at: visit.fence)?.id ?? ""
            guard id > last else { throw SnapshotError(reason: "visits are not in the order of their fences") }
            last = id
            visits.append(visit)
        }
        motion = try MotionRules(from: &reader)
        engine = try EngineRule(from: &reader)
        if try reader.bool() { condition.append(try ConditionRules(from: &reader)) }
    }
}

extension Track {
    func write(to writer: inout ByteWriter, fences: FenceSet) {
        writer.write(settled_ms)
        writer.write(UInt32(observations.count))
        for observation in observations { observation.write(to: &writer) }
        writer.write(UInt32(checkpoints.count))
        for checkpoint in checkpoints {
            writer.write(UInt32(checkpoint.index))
            checkpoint.story.write(to: &writer, fences: fences)
        }
    }

    init(from reader: inout ByteReader, fences: FenceSet) throws(SnapshotError) {
        let settled_ms: Int64 = try reader.integer()
        var observations: [Observation] = []
        for _ in 0..<(try reader.count()) { observations.append(try Observation(from: &reader)) }
        var checkpoints: [Checkpoint] = []
        for _ in 0..<(try reader.count()) {
            let index: UInt32 = try reader.integer()
            checkpoints.append(Checkpoint(index: Int(index), story: try Story(from: &reader, fences: fences)))
        }
        guard let track = Track(observations: observations, checkpoints: checkpoints, settled_ms: settled_ms) else {
            throw SnapshotError(reason: "a track is not in the order of time")
        }
        self = track
    }
}

extension Told {
    func write(to writer: inout ByteWriter) {
        for word in [identity.high, identity.low, published.high, published.low, content, evidence, subject] {
            writer.write(word)
        }
        writer.write(time_ms)
        writer.write(cause_ms)
        writer.write(type.rawValue)
        writer.write(standing.rawValue)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        func hash(_ reader: inout ByteReader) throws(SnapshotError) -> Hash128 {
            let high: UInt64 = try reader.integer()
            return Hash128(high: high, low: try reader.integer())
        }
        let identity = try hash(&reader)
        let published = try hash(&reader)
        let content: UInt64 = try reader.integer()
        let evidence: UInt64 = try reader.integer()
        let subject: UInt64 = try reader.integer()
        let time_ms = try reader.time_ms()
        let cause_ms = try reader.time_ms()
        let rawType: UInt8 = try reader.integer()
        guard let type = EventType(rawValue: rawType) else {
            throw SnapshotError(reason: "a type of event is not known")
        }
        let rawStanding: UInt8 = try reader.integer()
        guard let standing = Standing(rawValue: rawStanding) else {
            throw SnapshotError(reason: "an event neither holds nor was corrected")
        }
        self.init(
            identity: identity, published: published, content: content, evidence: evidence, subject: subject,
            time_ms: time_ms,
            cause_ms: cause_ms, type: type, standing: standing)
    }
}

extension Vehicle {
    func write(to writer: inout ByteWriter, groups: GroupNames, fences: FenceSet) {
        story.write(to: &writer, fences: fences)
        track.write(to: &writer, fences: fences)
        writer.write(UInt32(ledger.count))
        for told in ledger { told.write(to: &writer) }
        sensors.write(to: &writer)
        clockSkew.write(to: &writer)
        writer.write(optional: groups.name(of: group)) { $0.write($1) }
        writer.write(isRegistered)
        writer.write(connectivity.rawValue)
        writer.write(lastHeard_ms)
        writer.write(changesSinceFix)
        writer.write(sequence)
        writer.write(statePublished_ms)
        for count in [acceptedFixes, lateFixes, duplicateFixes, rejectedFixes] { writer.write(count) }
    }

    init(from reader: inout ByteReader, groups: inout GroupNames, fences: FenceSet) throws(SnapshotError) {
        self.init()
        story = try Story(from: &reader, fences: fences)
        track = try Track(from: &reader, fences: fences)
        if let newest, let last = track.last, newest.time_ms > last.time_ms {
            throw SnapshotError(reason: "a vehicle's newest fix is newer than its track")
        }
        for _ in 0..<(try reader.count()) { ledger.append(try Told(from: &reader)) }
        sensors = try Sensors(from: &reader)
        clockSkew = try ClockSkew(from: &reader)
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
        statePublished_ms = try reader.integer()
        acceptedFixes = try reader.integer()
        lateFixes = try reader.integer()
        duplicateFixes = try reader.integer()
        rejectedFixes = try reader.integer()
    }
}
