import Wire

/// What the window shows of one fleet: its vehicles as they were last published, the newest events, stops and geofences.
/// Nothing of another fleet is ever in it. Only the window's thread touches it.
final class FleetStore {
    struct Limits: Sendable {
        var vehicles_max = 50_000
        var stops_max = 50_000
        var events_max = 1_000
        var eventBytes_max = 2 << 20
        var trailPoints_max = 60
        /// A state or event that is larger is passed over.
        var payload_bytes_max = 64 << 10
    }

    private static let noFeatures = Array("{\"type\":\"FeatureCollection\",\"features\":[]}".utf8)

    let name: String
    private let limits: Limits
    private(set) var vehicles: [VehicleRecord] = []
    private(set) var vehicleChanges = ChangeList()
    private var slots: [[UInt8]: Int] = [:]
    private(set) var stops = StopTable()
    private(set) var events = EventRing()
    private(set) var geofences = FleetStore.noFeatures
    /// Counts the changes of `geofences`.
    private(set) var geofencesVersion: UInt64 = 0
    /// The paths of open routes.
    private(set) var routes = FleetStore.noFeatures
    /// Counts the changes of `routes`.
    private(set) var routesVersion: UInt64 = 0
    /// Slots in the order of their ids; made anew when one is asked for after a vehicle came.
    private var sorted: [Int] = []
    /// States and events that could not be read or kept.
    private(set) var skipped: UInt64 = 0
    /// How old positions were when they were told, in seconds.
    private(set) var positionAge = Histogram(bounds: [0.5, 1, 2, 5, 10, 30, 60, 300, 1_800, 7_200])

    init(name: String, limits: Limits = Limits()) {
        self.name = name
        self.limits = limits
        events = EventRing(count_max: limits.events_max, bytes_max: limits.eventBytes_max)
        stops = StopTable(fleet: name, count_max: limits.stops_max)
    }

    func slot(ofVehicle id: [UInt8]) -> Int? { slots[id] }

    /// A vehicle's state was published.
    func setVehicle(_ id: [UInt8], _ payload: [UInt8]) {
        guard payload.count <= limits.payload_bytes_max, let facts = try? VehicleFacts(payload.span) else {
            skipped += 1
            return
        }
        let slot: Int
        if let known = slots[id] {
            slot = known
        } else {
            guard vehicles.count < limits.vehicles_max else {
                skipped += 1
                return
            }
            slot = vehicles.count
            slots[id] = slot
            vehicles.append(VehicleRecord(id: id))
        }
        if let time_ms = facts.time_ms, let seen_ms = facts.lastSeen_ms, facts.time_ms != vehicles[slot].facts.time_ms {
            positionAge.observe(Double(max(0, seen_ms - time_ms)) / 1000)
        }
        vehicles[slot].payload = payload
        vehicles[slot].facts = facts
        vehicles[slot].trail.add(facts, points_max: limits.trailPoints_max)
        vehicleChanges.mark(slot)
    }

    /// A stop's state was published; an empty one deletes it.
    func setStop(_ id: [UInt8], _ payload: [UInt8]) {
        guard payload.count <= limits.payload_bytes_max, stops.set(id, payload) else {
            skipped += 1
            return
        }
    }

    /// An event was committed.
    func addEvent(_ payload: [UInt8]) {
        guard payload.count <= limits.payload_bytes_max else {
            skipped += 1
            return
        }
        events.append(payload)
    }

    func setGeofences(_ featureCollection: [UInt8]) {
        geofences = featureCollection
        geofencesVersion += 1
    }

    func setRoutes(_ featureCollection: [UInt8]) {
        guard routes != featureCollection else { return }
        routes = featureCollection
        routesVersion += 1
    }

    /// The slots of all vehicles in the order of their ids' bytes.
    func sortedSlots() -> [Int] {
        if sorted.count != vehicles.count {
            sorted = vehicles.indices.sorted { vehicles[$0].id.lexicographicallyPrecedes(vehicles[$1].id) }
        }
        return sorted
    }

    /// How many vehicles are shown as what, in the order of `VehicleShow.allCases`.
    func counts() -> [Int] {
        var counts = [Int](repeating: 0, count: VehicleShow.allCases.count)
        for vehicle in vehicles { counts[Int(vehicle.facts.show.rawValue)] += 1 }
        return counts
    }
}
