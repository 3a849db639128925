/// The limits by which the life of a delivery is judged.
struct DeliverySettings: Sendable, Equatable {
    var filter = FixFilter.Limits()
    /// A stop's circle is entered or left when so many fixes in a row say so,
    var confirmFixes: UInt8 = 2
    /// or a run of this length, or one fix that lies beyond the boundary by more than its accuracy.
    var confirm_s: Int64 = 30
    /// A stop is left only so far outside of its circle.
    var exitBuffer_m = 20.0
    /// Slower than this is standing, where the tracker tells a speed;
    var standingSpeed_kmh = 5.0
    /// where it tells none, staying within this distance of the first fix of the standing.
    var standingDistance_m = 30.0
    /// Two slow fixes further apart than this are two places, not one standing.
    var standingDrift_m = 100.0
    /// Standing in the circle for so long is an arrival,
    var standing_s: Int64 = 20
    /// and so is being in it for so long, standing or not.
    var dwell_s: Int64 = 180
    /// Service has begun when the vehicle has stood at the stop for so long.
    var service_s: Int64 = 60
    /// A gap between two fixes that is longer than this is not counted as driving.
    var silence_s: Int64 = 600
    /// A proof further from the stop than its radius, this and its own accuracy is disputed.
    var farProof_m = 300.0
    /// How old a fix may be that tells where a driver's word was said: a vehicle that stands reports seldom.
    var wordPlace_s: Int64 = 600
    /// The driver's word is missing so long after the arrival,
    var proofMissing_s: Int64 = 1800
    /// or so long after the stop was left.
    var proofGrace_s: Int64 = 120
    /// A delivery that failed for one of these reasons is to be tried again without anybody asking for it.
    var rescheduleReasons: [[UInt8]] = ["customer_absent", "no_answer", "no_access", "vehicle_breakdown"]
        .map { Array($0.utf8) }
    /// The longest track that is kept of a vehicle for late fixes, in fixes.
    var trackFixes = 256
    /// How far behind the newest fix a late fix may be and still count.
    var reorderWindow_s: Int64 = 1800

    /// How visits of stops are confirmed, as those of geofences are.
    var visitPolicy: FencePolicy {
        var policy = FencePolicy()
        policy.confirmFixes = confirmFixes
        policy.confirm_ms = confirm_s * 1000
        policy.exitBuffer_m = exitBuffer_m
        policy.traits.insert(.usesAccuracy)
        return policy
    }
}
