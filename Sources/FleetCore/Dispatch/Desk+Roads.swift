import Forecast
import Geo
import Wire

/// What the road router was asked for one route, and the path that it gave.
struct RouteRoads: Sendable, Equatable {
    /// Counts the questions: part of their ids.
    var asked: UInt32 = 0
    /// When the last question was asked; nil once it is answered.
    var asked_ms: Int64?
    /// Questions in a row without an answer.
    var failures: UInt8 = 0
    var last_ms = Int64.min
    /// The vehicle left its path too soon after the last question: one is to come.
    var isOwed = false
    /// Stands for the places of the stops that were last asked for.
    var places: UInt64 = 0
    var path: RoutePath?

    func write(to writer: inout ByteWriter) {
        writer.write(asked)
        writer.write(optional: asked_ms) { $0.write($1) }
        writer.write(failures)
        writer.write(last_ms)
        writer.write(isOwed)
        writer.write(places)
        writer.write(optional: path) { $1.write(to: &$0) }
    }

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        asked = try reader.integer()
        asked_ms = try reader.optionalTime_ms()
        failures = try reader.integer()
        last_ms = try reader.timeOrNever_ms()
        isOwed = try reader.bool()
        places = try reader.integer()
        path = try reader.optional { reader throws(SnapshotError) in try RoutePath(from: &reader) }
    }
}

/// Ways over the ground for routes that came without: asked of a road router, where one is configured. Everything works
/// without an answer.
extension Desk {
    /// A question without an answer is asked again after so long, and so often.
    private static let patience_ms: Int64 = 60_000
    private static let attempts: UInt8 = 3
    /// A vehicle that leaves its path time and again is not followed by a question each time.
    private static let pause_ms: Int64 = 300_000

    /// Asks for the way of a route whose places may be others than before: from the vehicle once it is on its way.
    mutating func askRoadAnew(for route: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer) {
        guard let record = records.routes[route], record.path_e7.isEmpty, record.status == .open else { return }
        var state = roads[route] ?? RouteRoads()
        var bytes: [UInt8] = []
        if let depot = record.depot {
            bytes.append(decimal: Int64(depot.latitude_e7))
            bytes.append(ascii: " ")
            bytes.append(decimal: Int64(depot.longitude_e7))
            bytes.append(ascii: "|")
        }
        for entry in record.stops where deliveries[entry.stop]?.route == route {
            guard let place = place(of: entry) else { continue }
            bytes.append(decimal: Int64(place.latitude_e7))
            bytes.append(ascii: " ")
            bytes.append(decimal: Int64(place.longitude_e7))
            bytes.append(ascii: " ")
        }
        let places = Hash128(bytes).low
        guard places != state.places else { return }
        state.places = places
        state.failures = 0
        roads[route] = state
        let run = runs.values.first { $0.vehicle == record.vehicle }
        let fix = run.flatMap { routeHasNotBegun(record) ? nil : $0.track.head.newest }
        roads[route]?.last_ms = .min
        askRoad(for: route, from: fix, step, into: &effects)
    }

    /// Asks for the way of a route: from the vehicle's place, or from the depot before it has set out, through the stops that
    /// are left.
    mutating func askRoad(
        for route: DispatchID, from fix: Fix?, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let record = records.routes[route], record.path_e7.isEmpty, record.status == .open else { return }
        var state = roads[route] ?? RouteRoads()
        if fix != nil, state.last_ms != .min, step.receivedTime_ms - state.last_ms < Self.pause_ms {
            state.isOwed = true
            roads[route] = state
            return
        }
        state.isOwed = false
        var points: [RoadPoint] = []
        if let fix {
            points.append(RoadPoint(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7))
        } else if let depot = record.depot {
            points.append(RoadPoint(latitude_e7: depot.latitude_e7, longitude_e7: depot.longitude_e7))
        }
        for entry in record.stops where deliveries[entry.stop]?.route == route {
            guard fix == nil || deliveries[entry.stop]?.history.state.isRemaining == true,
                let place = place(of: entry), points.count < RoadQuestion.points_max
            else { continue }
            points.append(RoadPoint(latitude_e7: place.latitude_e7, longitude_e7: place.longitude_e7))
        }
        guard points.count >= RoadQuestion.points_min else { return }
        state.asked &+= 1
        state.asked_ms = step.receivedTime_ms
        state.last_ms = step.receivedTime_ms
        roads[route] = state
        var id = route.bytes
        id.append(ascii: "#")
        id.append(decimal: Int64(state.asked))
        let question = RoadQuestion(fleet: fleet, id: id, points: points, time_ms: step.receivedTime_ms)
        let topic = effects.span { $0.append(contentsOf: question.topic) }
        append(
            .roadQuestion, topic: topic, payload: effects.span { $0.append(contentsOf: question.json()) }, step,
            to: &effects)
    }

