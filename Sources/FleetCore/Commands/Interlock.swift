import Geo
import Wire

/// What the fixes of one vehicle show about whether it stands: what the interlock of `immobilise` goes by.
///
/// Only fixes prove anything, never that none came. Invariant: `standingSince_ms <= newest.time_ms`.
struct VehicleSighting: Sendable, Equatable {
    /// The newest fix, and when it was received: a tracker whose clock runs ahead must not look fresh for long.
    private(set) var newest: Fix
    private(set) var received_ms: Int64
    /// Inside a geofence of the kind `motorway` at the newest fix; nil where the fleet has none.
    private(set) var isOnMotorway: Bool?
    /// The first fix of those that show one stand, up to the newest; nil where the newest shows none.
    private(set) var standingFrom: Fix?
    /// The last fix that was as fast as one is on motorways.
    private(set) var fast_ms: Int64?

    init(_ fix: Fix, isOnMotorway: Bool?, received_ms: Int64, rules: CommandRules) {
        newest = fix
        self.received_ms = received_ms
        self.isOnMotorway = isOnMotorway
        // Of a first fix that tells no speed nobody knows whether the vehicle stands.
        if let speed_kmh = fix.speed_kmh { note(speed_kmh, fix, rules) }
    }

    /// Takes a fix into account. One that is older than the newest never proves a stand, but may disprove one.
    mutating func take(_ fix: Fix, isOnMotorway: Bool?, received_ms: Int64, rules: CommandRules) {
        guard fix.time_ms > newest.time_ms else { return takeLate(fix, rules) }
        let former = newest
        let gap_ms = fix.time_ms &- former.time_ms
        newest = fix
        self.received_ms = received_ms
        self.isOnMotorway = isOnMotorway
        let way_m = former.coordinate.distance_m(to: fix.coordinate)
        let isJump = fix.flags.contains(.relocated)
        if let standingFrom {
            let isParked = former.flags.contains(.ignitionOff) && fix.flags.contains(.ignitionOff)
            let isLong = Double(gap_ms) > rules.fixGap_s * 1000 && !isParked
            let apart_m = standingFrom.coordinate.distance_m(to: fix.coordinate)
            if isJump || isLong || apart_m > rules.standing_m { self.standingFrom = nil }
        }
        if let speed_kmh = fix.speed_kmh {
            note(speed_kmh, fix, rules)
            // What is told and what is seen must agree: a broken sensor says 0.
            let seen_kmh = Self.speed_kmh(max(0, way_m - rules.standing_m), gap_ms)
            if !isJump, seen_kmh >= rules.motorway_kmh { fast_ms = fix.time_ms }
        } else if isJump {
            standingFrom = nil
        } else if Double(gap_ms) <= rules.fixGap_s * 1000 {
            note(Self.speed_kmh(way_m, gap_ms), fix, rules)
        } else {
            standingFrom = nil
        }
    }

    private mutating func note(_ speed_kmh: Double, _ fix: Fix, _ rules: CommandRules) {
        if speed_kmh >= rules.motorway_kmh { fast_ms = max(fast_ms ?? fix.time_ms, fix.time_ms) }
        if speed_kmh >= rules.standing_kmh {
            standingFrom = nil
        } else if standingFrom == nil {
            standingFrom = fix
        }
    }

    /// A late fix within the stand that shows another place or a speed: the stand began after it at the earliest.
    private mutating func takeLate(_ fix: Fix, _ rules: CommandRules) {
        if let speed_kmh = fix.speed_kmh, speed_kmh >= rules.motorway_kmh {
            fast_ms = max(fast_ms ?? fix.time_ms, fix.time_ms)
        }
        guard let standingFrom, fix.time_ms >= standingFrom.time_ms else { return }
        let isMoving = (fix.speed_kmh ?? 0) >= rules.standing_kmh
        let isElsewhere = standingFrom.coordinate.distance_m(to: fix.coordinate) > rules.standing_m
        guard isMoving || isElsewhere else { return }
        self.standingFrom = fix.time_ms < newest.time_ms ? newest : nil
    }

