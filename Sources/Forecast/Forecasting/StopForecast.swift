/// When a vehicle will arrive at a stop.
package struct StopForecast: Sendable, Equatable {
    /// The stop's place in ``RoutePlan/stops``.
    package var stop: Int
    /// Half of such arrivals are before this.
    package var p50_ms: Int64
    /// Nine of ten are before this.
    package var p90_ms: Int64
    /// The forecast before it was corrected by what is known of such forecasts: what learning compares with the arrival.
    package var raw_ms: Int64
    /// How much of the time ahead is uncertain: all but waiting that absorbs delay.
    package var uncertain_s: Float
    /// Whether other stops come before this one.
    package var hasStopsBefore: Bool
    /// Whether the way there leads through an area that is closed at that time.
    package var isThroughClosure: Bool
}

/// What a vehicle is doing when a forecast is made.
package struct VehicleMoment: Sendable, Equatable {
    /// For when the forecast is made; not before `fix_ms`.
    package var now_ms: Int64
    /// The newest fix: its time, its place, and its place along the path, nil where the plan has none.
    package var fix_ms: Int64
    package var latitude_e7: Int32
    package var longitude_e7: Int32
    package var progress: PathProgress?
    /// The stop at which it is, by its place in the plan, and since when.
    package var serving: Int?
    package var servingSince_ms: Int64 = 0
    /// It is at that stop by what is confirmed, and drives away from it by its newest fix: nothing is left of the service.
    package var isDrivingOff = false
    /// Seconds of a break that has begun and goes on.
    package var pause_s = 0.0
    /// What the vehicle took in the last minutes over what was expected of it; see ``TravelMeter/liveRatio``.
    package var liveRatio = 1.0

    package init(now_ms: Int64, fix_ms: Int64, latitude_e7: Int32, longitude_e7: Int32, progress: PathProgress?) {
        self.now_ms = now_ms
        self.fix_ms = fix_ms
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
        self.progress = progress
    }
}
