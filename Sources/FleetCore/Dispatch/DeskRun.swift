import Forecast
import Wire

/// A vehicle that the desk follows: its fixes, its routes, and the trip that it is on.
struct DeskRun: Sendable {
    let vehicle: DispatchID
    var track = RunTrack()
    /// Its open routes, in the order in which they are to be driven.
    var routes: [DispatchID] = []
    /// The stops of these routes in order, and for each from when on fixes may say that the vehicle arrived there.
    var stops: [DispatchID] = []
    var gates: [SharedPlaceGate] = []
    /// The route that it is on, as forecasts see it, and the stops of that.
    var trip: Trip?
    var tripRoute: DispatchID?
    var tripStops: [DispatchID] = []
    /// Where it was when it came onto that route; nil before its first fix.
    var origin: TripOrigin?
    /// The stop that it is on its way to, or at; see `Desk.updateNext`. Follows from the deliveries.
    var next: DispatchID?
    var forecast_ms = Int64.min
    /// Until then a fix may still tell where a driver said something.
    var wordsUntil_ms = Int64.min

    init(vehicle: DispatchID) { self.vehicle = vehicle }

    func write(to writer: inout ByteWriter) {
        writer.write(vehicle)
        track.write(to: &writer)
        writer.write(list: routes) { $0.write($1) }
        writer.write(optional: trip) { $1.write(to: &$0) }
        writer.write(optional: tripRoute) { $0.write($1) }
        writer.write(list: tripStops) { $0.write($1) }
        writer.write(optional: origin) { $1.write(to: &$0) }
        writer.write(forecast_ms)
        writer.write(wordsUntil_ms)
    }

    /// Stops and gates follow from the routes: whoever reads makes them anew.
    init(from reader: inout ByteReader) throws(SnapshotError) {
        vehicle = try reader.dispatchID()
        track = try RunTrack(from: &reader)
        routes = try reader.list { reader throws(SnapshotError) in try reader.dispatchID() }
        trip = try reader.optional { reader throws(SnapshotError) in try Trip(from: &reader) }
        tripRoute = try reader.optionalID()
        tripStops = try reader.list { reader throws(SnapshotError) in try reader.dispatchID() }
        origin = try reader.optional { reader throws(SnapshotError) in try TripOrigin(from: &reader) }
        forecast_ms = try reader.timeOrNever_ms()
        wordsUntil_ms = try reader.timeOrNever_ms()
        guard tripStops.count == trip?.plan.stops.count ?? 0 else {
            throw SnapshotError(reason: "a trip has other stops than its plan")
        }
    }
}
