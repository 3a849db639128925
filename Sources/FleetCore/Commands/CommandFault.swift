/// Why a message about a command cannot be used.
struct CommandFault: Error, Sendable, Equatable {
    /// The raw value is the code that dead letters carry: it stays.
    enum Reason: String, Sendable, CaseIterable {
        case payloadTooLarge = "payload_too_large"
        case jsonSyntax = "json_syntax"
        case notAnObject = "not_an_object"
        case wrongType = "wrong_type"
        case identityMismatch = "identity_mismatch"
        case missingVehicle = "missing_vehicle"
        case invalidVehicle = "invalid_vehicle"
        case missingCommand = "missing_command"
        case unknownCommand = "unknown_command"
        case missingReason = "missing_reason"
        case missingRequester = "missing_requested_by"
        case missingParameter = "missing_parameter"
        case unknownParameter = "unknown_parameter"
        case conflictingParameters = "conflicting_parameters"
        case outOfRange = "out_of_range"
        case notAnInteger = "not_an_integer"
        case invalidTime = "invalid_time"
        case conflictingExpiry = "conflicting_expiry"
        case textTooLong = "text_too_long"
        case invalidGeofence = "invalid_geofence"
        case missingStatus = "missing_status"
        case unknownStatus = "unknown_status"
        // Of a result that is well written, but answers nothing.
        case commandNotOpen = "command_not_open"
        case commandNotSent = "command_not_sent"
        case otherVehicle = "other_vehicle"
    }

    var reason: Reason
    /// A sentence for people.
    var detail: String
    /// Byte offset into the payload; nil where that means nothing.
    var offset: Int?

    /// As dead letters take it.
    var fault: Fault { Fault(reason: reason.rawValue, detail: detail, offset: offset) }
}
