import Geo
import Wire

/// What a vehicle's fixes, one after the other in the order of their times, show of the stops of its routes.
///
/// A value: two journeys that saw the same fixes are equal, and a copy that is kept can be gone on with in another way.
/// A step costs O(stops), most of them a comparison of latitudes.
struct Journey: Sendable, Equatable {
    private(set) var stops: [JourneyStop] = []
    /// One for each stop.
    private var sights: [StopSight] = []
    private var filter = FixFilter()
    /// The first fix of the present run of slow ones.
    private var slowSince: Fix?
    /// How far it has come, the present slow run left out.
    private var settled = StopVisit.Odometer()
    /// What belongs to the present slow run: it counts as driven if that ends before it is a standing.
    private var pending = StopVisit.Odometer()
    /// How often the visits of a stop changed.
    private(set) var changes: UInt32 = 0

    /// The newest believed fix.
    var newest: Fix? { filter.newest }

    /// How far it has come since the journey began. What a vehicle that stands seems to move does not count.
    var odometer: StopVisit.Odometer {
        .init(
            distance_m: settled.distance_m + pending.distance_m,
            driving_ms: settled.driving_ms + pending.driving_ms)
    }

    /// Since when the vehicle stands; nil while it drives, and until the standing has lasted long enough to count.
    func standsSince_ms(_ settings: DeliverySettings) -> Int64? {
        guard let slowSince, let newest, newest.time_ms - slowSince.time_ms >= settings.standing_s * 1000 else {
            return nil
        }
        return slowSince.time_ms
    }

    /// The confirmed visits of a stop, in order.
    func visits(of stop: DispatchID) -> [StopVisit] {
        stops.firstIndex { $0.id == stop }.map { sights[$0].visits } ?? []
    }

    /// The confirmed visits of all stops that have some. O(stops).
    var visits: [(stop: DispatchID, visits: [StopVisit])] {
        stops.indices.compactMap { index in
            let visits = sights[index].visits
            return visits.isEmpty ? nil : (stops[index].id, visits)
        }
    }

    /// Metres from the newest fix to a stop's middle.
    func distance_m(to stop: DispatchID) -> Double? {
        guard let newest, let stop = stops.first(where: { $0.id == stop }) else { return nil }
        return stop.distance_m(to: newest)
    }

    /// It is in the circle of some stop, or may be.
    var isAtSomeStop: Bool { sights.contains { $0.isOpen } }

    /// It is in the circle of another stop than this one, or may be, and not in this one's too.
    func isElsewhere(than stop: DispatchID) -> Bool {
        var isElsewhere = false
        for (other, sight) in zip(stops, sights) where sight.isOpen && other.kind != .depot {
            if other.id == stop { return false }
            isElsewhere = true
        }
        return isElsewhere
    }

    /// The route changed. Stops that stay where they were keep what was seen of them; of two with one id the first counts.
    mutating func setStops(_ new: [JourneyStop]) {
        var stops: [JourneyStop] = []
        var sights: [StopSight] = []
        var known: Set<DispatchID> = []
        let places = Dictionary(zip(self.stops.map(\.id), self.stops.indices)) { first, _ in first }
        for stop in new where known.insert(stop.id).inserted {
            let former = places[stop.id].flatMap { self.stops[$0].isPlaced(as: stop) ? $0 : nil }
            stops.append(stop)
            sights.append(former.map { self.sights[$0] } ?? StopSight())
        }
        self.stops = stops
        self.sights = sights
    }

    /// Takes in a fix that is not older than any before it. Returns whether it is believed.
    @discardableResult mutating func step(_ fix: Fix, _ settings: DeliverySettings) -> Bool {
        let isFirst = filter.newest == nil
        switch filter.judge(fix, settings.filter) {
        case .timeConflict, .teleport: return false
        case .appears: appear(fix, settings)
        case .follows(let previous): drive(from: previous, to: fix, settings)
        }
        let policy = settings.visitPolicy
        let standsSince_ms = standsSince_ms(settings)
        let odometer = odometer
        for index in stops.indices {
            let stop = stops[index]
            if !sights[index].isOpen, stop.isSurelyBeyond(stop.radius_m, fix) { continue }
            let look = StopSight.Look(
                fix: fix, distance_m: stop.distance_m(to: fix), isFirst: isFirst, standsSince_ms: standsSince_ms,
                odometer: odometer)
            if !sights[index].isOpen, look.distance_m > stop.radius_m { continue }
            if sights[index].observe(look, radius_m: stop.radius_m, policy: policy, settings) { changes &+= 1 }
        }
        return true
    }

    /// No line leads here from the fix before.
    private mutating func appear(_ fix: Fix, _ settings: DeliverySettings) {
        settlePending()
        slowSince = Self.mayStand(fix, settings) ? fix : nil
    }

    private mutating func drive(from previous: Fix, to fix: Fix, _ settings: DeliverySettings) {
        let elapsed_ms = fix.time_ms - previous.time_ms
        pending.distance_m += previous.coordinate.shortDistance_m(to: fix.coordinate)
        if elapsed_ms <= settings.silence_s * 1000 { pending.driving_ms += elapsed_ms }
        if let start = slowSince, Self.isStanding(fix, since: start, settings) {
            // Positions that wander around a vehicle that stands are no way.
            if fix.time_ms - start.time_ms >= settings.standing_s * 1000 { pending = .init() }
        } else {
            settlePending()
            slowSince = Self.mayStand(fix, settings) ? fix : nil
        }
    }

    private mutating func settlePending() {
        settled.distance_m += pending.distance_m
        settled.driving_ms += pending.driving_ms
        pending = .init()
    }

    /// The speed that counts: none with the ignition off, whatever is told.
    private static func speed_kmh(of fix: Fix) -> Double? { fix.flags.contains(.ignitionOff) ? 0 : fix.speed_kmh }

    /// A standing may begin with this fix.
    private static func mayStand(_ fix: Fix, _ settings: DeliverySettings) -> Bool {
        speed_kmh(of: fix).map { $0 < settings.standingSpeed_kmh } ?? true
    }

    private static func isStanding(_ fix: Fix, since start: Fix, _ settings: DeliverySettings) -> Bool {
        let distance_m = start.coordinate.shortDistance_m(to: fix.coordinate)
        guard let speed_kmh = speed_kmh(of: fix) else { return distance_m < settings.standingDistance_m }
        return speed_kmh < settings.standingSpeed_kmh && distance_m < settings.standingDrift_m
    }
}

extension Journey {
    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(stops.count))
        for (stop, sight) in zip(stops, sights) {
            stop.write(to: &writer)
            sight.write(to: &writer)
        }
        filter.write(to: &writer)
        writer.write(optional: slowSince) { $1.write(to: &$0) }
        settled.write(to: &writer)
        pending.write(to: &writer)
        writer.write(changes)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init()
        for _ in 0..<(try reader.count()) {
            stops.append(try JourneyStop(from: &reader))
            sights.append(try StopSight(from: &reader))
        }
        filter = try FixFilter(from: &reader)
        slowSince = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        settled = try .init(from: &reader)
        pending = try .init(from: &reader)
        changes = try reader.integer()
    }
}
