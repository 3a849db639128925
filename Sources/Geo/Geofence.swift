/// What a geofence is for, as a word. Words that are not listed here are accepted.
package struct GeofenceKind: Sendable, Hashable, RawRepresentable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }
    package init(stringLiteral value: String) { rawValue = value }
    package var description: String { rawValue }

    package static let depot: GeofenceKind = "depot"
    package static let customer: GeofenceKind = "customer"
    /// The default: an area without a special meaning.
    package static let zone: GeofenceKind = "zone"
    /// An area that vehicles must keep out of.
    package static let noGo: GeofenceKind = "no_go"
    package static let corridor: GeofenceKind = "corridor"
    /// A school, a station, a hospital: hazardous goods are not parked beside it.
    package static let protected: GeofenceKind = "protected"
    package static let parking: GeofenceKind = "parking"
    package static let fuelStation: GeofenceKind = "fuel_station"
    package static let motorway: GeofenceKind = "motorway"
}

/// A named area and how vehicles' visits to it are judged.
package struct Geofence: Sendable, Equatable {
    package static let defaultConfirmFixes = 2
    package static let confirmFixesRange = 1...100

    /// Unique within a fleet.
    package var id: String
    /// For people; the id where none was given.
    package var name: String
    package var kind: GeofenceKind
    package var shape: Shape
    /// After how many seconds inside a visit counts as dwelling; nil: never.
    package var dwell_s: Double?
    /// How many consecutive fixes confirm a transition that accuracy alone does not, 1…100.
    package var confirmFixes: Int
    /// After how many seconds on the other side a transition is confirmed; nil: by fixes alone.
    package var confirm_s: Double?
    /// How many metres outside the boundary a vehicle must be to have left.
    package var exitBuffer_m: Double
    /// Whether a fix's accuracy widens the boundary.
    package var useAccuracy: Bool
    /// Vehicle groups that the fence concerns; empty: all.
    package var appliesTo: [String]
    /// When the fence is open; nil: always.
    package var schedule: Schedule?
    /// The speed limit inside, km/h, above 0; nil: none of its own.
    package var speedLimit_kmh: Double?

    package init(
        id: String, name: String? = nil, kind: GeofenceKind = .zone, shape: Shape, dwell_s: Double? = nil,
        confirmFixes: Int = Geofence.defaultConfirmFixes, confirm_s: Double? = nil, exitBuffer_m: Double = 0,
        useAccuracy: Bool = true, appliesTo: [String] = [], schedule: Schedule? = nil,
        speedLimit_kmh: Double? = nil
    ) {
        self.id = id
        self.name = name ?? id
        self.kind = kind
        self.shape = shape
        self.dwell_s = dwell_s
        self.confirmFixes = confirmFixes
        self.confirm_s = confirm_s
        self.exitBuffer_m = exitBuffer_m
        self.useAccuracy = useAccuracy
        self.appliesTo = appliesTo
        self.schedule = schedule
        self.speedLimit_kmh = speedLimit_kmh
    }
}
