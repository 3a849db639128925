/// What is known of whether a vehicle can be heard.
enum Connectivity: UInt8, Sendable {
    case unknown = 0
    case online = 1
    case offline = 2
}

/// The latest value of each sensor that the state topic carries.
struct Sensors: Sendable, Equatable {
    var time_ms = Int64.min
    var ignition: Bool?
    var fuel_pct: Float?
    var odometer_km: Double?
    var engine_hours: Double?
    var battery_v: Float?
    var coolant_c: Float?
    var cargo_c: Float?
    var doorOpen: Bool?
}

/// Everything that the engine keeps of one vehicle.
struct Vehicle: Sendable {
    /// The newest accepted fix: the vehicle's position for all purposes.
    var newest: Fix?
    /// Recent fixes with the late ones in their places.
    var track = Track()
    /// Fences that the vehicle is in, or is about to enter or to leave; ascending by the fence's id.
    var visits: [Visit] = []
    var sensors = Sensors()

    /// Index into the engine's group names, -1 for none.
    var group: Int32 = -1
    /// Announced on `dispatch/vehicles/{vehicle}`.
    var isRegistered = false

    var connectivity = Connectivity.unknown
    /// When the last message of it was received, ms since 1970.
    var lastHeard_ms = Int64.min
    /// Changes of connectivity since the newest fix: tells two of them apart that follow the same fix.
    var changesSinceFix: UInt32 = 0

    /// Events emitted so far: the `sequence` of the last one.
    var sequence: Int64 = 0

    /// The last fix that was rejected as a teleport, and how many in a row agreed with one another.
    var outlier: Fix?
    var outlierRun: UInt8 = 0

    /// When its retained state was last published, and when it is to be published again: `Int64.max` where nothing of
    /// it has changed since.
    var statePublished_ms = Int64.min
    var stateDue_ms = Int64.max

    var acceptedFixes: UInt32 = 0
    var lateFixes: UInt32 = 0
    var duplicateFixes: UInt32 = 0
    var rejectedFixes: UInt32 = 0
}
