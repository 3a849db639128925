/// What is wrong with a geofence in a GeoJSON text, and where.
package struct GeofenceProblem: Error, Sendable, Equatable {
    package enum Code: String, Sendable, CaseIterable {
        case notJSON = "not_json"
        case notAFeature = "not_a_feature"
        case missingID = "missing_id"
        case invalidID = "invalid_id"
        case idMismatch = "id_mismatch"
        case duplicateID = "duplicate_id"
        case missingGeometry = "missing_geometry"
        case unsupportedGeometry = "unsupported_geometry"
        case wrongType = "wrong_type"
        case outOfRange = "out_of_range"
        case notFinite = "not_finite"
        case emptyCoordinates = "empty_coordinates"
        case tooFewPositions = "too_few_positions"
        case unclosedRing = "unclosed_ring"
        case zeroArea = "zero_area"
        case selfCrossing = "self_crossing"
        case holeOutside = "hole_outside"
        case nestedHoles = "nested_holes"
        case disconnected = "disconnected"
        case overlappingParts = "overlapping_parts"
        case tooManyVertices = "too_many_vertices"
        case missingRadius = "missing_radius"
        case missingBuffer = "missing_buffer"
        case invalidSchedule = "invalid_schedule"
        case unknownTimeZone = "unknown_time_zone"
        /// A warning: the property is not known, but nearly spelt like one that is.
        case misspeltProperty = "misspelt_property"
    }

    package var code: Code
    /// A sentence for people; it may change, so programs compare the code.
    package var reason: String
    /// Byte offset into the text at or before the fault.
    package var offset: Int
    /// Which feature of a collection, from 0; 0 for a single Feature; nil where the text as a whole is meant.
    package var featureIndex: Int?
    /// The feature's id, where it could be read.
    package var featureID: String?
    /// A warning does not keep the fence from loading.
    package var isWarning: Bool

    package init(
        code: Code, reason: String, offset: Int, featureIndex: Int? = nil, featureID: String? = nil,
        isWarning: Bool = false
    ) {
        self.code = code
        self.reason = reason
        self.offset = offset
        self.featureIndex = featureIndex
        self.featureID = featureID
        self.isWarning = isWarning
    }
}

/// What a GeoJSON text gave.
package struct GeofenceReading: Sendable {
    package var fences: [Geofence] = []
    /// Where each fence's Feature stands in the text.
    package var ranges: [Range<Int>] = []
    /// In the order of the text.
    package var problems: [GeofenceProblem] = []

    package init() {}

    /// Whether anything was refused; warnings do not count.
    package var hasErrors: Bool { problems.contains { !$0.isWarning } }
}
