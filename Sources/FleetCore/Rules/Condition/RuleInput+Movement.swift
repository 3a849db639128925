extension RuleInput {
    /// Whether the vehicle drove from the fix before to this one; false where no fix before is known.
    ///
    /// A standing vehicle's fixes wander, and a single speed may be wrong. So where speeds are known, one of the two
    /// must be that of a moving vehicle and the place must have changed a little; or the place changed a lot, as over a
    /// gap. Where none is known, the place must have changed more than it wanders.
    func hasDriven(from moving_kmh: Double) -> Bool {
        guard let previous, elapsed_s > 0 else { return false }
        let former_dkmh = previous.speed_dkmh == .max ? 0 : previous.speed_dkmh
        let present_dkmh = now.fix.speed_dkmh == .max ? 0 : now.fix.speed_dkmh
        if Double(max(former_dkmh, present_dkmh)) >= moving_kmh * 10 {
            return distance_m >= min(30, moving_kmh / 7.2 * elapsed_s)
        }
        let knowsSpeed = previous.speed_dkmh != .max || now.fix.speed_dkmh != .max
        return distance_m >= (knowsSpeed ? 100 : 30) && distance_m * 3.6 >= moving_kmh * elapsed_s
    }

    /// Whether the vehicle drives at this observation: by its speed, or by its way here where it tells none.
    func isDriving(from moving_kmh: Double) -> Bool {
        guard now.hasPosition, now.fix.speed_dkmh != .max else { return hasDriven(from: moving_kmh) }
        return Double(now.fix.speed_dkmh) >= moving_kmh * 10
    }
}
