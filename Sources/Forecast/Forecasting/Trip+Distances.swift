import Geo

/// How far it is to a stop, through all that come before it.
package struct DistanceLeft: Sendable, Equatable {
    /// Through the air from stop to stop.
    package var straight_m: Double
    /// Along the path; nil without one, or before the vehicle was found on it.
    package var path_m: Double?
}

extension Trip {
    /// How far it is to each stop that a forecast was made for, in their order: what simple predictions go by. O(stops).
    package func distancesLeft(to forecasts: [StopForecast]) -> [DistanceLeft] {
        guard let fix else { return [] }
        var here = Coordinate(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7)
        var straight_m = 0.0
        var along = pathPosition(from: here)
        return forecasts.map { forecast in
            let place = plan.stops[forecast.stop].place
            straight_m += here.shortDistance_m(to: place)
            here = place
            along?.drive(to: plan.offsets[forecast.stop].offset_m, at: place, on: plan)
            return DistanceLeft(straight_m: straight_m, path_m: along?.driven_m)
        }
    }

    private func pathPosition(from here: Coordinate) -> PathPosition? {
        guard let path = plan.path, let progress, progress.isOnPath || progress.isDeviated else { return nil }
        guard progress.isDeviated else { return PathPosition(offset_m: progress.offset_m, driven_m: 0) }
        let back_m = here.shortDistance_m(to: path.coordinate(at: progress.nearest_m))
        return PathPosition(offset_m: progress.nearest_m, driven_m: back_m)
    }
}

/// A place along a path, and how far it was to there.
private struct PathPosition {
    var offset_m: Double
    var driven_m: Double

    /// Metres behind a stop that still count as being at it, as ``Forecaster`` has it.
    private static let passed_m = 150.0

    /// On to a stop; back through the air to one that was passed.
    mutating func drive(to target_m: Double, at place: Coordinate, on plan: RoutePlan) {
        if target_m >= offset_m - Self.passed_m {
            driven_m += max(0, target_m - offset_m)
        } else if let path = plan.path {
            driven_m += path.coordinate(at: offset_m).shortDistance_m(to: place)
        }
        offset_m = target_m
    }
}
