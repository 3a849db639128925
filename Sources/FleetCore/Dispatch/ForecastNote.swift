import Forecast

/// What desks note for those who measure forecasts. Off by default, and then without cost; no part of the state.
package struct ForecastRecording: Sendable, Equatable {
    package var isOn = false
    /// False: service times are not learned, to see what learning them is worth.
    package var learnsService = true

    package init(isOn: Bool = false, learnsService: Bool = true) {
        self.isOn = isOn
        self.learnsService = learnsService
    }
}

/// One forecast, or one arrival, as a desk had it at that moment.
package enum ForecastNote: Sendable, Equatable {
    case forecast(Expected)
    case arrival(Arrived)

    /// What was expected of a stop at a fix of its vehicle.
    package struct Expected: Sendable, Equatable {
        package var fleet: [UInt8]
        package var stop: [UInt8]
        /// The fix's time.
        package var made_ms: Int64
        package var p50_ms: Int64
        package var p90_ms: Int64
        /// Metres to the stop, through those before it; see `Trip.distancesLeft(to:)`.
        package var straight_m: Double
        package var path_m: Double?
        /// The vehicle is on its way; before that it is expected to wait for its planned start.
        package var isUnderWay: Bool
    }

    /// How often a vehicle has arrived at a stop by what is known now, and when it did last. A later note of the same stop
    /// takes the place of this one where it says otherwise.
    package struct Arrived: Sendable, Equatable {
        package var fleet: [UInt8]
        package var stop: [UInt8]
        package var arrivals: Int
        package var arrived_ms: Int64
    }
}

extension Desk {
    /// Notes what was forecast at a fix; what is made between fixes is not noted.
    func note(
        _ forecasts: [StopForecast], of vehicle: Int32, at time_ms: Int64, into effects: inout EffectBuffer
    ) {
        guard let run = runs[vehicle], let trip = run.trip, run.track.head.newest?.time_ms == time_ms else { return }
        for (forecast, left) in zip(forecasts, trip.distancesLeft(to: forecasts)) {
            let stop = run.tripStops[forecast.stop]
            guard let delivery = deliveries[stop], delivery.order != nil, delivery.history.state.isRemaining else {
                continue
            }
            effects.forecastNotes.append(
                .forecast(
                    ForecastNote.Expected(
                        fleet: fleet, stop: stop.bytes, made_ms: time_ms, p50_ms: forecast.p50_ms,
                        p90_ms: forecast.p90_ms,
                        straight_m: left.straight_m, path_m: left.path_m,
                        isUnderWay: delivery.history.state == .enRoute)))
        }
    }

    /// Notes when a vehicle was at a stop, as the history has it now.
    func noteArrival(at history: DeliveryHistory, into effects: inout EffectBuffer) {
        let summary = history.summary
        let arrived = ForecastNote.Arrived(
            fleet: fleet, stop: history.stop.bytes, arrivals: summary.arrived_ms == nil ? 0 : max(1, summary.arrivals),
            arrived_ms: summary.arrived_ms ?? 0)
        effects.forecastNotes.append(.arrival(arrived))
    }
}
