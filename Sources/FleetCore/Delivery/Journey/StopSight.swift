import Wire

/// What a vehicle's fixes showed of one stop so far.
struct StopSight: Sendable, Equatable {
    /// The visits that are over, in order.
    private(set) var past: [StopVisit] = []
    /// The one that goes on, or may be about to begin or to end.
    private var open: Open?

    fileprivate struct Open: Sendable, Equatable {
        var visit: Visit
        var facts: StopVisit
    }

    /// More visits than this of one stop are not remembered: the oldest of those without an arrival goes first.
    static let visitsMax = 16

    /// One believed fix, as one stop sees it.
    struct Look {
        var fix: Fix
        /// Metres to the stop's middle.
        var distance_m: Double
        var isFirst: Bool
        /// Since when the vehicle stands, where it does.
        var standsSince_ms: Int64?
        var odometer: StopVisit.Odometer
    }

    var isOpen: Bool { open != nil }

    /// All visits that are confirmed, in order.
    var visits: [StopVisit] {
        guard let open, open.visit.phase != .entering else { return past }
        return past + [open.facts]
    }

    /// Takes in one fix. Returns whether the visits are others than before.
    mutating func observe(
        _ look: Look, radius_m: Double, policy: FencePolicy, _ settings: DeliverySettings
    ) -> Bool {
        let isInside = look.distance_m <= radius_m
        guard var now = open ?? (isInside ? Self.begin(look) : nil) else { return false }
        let wasLeaving = now.visit.phase == .leaving
        let seen = Visit.Sighting(
            fix: look.fix, isInside: isInside, accuracy_m: settings.filter.accuracy_m(of: look.fix))
        switch now.visit.observe(seen, policy: policy, distance_m: { look.distance_m - radius_m }) {
        case .dropped:
            open = nil
            return false
        case .entered:
            now.facts.entered.known_ms = look.fix.time_ms
        case .exited:
            if !wasLeaving { now.facts.odometerLeft = look.odometer }
            now.facts.left = .init(time_ms: now.visit.runStart.time_ms, known_ms: look.fix.time_ms)
            keep(now.facts)
            open = nil
            return true
        case .none, .stayed:
            break
        }
        if now.visit.phase == .leaving, !wasLeaving { now.facts.odometerLeft = look.odometer }
        if isInside { now.judgeStay(look, settings) }
        let isNew = now.visit.phase != .entering && (open?.visit.phase == .entering || open?.facts != now.facts)
        open = now
        return isNew
    }

    private static func begin(_ look: Look) -> Open {
        var facts = StopVisit(entered: .init(time_ms: look.fix.time_ms, known_ms: look.fix.time_ms))
        facts.isInitial = look.isFirst
        facts.odometerEntered = look.odometer
        return Open(visit: Visit(fence: -1, at: look.fix, isInitial: look.isFirst), facts: facts)
    }

    private mutating func keep(_ visit: StopVisit) {
        past.append(visit)
        guard past.count > Self.visitsMax else { return }
        past.remove(at: past.firstIndex { $0.arrived == nil } ?? 0)
    }
}

extension StopSight.Open {
    /// Arrival and service: what was known first stays.
    mutating func judgeStay(_ look: StopSight.Look, _ settings: DeliverySettings) {
        let now_ms = look.fix.time_ms
        if let since_ms = look.standsSince_ms {
            let start_ms = max(since_ms, facts.entered.time_ms)
            if facts.arrived == nil, now_ms - start_ms >= settings.standing_s * 1000 { arrive(start_ms, look) }
            let service_ms = start_ms + settings.service_s * 1000
            if facts.service == nil, now_ms >= service_ms {
                facts.service = .init(time_ms: service_ms, known_ms: now_ms)
            }
        }
        if facts.arrived == nil, now_ms - facts.entered.time_ms >= settings.dwell_s * 1000 {
            arrive(facts.entered.time_ms, look)
        }
    }

    private mutating func arrive(_ time_ms: Int64, _ look: StopSight.Look) {
        facts.arrived = .init(time_ms: time_ms, known_ms: look.fix.time_ms)
        facts.arrivalDistance_m = Int64(look.distance_m.rounded())
    }
}

extension StopSight {
    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(past.count))
        for visit in past { visit.write(to: &writer) }
        writer.write(optional: open) { writer, open in
            writer.write(open.visit.phase.rawValue)
            writer.write(open.visit.runFixes)
            open.visit.runStart.write(to: &writer)
            writer.write(open.visit.lastInside_ms)
            open.facts.write(to: &writer)
        }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init()
        for _ in 0..<(try reader.count()) { past.append(try StopVisit(from: &reader)) }
        guard past.count <= Self.visitsMax else { throw SnapshotError(reason: "a stop has too many visits") }
        open = try reader.optional { reader throws(SnapshotError) in
            let phase: Visit.Phase = try reader.phase()
            let runFixes: UInt8 = try reader.integer()
            var visit = Visit(fence: -1, at: try Fix(from: &reader), isInitial: false)
            visit.phase = phase
            visit.runFixes = runFixes
            visit.lastInside_ms = try reader.time_ms()
            let facts = try StopVisit(from: &reader)
            visit.isInitial = facts.isInitial
            visit.entered_ms = facts.entered.time_ms
            return Open(visit: visit, facts: facts)
        }
    }
}
