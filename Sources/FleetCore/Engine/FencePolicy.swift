import Geo

/// How visits to one fence are judged: what of a `Geofence` is looked at with every fix, in 40 flat bytes.
struct FencePolicy: BitwiseCopyable {
    /// After how long inside a visit counts as dwelling; `never_ms` where it does not.
    var dwell_ms = FencePolicy.never_ms
    /// After how long on the other side a transition is confirmed; `never_ms` where only fixes do that.
    var confirm_ms = FencePolicy.never_ms
    var exitBuffer_m = 0.0
    var speedLimit_kmh: Float = 0
    var confirmFixes: UInt8 = 0
    var traits: Traits = []
    /// What its kind means to the rules about vehicles.
    var places: RuleInput.Places = []

    static let never_ms = Int64.max

    struct Traits: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        static let usesAccuracy = Traits(rawValue: 1)
        /// It concerns some groups only.
        static let isLimited = Traits(rawValue: 2)
        /// Being inside can be an alarm: it is no-go, or has a schedule.
        static let mayAlarm = Traits(rawValue: 4)
    }

    private static let places: [GeofenceKind: RuleInput.Places] = [
        .depot: .depot, .customer: .customer, .noGo: .noGo, .protected: .protected, .corridor: .corridor,
        .parking: .parking, .fuelStation: .fuelStation, .motorway: .motorway,
    ]

    init() {}

    init(_ fence: Geofence) {
        if let dwell_s = fence.dwell_s { dwell_ms = Int64((dwell_s * 1000).rounded()) }
        if let confirm_s = fence.confirm_s { confirm_ms = Int64((confirm_s * 1000).rounded(.up)) }
        exitBuffer_m = fence.exitBuffer_m
        confirmFixes = UInt8(clamping: fence.confirmFixes)
        if fence.useAccuracy { traits.insert(.usesAccuracy) }
        if !fence.appliesTo.isEmpty { traits.insert(.isLimited) }
        speedLimit_kmh = Float(fence.speedLimit_kmh ?? 0)
        places = Self.places[fence.kind] ?? []
        if fence.kind == .noGo || fence.schedule != nil { traits.insert(.mayAlarm) }
    }

    /// Those of all fences of a set, by slot. O(n).
    static func all(of fences: FenceSet) -> ContiguousArray<FencePolicy> {
        var policies: ContiguousArray<FencePolicy> = []
        policies.reserveCapacity(fences.slots)
        for slot in 0..<fences.slots {
            policies.append(fences.fence(at: Int32(slot)).map { FencePolicy($0) } ?? FencePolicy())
        }
        return policies
    }
}
