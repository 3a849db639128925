import Geo
import Wire

/// Where a vehicle was when it came onto its route.
struct TripOrigin: Sendable, Equatable {
    var latitude_e7: Int32
    var longitude_e7: Int32

    init(_ fix: Fix) {
        latitude_e7 = fix.latitude_e7
        longitude_e7 = fix.longitude_e7
    }

    func distance_m(to fix: Fix) -> Double {
        Coordinate(latitude_e7: latitude_e7, longitude_e7: longitude_e7).shortDistance_m(to: fix.coordinate)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(latitude_e7)
        writer.write(longitude_e7)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        latitude_e7 = try reader.integer()
        longitude_e7 = try reader.integer()
        guard latitude_e7.magnitude <= 900_000_000, longitude_e7.magnitude <= 1_800_000_000 else {
            throw SnapshotError(reason: "a route begins outside of the world")
        }
    }
}

/// Routes without a depot: no visit of one tells when the vehicle sets out.
extension Desk {
    /// Driving so fast is being on the way,
    private static let setOutSpeed_kmh = 10.0
    /// and so is being so far away from where it was when the route became its own.
    private static let setOutDistance_m = 200.0
    /// What it drives longer before the planned start is another errand.
    private static let setOutEarly_ms: Int64 = 1_800_000

    /// Lets the deliveries of a trip without a depot be on their way, where the newest fix shows that the vehicle is.
    ///
    /// Of newest fixes alone: a late one does not make the vehicle set out earlier. O(stops) until all are on their way.
    mutating func setOut(_ vehicle: Int32, _ fix: Fix, _ step: Engine.Step, into effects: inout EffectBuffer) {
        guard let run = runs[vehicle], let route = run.tripRoute, let record = records.routes[route],
            record.depot == nil
        else { return }
        let from_ms = (record.plannedStart_ms ?? .min).subtractingClamped(Self.setOutEarly_ms)
        // Until then it may be anywhere.
        guard let origin = run.origin, fix.time_ms >= from_ms else {
            runs[vehicle]?.origin = TripOrigin(fix)
            return
        }
        guard fix.speed_kmh ?? 0 >= Self.setOutSpeed_kmh || origin.distance_m(to: fix) >= Self.setOutDistance_m else {
            return
        }
        for stop in run.tripStops {
            guard let delivery = deliveries[stop], delivery.order != nil, delivery.route == route,
                delivery.history.state == .assigned || delivery.history.state == .loaded,
                delivery.history.summary.assigned_ms ?? .max < fix.time_ms
            else { continue }
            var cause = Array("set out ".utf8)
            cause.append(contentsOf: delivery.history.summary.assignment)
            let piece = DeliveryEvidence(time_ms: fix.time_ms, cause: cause, kind: .setOut(vehicle: run.vehicle))
            add(piece, to: stop, step, into: &effects)
        }
    }
}