    private static func speed_kmh(_ way_m: Double, _ time_ms: Int64) -> Double {
        time_ms > 0 ? way_m / Double(time_ms) * 3600 : 0
    }
}

/// What the interlock says to an attempt to immobilise, and what it saw.
struct InterlockView: Sendable, Equatable {
    enum Obstacle: UInt8, Sendable, CaseIterable {
        case noFix
        case staleFix
        case inaccurateFix
        case moving
        case standingTooShort
        case onMotorway
        /// The fleet has no geofences of the kind `motorway`, and the vehicle was fast a short time ago.
        case maybeOnMotorway

        var word: StaticString {
            switch self {
            case .noFix: "no_fix"
            case .staleFix: "stale_fix"
            case .inaccurateFix: "inaccurate_fix"
            case .moving: "moving"
            case .standingTooShort: "standing_too_short"
            case .onMotorway: "on_motorway"
            case .maybeOnMotorway: "maybe_on_motorway"
            }
        }
    }

    /// Nil: the vehicle may be immobilised.
    var obstacle: Obstacle?
    /// What was known of the vehicle; nil where nothing was.
    var sighting: VehicleSighting?
    var age_ms: Int64 = 0
    var standing_ms: Int64 = 0

    init(_ sighting: VehicleSighting?, now_ms: Int64, rules: CommandRules) {
        self.sighting = sighting
        guard let sighting else {
            obstacle = .noFix
            return
        }
        let fix = sighting.newest
        // The older of the two readings of the clock, so that neither a fast clock nor a slow network makes a fix fresh.
        age_ms = max(now_ms &- fix.time_ms, now_ms &- sighting.received_ms)
        if let from = sighting.standingFrom { standing_ms = fix.time_ms &- from.time_ms }
        if Double(age_ms) > rules.fixAge_s * 1000 {
            obstacle = .staleFix
        } else if let accuracy_m = fix.accuracy_m, accuracy_m > rules.fixAccuracy_m {
            obstacle = .inaccurateFix
        } else if sighting.standingFrom == nil {
            obstacle = .moving
        } else if sighting.isOnMotorway == true {
            obstacle = .onMotorway
        } else if Double(standing_ms) < rules.standing_s * 1000 {
            obstacle = .standingTooShort
        } else if sighting.isOnMotorway == nil, let fast_ms = sighting.fast_ms,
            Double(now_ms &- fast_ms) < rules.motorway_s * 1000
        {
            obstacle = .maybeOnMotorway
        }
    }
}

extension [UInt8] {
    /// `,"interlock":{…}`: what was seen, for the audit.
    mutating func member(interlock view: InterlockView) {
        member("interlock")
        append(ascii: "{\"passed\":")
        append(contentsOf: (view.obstacle == nil ? "true" : "false").utf8)
        if let obstacle = view.obstacle { member("obstacle", string: "\(obstacle.word)") }
        if let sighting = view.sighting {
            member("fix_time", time_ms: sighting.newest.time_ms)
            member("fix_age_s", Double(view.age_ms) / 1000, decimals: 3)
            member("standing_s", Double(view.standing_ms) / 1000, decimals: 3)
            if let speed_kmh = sighting.newest.speed_kmh { member("speed_kmh", speed_kmh, decimals: 1) }
            if let isOnMotorway = sighting.isOnMotorway { member("on_motorway", flag: isOnMotorway) }
            if let fast_ms = sighting.fast_ms { member("fast_time", time_ms: fast_ms) }
            member("position", position: Place(sighting.newest))
        }
        append(UInt8(ascii: "}"))
    }
}

// MARK: - Snapshots

extension VehicleSighting {
    func write(to writer: inout ByteWriter) {
        newest.write(to: &writer)
        writer.write(received_ms)
        writer.write(optional: isOnMotorway)
        writer.write(optional: standingFrom) { $1.write(to: &$0) }
        writer.write(optional: fast_ms) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        newest = try Fix(from: &reader)
        received_ms = try reader.time_ms()
        isOnMotorway = try reader.optionalBool()
        standingFrom = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        fast_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() }
        if let standingFrom, standingFrom.time_ms > newest.time_ms {
            throw SnapshotError(reason: "a vehicle stands from a time that has not come")
        }
    }
}
