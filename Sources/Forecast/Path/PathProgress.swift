/// What a fix changed.
package struct PathUpdate: Sendable, Equatable {
    package enum Change: Sendable, Equatable {
        case none
        /// The vehicle has left the path; the time is that of the first fix off it.
        case deviated(since_ms: Int64)
        /// It drives along the path again; the time is that of the first fix back on it.
        case rejoined(since_ms: Int64)
    }

    package var change = Change.none
    /// Metres that the vehicle came forward along the path; negative where it was found to be farther back.
    package var advanced_m = 0.0
    /// Milliseconds since the fix before; 0 for the first one and for one that was passed over.
    package var elapsed_ms: Int64 = 0
    /// Whether the place was found without continuity: at the start, on rejoining, or after driving against the path.
    package var isJump = false
}

/// Where a vehicle is along its path, from one fix to the next.
///
/// A fix is looked for in a window around the place before, sized by how far the vehicle came. Distance to the path, heading,
/// and how well the way along the path agrees with the way through the air are weighed against each other; so a vehicle on the
/// way out is not taken to be on the way back along the same road. Noise does not move it backwards. What contradicts the window for
/// several fixes (far off, or heading against the path) is looked for on the whole path.
///
/// O(edges in the window) a fix; while off the path or driving against it, O(vertices / 32) and the edges near the fix.
package struct PathProgress: Sendable, Equatable {
    /// Beyond this, and the fix's accuracy, a fix is off the path.
    package static let leave_m = 60.0
    /// Within this, and the fix's accuracy, it is on the path again.
    package static let rejoin_m = 35.0
    /// Fixes off the path (or on it again) that are needed to say so.
    static let strayFixes: UInt8 = 3
    static let rejoinFixes: UInt8 = 2
    /// Fixes against the path before the whole path is looked at.
    static let contraryFixes: UInt8 = 4

    /// Metres from the start of the path. While the vehicle is off the path: where it left.
    package internal(set) var offset_m: Double
    /// Metres from the path to the newest fix.
    package internal(set) var distance_m = 0.0
    /// Where along the path the vehicle is nearest while it is off it, ahead of where it left; else ``offset_m``.
    package internal(set) var nearest_m: Double
    /// Time of the newest fix; `Int64.min` before the first.
    package internal(set) var time_ms = Int64.min
    /// Whether the vehicle has left the path.
    package internal(set) var isDeviated = false
    var latitude_e7: Int32 = 0
    var longitude_e7: Int32 = 0
    /// Consecutive fixes off the path, or near it while deviated.
    var run: UInt8 = 0
    var runStart_ms = Int64.min
    /// Consecutive fixes that drove against the path.
    var contrary: UInt8 = 0
    /// Whether the newest fix was on the path and gave ``offset_m``.
    package internal(set) var isOnPath = false

    /// - Parameter offset_m: where the vehicle is thought to be: 0 at the start of a route.
    package init(near offset_m: Double = 0) {
        self.offset_m = offset_m.isFinite ? max(0, offset_m) : 0
        nearest_m = self.offset_m
    }

    /// Moves the place forward to one that is known otherwise: a stop that was served. Never moves it back.
    package mutating func reached(_ offset_m: Double) {
        guard offset_m.isFinite, offset_m > self.offset_m else { return }
        self.offset_m = offset_m
        nearest_m = max(nearest_m, offset_m)
    }

    /// Takes in a fix. One that is not newer than the last changes nothing.
    /// - Parameter isServing: the vehicle is at a stop: a yard beside the road is no deviation.
    package mutating func update(_ fix: PathFix, on path: RoutePath, isServing: Bool = false) -> PathUpdate {
        guard fix.time_ms > time_ms else { return PathUpdate() }
        var update = PathUpdate()
        let search = PathSearch(fix: fix, path: path)
        let before_m = offset_m
        if time_ms == Int64.min {
            settleFirst(search, &update)
        } else {
            update.elapsed_ms = fix.time_ms &- time_ms
            let moved_m = RoutePath.distance_m(
                PathFix(time_ms: 0, latitude_e7: latitude_e7, longitude_e7: longitude_e7).point, fix.point,
                nearest: true)
            if isDeviated {
                lookForPath(search, &update)
            } else {
                follow(search, moved_m: moved_m, isServing: isServing, &update)
            }
        }
        time_ms = fix.time_ms
        latitude_e7 = fix.latitude_e7
        longitude_e7 = fix.longitude_e7
        offset_m = min(offset_m, path.length_m)
        if !isDeviated { nearest_m = offset_m }
        update.advanced_m = offset_m - before_m
        return update
    }

    private mutating func settleFirst(_ search: PathSearch, _ update: inout PathUpdate) {
        update.isJump = true
        let found = search.everywhere(expected_m: offset_m, scale_m: 500, from_m: 0)
        distance_m = found.distance_m
        isOnPath = found.distance_m <= Self.leave_m + search.fix.accuracy_m
        if isOnPath { offset_m = found.offset_m } else { startRun(search.fix) }
    }

    private mutating func startRun(_ fix: PathFix) {
        run = 1
        runStart_ms = fix.time_ms
    }

    /// On the path so far.
    private mutating func follow(
        _ search: PathSearch, moved_m: Double, isServing: Bool, _ update: inout PathUpdate
    ) {
        let fix = search.fix
        let found = search.window(around_m: offset_m, moved_m: moved_m)
        distance_m = found.distance_m
        guard found.distance_m <= Self.leave_m + fix.accuracy_m else {
            if isServing { isOnPath = false } else { stray(search, &update) }
            return
        }
        run = 0
        isOnPath = true
        let ahead_m = found.offset_m - offset_m
        let isAgainst = !fix.isStanding && moved_m > 5 && (found.alignment < -0.5 || ahead_m < -60)
        contrary = isAgainst ? min(contrary &+ 1, 100) : 0
        if contrary >= Self.contraryFixes {
            // Turned round, or served something again: the place that fits the heading best, wherever it is.
            let anywhere = search.everywhere(expected_m: offset_m, scale_m: 1500, from_m: 0)
            if anywhere.distance_m <= Self.rejoin_m + fix.accuracy_m {
                offset_m = anywhere.offset_m
                contrary = anywhere.alignment < -0.5 ? Self.contraryFixes : 0
                update.isJump = true
                return
            }
        }
        // A tracker that stands jitters forward as well as back: what it gains by that would add up.
        if fix.isStanding, ahead_m < max(15, fix.accuracy_m) { return }
        if ahead_m > 0 { offset_m = found.offset_m }
    }

    /// Off the path by this fix.
    private mutating func stray(_ search: PathSearch, _ update: inout PathUpdate) {
        if run == 0 { startRun(search.fix) } else { run = min(run &+ 1, 100) }
        isOnPath = false
        // Perhaps only the window was wrong: a stretch was left out, or there was a gap between the fixes.
        let anywhere = search.everywhere(expected_m: offset_m, scale_m: 1500, from_m: 0)
        let isBack = anywhere.distance_m <= Self.rejoin_m + search.fix.accuracy_m && anywhere.alignment > 0.3
        if isBack, run >= Self.rejoinFixes {
            settle(anywhere)
            update.isJump = true
        } else if run >= Self.strayFixes, !isBack {
            isDeviated = true
            nearest_m = search.everywhere(expected_m: offset_m, scale_m: 3000, from_m: offset_m).offset_m
            update.change = .deviated(since_ms: runStart_ms)
            run = 0
        }
    }

    /// Deviated: waits for fixes that drive along the path.
    private mutating func lookForPath(_ search: PathSearch, _ update: inout PathUpdate) {
        let found = search.everywhere(expected_m: offset_m, scale_m: 1500, from_m: 0)
        distance_m = found.distance_m
        let ahead = search.everywhere(expected_m: offset_m, scale_m: 3000, from_m: offset_m)
        nearest_m = max(offset_m, ahead.offset_m)
        guard found.distance_m <= Self.rejoin_m + search.fix.accuracy_m, found.alignment > 0.3, !search.fix.isStanding
        else {
            run = 0
            return
        }
        if run == 0 { startRun(search.fix) } else { run = min(run &+ 1, 100) }
        guard run >= Self.rejoinFixes else { return }
        isDeviated = false
        settle(found)
        update.isJump = true
        update.change = .rejoined(since_ms: runStart_ms)
    }

    private mutating func settle(_ place: PathPlace) {
        offset_m = place.offset_m
        distance_m = place.distance_m
        run = 0
        contrary = 0
        isOnPath = true
    }
}
