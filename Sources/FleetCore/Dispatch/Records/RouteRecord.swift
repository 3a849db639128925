import Wire

/// What one vehicle is to do, stop after stop, as `dispatch/routes/{route}` has it.
struct RouteRecord: Sendable, Equatable {
    enum Status: String, CaseIterable, Sendable { case open, cancelled }

    struct Stop: Sendable, Equatable {
        enum Kind: String, CaseIterable, Sendable { case delivery, pickup, `break` }

        var stop: DispatchID
        /// Nil for a break.
        var order: DispatchID?
        var kind = Kind.delivery
        var plannedArrival_ms: Int64?
        var service_s: Double?
        /// Where; nil: at the order's place.
        var place: DispatchPlace?
    }

    var version = RecordVersion()
    var vehicle: DispatchID
    var driver: DispatchID?
    var depot: DispatchPlace?
    var plannedStart_ms: Int64?
    var plannedEnd_ms: Int64?
    var stops: [Stop] = []
    /// The way over the ground, as longitude and latitude times 10⁷, one after the other; empty where dispatch gave none.
    var path_e7: [Int32] = []
    var returnsToDepot = false
    var status = Status.open

    static let stopsMax = 500
    static let pathMax = 50_000

    init(vehicle: DispatchID) { self.vehicle = vehicle }

    init(_ payload: Span<UInt8>, id: DispatchID) throws(RecordProblem) {
        let reader = try RecordReader(payload, id: id)
        guard let vehicle = try reader.id("vehicle") else { throw reader.missing("vehicle") }
        self.vehicle = vehicle
        version = try RecordVersion(reader)
        driver = try reader.id("driver")
        depot = try DispatchPlace(reader, "depot")
        plannedStart_ms = try reader.time_ms("planned_start")
        plannedEnd_ms = try reader.time_ms("planned_end")
        returnsToDepot = try reader.flag("return_to_depot") ?? false
        status = try reader.word("status", absent: .open)
        var known: Set<DispatchID> = []
        for element in try reader.list("stops", max: Self.stopsMax) {
            let stop = try Self.readStop(element)
            guard known.insert(stop.stop).inserted else {
                throw RecordProblem(
                    reason: "duplicate_stop", detail: "the stop '\(stop.stop.text)' is on the route twice",
                    offset: element.node.offset)
            }
            stops.append(stop)
        }
        path_e7 = try Self.readPath(reader)
    }

    private static func readStop(_ reader: RecordReader) throws(RecordProblem) -> Stop {
        let order = try reader.id("order")
        let kind: Stop.Kind = try reader.word("kind", absent: .delivery)
        guard let id = try reader.id("stop") ?? order else { throw reader.missing("stop") }
        if order == nil, kind != .break { throw reader.missing("order") }
        return Stop(
            stop: id, order: order, kind: kind, plannedArrival_ms: try reader.time_ms("planned_arrival"),
            service_s: try reader.number("service_s", 0...86_400), place: try DispatchPlace(reader, "place"))
    }

    private static func readPath(_ reader: RecordReader) throws(RecordProblem) -> [Int32] {
        guard let path = try reader.object("path") else { return [] }
        guard path["type"]?.string == "LineString" else {
            throw path.outOfRange(path["type"] ?? path.node, "type", "LineString")
        }
        guard let member = path["coordinates"], let positions = member.array else {
            throw path.wrong(path["coordinates"] ?? path.node, "coordinates", "a list of positions")
        }
        guard positions.count <= pathMax else {
            throw path.outOfRange(member, "coordinates", "a list of at most \(pathMax)")
        }
        var path_e7: [Int32] = []
        path_e7.reserveCapacity(positions.count * 2)
        for position in positions {
            guard let values = position.array, values.count >= 2, let longitude = values[0].number,
                let latitude = values[1].number, abs(longitude) <= 180, abs(latitude) <= 90
            else { throw path.wrong(position, "coordinates", "a position [longitude, latitude]") }
            path_e7.append(Int32((longitude * 1e7).rounded()))
            path_e7.append(Int32((latitude * 1e7).rounded()))
        }
        return path_e7.count >= 4 ? path_e7 : []
    }
}
