import Geo
package import Wire

/// A vehicle's stops in order, and the path if there is one, with all that a forecast needs of them worked out before.
///
/// What was learned is looked up when the plan is made and every ``refresh_ms`` of log time, so that a forecast touches no table. What
/// was looked up is part of a snapshot: a forecast after a restart is the one that would have been made without.
package struct RoutePlan: Sendable, Equatable {
    package static let refresh_ms: Int64 = 600_000
    package static let stopLimit = RoutePath.stopLimit
    private static let spanLimit = 256

    package let vehicle: [UInt8]
    package let path: RoutePath?
    /// At most ``stopLimit``; what comes after is left out.
    package private(set) var stops: [PlannedStop]
    /// Where the stops lie along the path; empty without one.
    package private(set) var offsets: [StopOffset] = []
    /// Expected seconds of service of each stop.
    private(set) var service_s: [Double] = []
    /// Metres through the air from each stop to the next one.
    private(set) var straight_m: [Double] = []
    private(set) var vehicleRatio = 1.0
    /// Empty without a path.
    private(set) var pieces = PathPieces()
    private(set) var table = TravelTable()
    /// The piece on which each stop lies.
    private(set) var stopPieces: [Int32] = []
    /// By where they start.
    private(set) var spans: [ConditionSpan] = []
    private var conditionsVersion: UInt64 = 0
    private var refreshed_ms = Int64.min

    package init(vehicle: [UInt8], path: RoutePath?, stops: [PlannedStop]) {
        self.vehicle = vehicle
        self.path = path
        self.stops = Array(stops.prefix(Self.stopLimit))
        settle()
    }

    private mutating func settle() {
        service_s = stops.map { $0.break_s ?? ServiceTimes().expected_s($0.task) }
        straight_m = stops.indices.map {
            $0 + 1 < stops.count ? stops[$0].place.shortDistance_m(to: stops[$0 + 1].place) : 0
        }
        guard let path else { return }
        let pieces = PathPieces(path)
        offsets = path.offsets(ofStops: stops.map(\.place))
        stopPieces = offsets.map { Int32(pieces.piece(at: $0.offset_m)) }
        table = TravelTable(pieces, SpeedModel())
        self.pieces = pieces
    }

    /// The stop is served, failed or cancelled (or, with false, to be driven to after all).
    package mutating func setDone(_ stop: Int, _ isDone: Bool = true) {
        guard stops.indices.contains(stop) else { return }
        stops[stop].isDone = isDone
    }

    /// Dispatch moved a stop's window.
    package mutating func setWindow(_ stop: Int, open_ms: Int64?, close_ms: Int64?) {
        guard stops.indices.contains(stop) else { return }
        stops[stop].windowOpen_ms = open_ms.map(PlannedStop.bounded)
        stops[stop].windowClose_ms = close_ms.map(PlannedStop.bounded)
    }

    /// Looks up what was learned if that is due, and the conditions if they changed. O(pieces) when due, else O(1).
    package mutating func refresh(now_ms: Int64, _ learned: LearnedValues, _ conditions: Conditions) {
        if refreshed_ms == Int64.min || now_ms &- refreshed_ms >= Self.refresh_ms || now_ms < refreshed_ms {
            refreshed_ms = now_ms
            vehicleRatio = learned.speeds.vehicleRatio(vehicle)
            for stop in stops.indices {
                service_s[stop] = stops[stop].break_s ?? learned.service.expected_s(stops[stop].task)
            }
            if path != nil { table = TravelTable(pieces, learned.speeds) }
        }
        if conditions.version != conditionsVersion {
            conditionsVersion = conditions.version
            spans = []
            guard let path else { return }
            for area in conditions.areas { ConditionSpan.find(area, on: path, into: &spans, limit: Self.spanLimit) }
            // Those of one area are in order; which area comes first does not matter.
            spans.sort { ($0.start_m, $0.end_m) < ($1.start_m, $1.end_m) }
        }
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        writer.write(optional: path) { $1.write(to: &$0) }
        writer.write(UInt32(stops.count))
        for (stop, service) in zip(stops, service_s) {
            stop.write(to: &writer)
            writer.write(service)
        }
        writer.write(vehicleRatio)
        writer.write(refreshed_ms)
        if path != nil { table.write(to: &writer) }
    }

    /// Conditions are looked up anew at the next ``refresh(now_ms:_:_:)``: they follow from the areas alone.
    package init(from reader: inout ByteReader) throws(SnapshotError) {
        let vehicle = try reader.data()
        let path = try reader.optional { reader throws(SnapshotError) in try RoutePath(from: &reader) }
        let count = try reader.count()
        guard count <= Self.stopLimit else { throw SnapshotError(reason: "a plan has too many stops") }
        var stops: [PlannedStop] = []
        var service: [Double] = []
        for _ in 0..<count {
            stops.append(try PlannedStop(from: &reader))
            service.append(try reader.double(in: 0...1e6))
        }
        self.init(vehicle: vehicle, path: path, stops: stops)
        service_s = service
        vehicleRatio = try reader.double(in: 0.2...5)
        refreshed_ms = try reader.integer()
        if path != nil { table = try TravelTable(from: &reader, pieces) }
    }

    package static func == (a: RoutePlan, b: RoutePlan) -> Bool {
        a.vehicle == b.vehicle && a.path == b.path && a.stops == b.stops && a.service_s == b.service_s
            && a.vehicleRatio == b.vehicleRatio && a.table == b.table && a.refreshed_ms == b.refreshed_ms
    }
}