    /// Questions that nobody answered are asked again.
    mutating func askAgain(_ step: Engine.Step, into effects: inout EffectBuffer) {
        if roads.isEmpty { return }
        for route in roads.keys.sorted() {
            guard let state = roads[route] else { continue }
            if let asked_ms = state.asked_ms {
                if step.receivedTime_ms - asked_ms >= Self.patience_ms { fail(route, step, into: &effects) }
            } else if state.isOwed, step.receivedTime_ms.subtractingClamped(state.last_ms) >= Self.pause_ms {
                askOwed(route, step, into: &effects)
            }
        }
    }

    /// Asks for a vehicle that left its path a while ago, if it has not come back.
    private mutating func askOwed(_ route: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer) {
        roads[route]?.isOwed = false
        guard let record = records.routes[route],
            let run = runs.values.first(where: { $0.vehicle == record.vehicle }), run.tripRoute == route,
            run.trip?.progress?.isOnPath == false, let newest = run.track.head.newest
        else { return }
        askRoad(for: route, from: newest, step, into: &effects)
    }

    private mutating func fail(_ route: DispatchID, _ step: Engine.Step, into effects: inout EffectBuffer) {
        guard var state = roads[route] else { return }
        state.asked_ms = nil
        state.failures = state.failures &+ 1
        roads[route] = state
        guard state.failures < Self.attempts, let record = records.routes[route] else { return }
        let run = runs.values.first { $0.vehicle == record.vehicle }
        let fix = routeHasNotBegun(record) ? nil : run?.track.head.newest
        roads[route]?.last_ms = .min
        askRoad(for: route, from: fix, step, into: &effects)
    }

    /// Takes what the router said.
    mutating func take(
        _ reply: RoadReply, to question: [UInt8], _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let mark = question.lastIndex(of: UInt8(ascii: "#")) else { return }
        let route = DispatchID(Array(question[..<mark]))
        var current = route.bytes
        current.append(ascii: "#")
        current.append(decimal: Int64(roads[route]?.asked ?? 0))
        // An answer to an earlier question is about a route that has changed since.
        guard question == current, roads[route]?.asked_ms != nil else { return }
        switch reply {
        case .failure(let failure):
            // A route that does not exist will not exist in a minute either.
            if failure.reason == .noRoute || failure.reason == .invalid {
                roads[route]?.asked_ms = nil
            } else {
                roads[route]?.asked_ms = step.receivedTime_ms
            }
        case .answer(let answer):
            roads[route]?.asked_ms = nil
            roads[route]?.failures = 0
            roads[route]?.path = answer.routePath
            pathsVersion &+= 1
            for vehicle in runs.keys.sorted() where runs[vehicle]?.routes.contains(route) == true {
                planTrip(vehicle, step)
                if let time_ms = runs[vehicle]?.track.head.newest?.time_ms {
                    forecast(vehicle, at: time_ms, step, into: &effects)
                }
            }
        }
    }
}

extension RoadAnswer {
    /// The path with the router's times for its legs; nil where it is too short to be one.
    var routePath: RoutePath? {
        let coordinates = path.map { Coordinate(latitude_e7: $0.latitude_e7, longitude_e7: $0.longitude_e7) }
        var times: [BaseTime] = []
        var driven_m = 0.0
        var wanted_m = 0.0
        var vertex = 0
        for leg in legs {
            wanted_m += leg.distance_m
            while vertex + 1 < coordinates.count, driven_m < wanted_m {
                driven_m += coordinates[vertex].shortDistance_m(to: coordinates[vertex + 1])
                vertex += 1
            }
            // A leg of no length, between two stops at one place, takes no time.
            if vertex > times.last?.endVertex ?? 0 {
                times.append(BaseTime(endVertex: vertex, duration_s: leg.duration_s))
            }
        }
        return RoutePath(coordinates, baseTimes: times)
    }
}
