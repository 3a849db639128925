package import Geo
import Wire

/// What is known of speeds: by segment and time of day, by vehicle, off the paths, and of a router's times.
///
/// A segment's pace is the fleet's at that half hour, times the segment's factor, times what the part of the day adds to it. All are
/// drawn towards what is known without them, down to a constant; so nothing needs to be known.
package struct SpeedModel: Sendable, Equatable {
    package static let vehicleLimit = 20_000

    var fleet = SlotPaces()
    var segments = SegmentSpeeds()
    private(set) var vehicles = BoundedIndex<[UInt8]>(limit: Self.vehicleLimit)
    private(set) var vehicleRatios: [Ratio] = []
    /// Door to door on roads that nobody named.
    var open = SlotPaces()
    /// Driven metres over those through the air: for all trips, and by ``distanceClass(_:)``.
    var detours = [Ratio](repeating: Ratio(), count: 5)
    /// Measured seconds over those of a router: for all times, and by part of the day.
    var router = [Ratio](repeating: Ratio(), count: 1 + TimeSlots.partCount)

    private static let vehicleWeight_s = 1200.0
    private static let vehicleLimit_s = 14_400.0
    private static let detourPrior = 1.35
    private static let routerPrior = 1.3
    private static let paceRange = SlotPaces.fastest_s_m...SlotPaces.slowest_s_m

    package init() {}

    package var segmentCount: Int { segments.count }

    // MARK: Asking

    /// Seconds a metre of a segment at a time.
    package func pace_s_m(_ key: SegmentKey, at time_ms: Int64, zone: TimeZoneRules) -> Double {
        let slot = TimeSlots.slot(at: time_ms, zone: zone)
        let place = segments.index.place(of: key)
        return fleet.pace_s_m(slot: slot) * segments.factor(place: place)
            * segments.partFactor(place: place, part: Int(TimeSlots.parts[slot]))
    }

    /// What this vehicle takes over what the segments say; 1 for one that is not known.
    package func vehicleRatio(_ vehicle: [UInt8]) -> Double {
        guard let place = vehicles.place(of: vehicle) else { return 1 }
        return min(5, max(0.2, vehicleRatios[place].shrunk(to: 1, weight: Self.vehicleWeight_s)))
    }

    /// Metres that are driven for a distance through the air.
    package func drivenLength_m(straight_m: Double) -> Double {
        let all = detours[0].shrunk(to: Self.detourPrior, weight: 5000)
        let own = detours[1 + Self.distanceClass(straight_m)].shrunk(to: all, weight: 5000)
        return straight_m * min(5, max(1, own))
    }

    /// Measured over router's time in a part of the day.
    func routerFactor(part: Int) -> Double {
        let all = router[0].shrunk(to: Self.routerPrior, weight: 1800)
        return min(10, max(0.1, router[1 + part].shrunk(to: all, weight: 1200)))
    }

    /// 0…3: below 1 km, 3 km, 10 km, and above.
    static func distanceClass(_ straight_m: Double) -> Int {
        straight_m < 1000 ? 0 : straight_m < 3000 ? 1 : straight_m < 10_000 ? 2 : 3
    }

    // MARK: Learning

    /// A vehicle passed along a segment without a stop that was planned. What cannot be is passed over.
    /// - Parameter base_s: what a router expected for it; nil where none was asked.
    package mutating func observe(
        _ key: SegmentKey, vehicle: [UInt8], at time_ms: Int64, distance_m: Double, time_s: Double, base_s: Double?,
        zone: TimeZoneRules
    ) {
        guard distance_m > 1, time_s > 0, Self.paceRange.contains(time_s / distance_m) else { return }
        let slot = TimeSlots.slot(at: time_ms, zone: zone)
        let part = Int(TimeSlots.parts[slot])
        let place = segments.index.place(of: key)
        let factor = segments.factor(place: place) * segments.partFactor(place: place, part: part)
        let mean_s = fleet.pace_s_m(slot: slot) * distance_m
        let own = vehicleRatio(vehicle)
        observeVehicle(vehicle, time_s: time_s, expected_s: mean_s * factor)
        segments.observe(key, part: part, time_s: time_s / own, expected_s: mean_s)
        fleet.observe(slot: slot, time_s: time_s / own, distance_m: distance_m * factor)
        if let base_s, base_s > 0 {
            router[0].observe(measured: time_s, expected: base_s, limit: 500_000)
            router[1 + part].observe(measured: time_s, expected: base_s, limit: 100_000)
        }
    }

    private mutating func observeVehicle(_ vehicle: [UInt8], time_s: Double, expected_s: Double) {
        let place: Int
        switch vehicles.claim(vehicle) {
        case .known(let known): place = known
        case .appended(let new):
            vehicleRatios.append(Ratio())
            place = new
        case .replaced(let old):
            vehicleRatios[old] = Ratio()
            place = old
        }
        let time_s = min(max(time_s, expected_s / 4), expected_s * 4)
        vehicleRatios[place].observe(measured: time_s, expected: expected_s, limit: Self.vehicleLimit_s)
    }

    /// A vehicle came from one place to another on roads that nobody named.
    package mutating func observeTrip(
        straight_m: Double, driven_m: Double, time_s: Double, at time_ms: Int64, zone: TimeZoneRules
    ) {
        guard straight_m > 50, driven_m >= straight_m * 0.9, driven_m < straight_m * 10, time_s > 0,
            Self.paceRange.contains(time_s / driven_m)
        else { return }
        detours[0].observe(measured: driven_m, expected: straight_m, limit: 2_000_000)
        detours[1 + Self.distanceClass(straight_m)].observe(
            measured: driven_m, expected: straight_m, limit: 1_000_000)
        open.observe(slot: TimeSlots.slot(at: time_ms, zone: zone), time_s: time_s, distance_m: driven_m)
    }

    /// Puts a vehicle's stored ratio in place, for an import.
    mutating func setVehicle(_ vehicle: [UInt8], _ ratio: Ratio) {
        observeVehicle(vehicle, time_s: 0, expected_s: 0)
        if let place = vehicles.place(of: vehicle) { vehicleRatios[place] = ratio }
    }

    func checkInvariants() {
        segments.checkInvariants()
        vehicles.checkInvariants()
        precondition(vehicleRatios.count == vehicles.count && vehicleRatios.allSatisfy(\.isValid))
        precondition(detours.count == 5 && router.count == 1 + TimeSlots.partCount)
    }

    func write(to writer: inout ByteWriter) {
        fleet.write(to: &writer)
        segments.write(to: &writer)
        vehicles.write(to: &writer) { $0.write($1) }
        for ratio in vehicleRatios { writer.write(ratio) }
        open.write(to: &writer)
        for ratio in detours + router { writer.write(ratio) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        fleet = try SlotPaces(from: &reader)
        segments = try SegmentSpeeds(from: &reader)
        vehicles = try BoundedIndex(from: &reader, limit: Self.vehicleLimit) { reader throws(SnapshotError) in
            try reader.data()
        }
        vehicleRatios = try reader.ratios(vehicles.count)
        open = try SlotPaces(from: &reader)
        detours = try reader.ratios(5)
        router = try reader.ratios(1 + TimeSlots.partCount)
    }
}
