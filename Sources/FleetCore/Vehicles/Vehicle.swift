/// What is known of whether a vehicle can be heard.
enum Connectivity: UInt8, Sendable {
    case unknown = 0
    case online = 1
    case offline = 2
}

/// The latest value of each sensor that the state topic carries.
struct Sensors: Sendable {
    private var odometer = Double.nan
    private var engineHours = Double.nan
    private var fuel = Float.nan
    private var battery = Float.nan
    private var coolant = Float.nan
    private var cargo = Float.nan
    var ignition: Bool?
    var doorOpen: Bool?

    // NaN is “never told”: half the size of optionals, of which a million vehicles have seven each.
    var odometer_km: Double? {
        get { odometer.isNaN ? nil : odometer }
        set { odometer = newValue ?? .nan }
    }
    var engine_hours: Double? {
        get { engineHours.isNaN ? nil : engineHours }
        set { engineHours = newValue ?? .nan }
    }
    var fuel_pct: Float? {
        get { fuel.isNaN ? nil : fuel }
        set { fuel = newValue ?? .nan }
    }
    var battery_v: Float? {
        get { battery.isNaN ? nil : battery }
        set { battery = newValue ?? .nan }
    }
    var coolant_c: Float? {
        get { coolant.isNaN ? nil : coolant }
        set { coolant = newValue ?? .nan }
    }
    var cargo_c: Float? {
        get { cargo.isNaN ? nil : cargo }
        set { cargo = newValue ?? .nan }
    }
}

/// Everything that the engine keeps of one vehicle.
struct Vehicle: Sendable {
    /// What follows from its observations, the late ones in their places.
    var story = Story()
    /// Its recent observations, from which the story can be told again.
    var track = Track()
    /// What the story told and late data may still change, in no particular order but that of telling.
    var ledger: [Told] = []
    var sensors = Sensors()
    var clockSkew = ClockSkew()

    /// Index into the engine's group names, -1 for none.
    var group: Int32 = -1
    /// The number under which the desk follows it, -1 where it does not.
    var deskHandle: Int32 = -1
    /// Announced on `dispatch/vehicles/{vehicle}`.
    var isRegistered = false

    var connectivity = Connectivity.unknown
    /// When the last message of it was received, ms since 1970.
    var lastHeard_ms = Int64.min
    /// Changes of connectivity since the newest fix: tells two of them apart that follow the same fix.
    var changesSinceFix: UInt32 = 0

    /// Events emitted so far: the `sequence` of the last one.
    var sequence: Int64 = 0

    /// When its retained state was last published, and when it is to be published again: `Int64.max` where nothing of
    /// it has changed since.
    var statePublished_ms = Int64.min
    var stateDue_ms = Int64.max

    var acceptedFixes: UInt32 = 0
    var lateFixes: UInt32 = 0
    var duplicateFixes: UInt32 = 0
    var rejectedFixes: UInt32 = 0

    /// The newest believed fix: the vehicle's position for all purposes.
    var newest: Fix? { story.newest }

    /// Adds an observation that is newer than all to the track, before the story takes it up.
    mutating func keep(_ observation: Observation, limit: Int) {
        track.append(observation, limit: limit, before: story)
    }

    /// Keeps the story as it is before the observation at `index`, where it is time for that.
    mutating func keepCheckpoint(at index: Int, limit: Int) { track.keepCheckpoint(at: index, limit: limit, of: story) }

    /// Puts the story back to a checkpoint before the observation at `index`; the index from which it is to be told again.
    mutating func rewind(to index: Int) -> Int { track.rewind(to: index, into: &story) }
}
