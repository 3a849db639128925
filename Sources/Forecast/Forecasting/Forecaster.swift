package import Geo

/// Forecasts of the arrivals at all stops that are left.
package enum Forecaster {
    /// Metres behind a stop that still count as being at it.
    private static let passed_m = 150.0

    /// Writes one forecast for each stop that is not done, in the order of the plan, in place of what is in `forecasts`; the stop
    /// at which the vehicle stands has none. Times never fall from one stop to the next, and are never before now.
    ///
    /// The vehicle is driven ahead from its newest fix; if that is old, it has gone on since, and the forecasts are the
    /// wider the older it is. O(stops + half hours on the way), without allocation once the array is large enough; with areas on
    /// the path O(stops + areas²).
    package static func forecast(
        _ plan: RoutePlan, _ moment: VehicleMoment, _ learned: LearnedValues, zone: TimeZoneRules,
        into forecasts: inout [StopForecast]
    ) {
        forecasts.removeAll(keepingCapacity: true)
        var run = ForecastRun(plan, moment, learned, zone: zone)
        if let serving = moment.serving, plan.stops.indices.contains(serving), !moment.isDrivingOff {
            run.finishService(serving)
        }
        for stop in plan.stops.indices where !plan.stops[stop].isDone && stop != moment.serving {
            run.drive(to: stop)
            forecasts.append(run.arrive(stop))
            run.serve(stop)
        }
    }

    /// Where along the path a vehicle probably is if nothing was heard since its fix: it drives on to the next stop and waits there.
    /// Nil without a path, or off it.
    package static func estimatedOffset_m(
        _ plan: RoutePlan, _ moment: VehicleMoment, _ learned: LearnedValues, zone: TimeZoneRules
    ) -> Double? {
        guard let progress = moment.progress, !progress.isDeviated, let path = plan.path else { return nil }
        guard moment.serving == nil else { return progress.offset_m }
        let next = plan.stops.indices.first { !plan.stops[$0].isDone && plan.offsets[$0].offset_m >= progress.offset_m }
        let end_m = next.map { plan.offsets[$0].offset_m } ?? path.length_m
        let run = ForecastRun(plan, moment, learned, zone: zone)
        let stale_s = Double(max(0, moment.now_ms &- moment.fix_ms)) / 1000
        // Halving is as good as following the half hours, and simpler: to 5 m.
        var low = progress.offset_m
        var high = max(low, end_m)
        while high - low > 5 {
            let middle = (low + high) / 2
            var ahead = run
            ahead.driveAlong(to: middle)
            if ahead.walk.time_s - run.walk.time_s <= stale_s { low = middle } else { high = middle }
        }
        return low
    }

    /// A plan, and a vehicle driven ahead along it.
    struct ForecastRun {
        let plan: RoutePlan
        let pieces: PathPieces
        let table: TravelTable
        let spans: [ConditionSpan]
        let speeds: SpeedModel
        let residuals: Residuals
        let spread: ServiceSpread
        let moment: VehicleMoment
        var walk: TravelWalk
        /// The stop from which the vehicle drives; nil for its place at the fix.
        var last: Int?
        var servedBefore = false
        /// Uncertain seconds so far.
        var uncertain_s = 0.0
        var least50_ms: Int64
        var least90_ms: Int64
        /// How old the fix is.
        let stale_s: Double
        let liveUntil_m: Double
        let hasPath: Bool
        let liveRatio: Double

        init(_ plan: RoutePlan, _ moment: VehicleMoment, _ learned: LearnedValues, zone: TimeZoneRules) {
            self.plan = plan
            pieces = plan.pieces
            table = plan.table
            spans = plan.spans
            liveRatio = moment.liveRatio.isFinite ? min(5, max(0.2, moment.liveRatio)) : 1
            hasPath = plan.path != nil && moment.progress != nil
            self.moment = moment
            speeds = learned.speeds
            residuals = learned.residuals
            spread = learned.service.spread
            walk = TravelWalk(start_ms: moment.fix_ms, zone: zone, learned.speeds)
            stale_s = min(1e9, Double(max(0, moment.now_ms &- moment.fix_ms)) / 1000)
            least50_ms = moment.now_ms
            least90_ms = moment.now_ms
            if hasPath, let progress = moment.progress {
                let offset_m = progress.isDeviated ? progress.nearest_m : progress.offset_m
                walk.put(at: offset_m, piece: pieces.piece(at: offset_m))
            }
            liveUntil_m = walk.offset_m + TravelWalk.live_m
            if moment.pause_s > 0 { pass(min(moment.pause_s, 86_400)) }
            if let progress = moment.progress, progress.isDeviated, let path = plan.path {
                let back_m = here.shortDistance_m(to: path.coordinate(at: progress.nearest_m))
                driveOpen(speeds.drivenLength_m(straight_m: back_m))
            }
        }

        private var here: Coordinate {
            Coordinate(latitude_e7: moment.latitude_e7, longitude_e7: moment.longitude_e7)
        }

        /// Uncertain time without driving.
        private mutating func pass(_ seconds: Double) {
            walk.wait(seconds)
            uncertain_s += seconds
        }

        /// What is left of the service at which the vehicle stands.
        mutating func finishService(_ stop: Int) {
            let planned = plan.stops[stop]
            var begun_ms = moment.servingSince_ms
            if let open_ms = planned.windowOpen_ms, open_ms > begun_ms { begun_ms = open_ms }
            if begun_ms > walk.now_ms { walk.wait(Double(begun_ms &- walk.now_ms) / 1000) }
            let elapsed_s = Double(max(0, walk.now_ms &- begun_ms)) / 1000
            let rest_s =
                planned.break_s.map { max(0, $0 - elapsed_s) }
                ?? spread.remaining_s(expected_s: max(5, plan.service_s[stop]), elapsed_s: elapsed_s)
            pass(rest_s)
            servedBefore = true
            leave(stop)
        }

        private mutating func leave(_ stop: Int) {
            last = stop
            if hasPath { walk.put(at: plan.offsets[stop].offset_m, piece: Int(plan.stopPieces[stop])) }
        }

        mutating func drive(to stop: Int) {
            let before_s = walk.time_s
            if hasPath {
                let target_m = plan.offsets[stop].offset_m
                if target_m < walk.offset_m - Forecaster.passed_m {
                    driveBack(to: stop)
                } else if target_m > walk.offset_m {
                    driveAlong(to: target_m, piece: Int(plan.stopPieces[stop]))
                }
            } else {
                driveOpen(speeds.drivenLength_m(straight_m: straight_m(to: stop)))
            }
            uncertain_s += walk.time_s - before_s
        }

        /// To a stop that was passed without being served.
        private mutating func driveBack(to stop: Int) {
            guard let path = plan.path else { return }
            let from = path.coordinate(at: walk.offset_m)
            driveOpen(speeds.drivenLength_m(straight_m: from.shortDistance_m(to: plan.stops[stop].place)))
            walk.put(at: plan.offsets[stop].offset_m, piece: Int(plan.stopPieces[stop]))
        }

        private func straight_m(to stop: Int) -> Double {
            guard let last else { return here.shortDistance_m(to: plan.stops[stop].place) }
            if last + 1 == stop { return plan.straight_m[last] }
            return plan.stops[last].place.shortDistance_m(to: plan.stops[stop].place)
        }

        private mutating func driveOpen(_ distance_m: Double) {
            walk.driveOpen(distance_m, ratio: plan.vehicleRatio)
        }

        mutating func driveAlong(to target_m: Double) {
            driveAlong(to: target_m, piece: pieces.piece(at: target_m))
        }

        private mutating func driveAlong(to target_m: Double, piece: Int) {
            if walk.offset_m < liveUntil_m, liveRatio != 1 {
                let end_m = min(target_m, liveUntil_m)
                walk.drive(
                    to: end_m, piece: target_m > liveUntil_m ? pieces.piece(at: end_m) : piece,
                    ratio: plan.vehicleRatio * liveRatio, pieces: pieces, table: table, spans: spans)
            }
            guard target_m > walk.offset_m else { return }
            walk.drive(
                to: target_m, piece: piece, ratio: plan.vehicleRatio, pieces: pieces, table: table, spans: spans)
        }

        /// The forecast for a stop to which the vehicle has been driven.
        mutating func arrive(_ stop: Int) -> StopForecast {
            let (median_s, ninety_s) = residuals.corrections_s(horizon_s: uncertain_s, hasStopsBefore: servedBefore)
            let raw_ms = walk.now_ms
            // Overdue: it may come any moment, and the longer nothing is heard, the less is known.
            let overdue_s = max(0, stale_s - (walk.time_s + median_s))
            let median_ms =
                raw_ms &+ Int64((median_s + (overdue_s > 0 ? overdue_s + min(60, overdue_s * 0.1) : 0)) * 1000)
            let p50_ms = max(least50_ms, median_ms)
            let ninety_ms = raw_ms &+ Int64((ninety_s + stale_s * 0.5 + overdue_s) * 1000)
            let p90_ms = max(least90_ms, ninety_ms, p50_ms)
            least50_ms = p50_ms
            least90_ms = p90_ms
            return StopForecast(
                stop: stop, p50_ms: p50_ms, p90_ms: p90_ms, raw_ms: raw_ms, uncertain_s: Float(uncertain_s),
                hasStopsBefore: servedBefore, isThroughClosure: walk.isThroughClosure)
        }

        /// Waits for the window and serves.
        mutating func serve(_ stop: Int) {
            if let open_ms = plan.stops[stop].windowOpen_ms, open_ms > least50_ms {
                // Waiting takes up delay: what may come later than the median and still before the window opens does not matter.
                let wait_s = Double(open_ms &- least50_ms) / 1000
                let late_s = Double(least90_ms &- least50_ms) / 1000
                uncertain_s *= late_s > wait_s ? 1 - wait_s / late_s : 0
                if open_ms > walk.now_ms { walk.wait(Double(open_ms &- walk.now_ms) / 1000) }
                least50_ms = max(least50_ms, open_ms)
                least90_ms = max(least90_ms, open_ms)
            }
            pass(plan.service_s[stop])
            servedBefore = true
            leave(stop)
        }
    }
}
