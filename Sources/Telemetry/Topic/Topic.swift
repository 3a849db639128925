/// What a topic of the grammar carries. Input and output kinds are told apart by `isInput`.
package enum TopicKind: UInt8, Sendable, CaseIterable {
    /// `vehicles/{id}/telemetry`: a native report, or an array of them.
    case telemetry
    /// `vehicles/{id}/status`: online or offline, the tracker's last will.
    case status
    /// `vehicles/{id}/driver`: what the driver did.
    case driver
    /// `vehicles/{id}/commands/{subID}/result`: the vehicle's answer to a command.
    case commandResult
    /// `dispatch/orders/{id}`
    case order
    /// `dispatch/routes/{id}`
    case route
    /// `dispatch/customers/{id}`
    case customer
    /// `dispatch/vehicles/{id}`: a vehicle's master data.
    case vehicle
    /// `dispatch/drivers/{id}`: a driver's master data.
    case driverRecord
    /// `dispatch/geofences/{id}`
    case geofence
    /// `dispatch/conditions/{id}`: a traffic, closure or weather area.
    case condition
    /// `dispatch/commands/{id}`: a command asked for a vehicle.
    case command
    /// `dispatch/queries/{id}`
    case query
    /// `sms/receipts/{id}`
    case smsReceipt

    /// `events/{id}/{subID}`: group and type.
    case event
    /// `sms/requests/{id}`: the priority.
    case smsRequest
    /// `vehicles/{id}/commands/{subID}`: a command on its way to the vehicle.
    case vehicleCommand
    /// `state/vehicles/{id}`
    case vehicleState
    /// `state/stops/{id}`
    case stopState
    /// `dispatch/queries/{id}/result`: the answer where the query names no response topic.
    case queryResult
    /// `dead-letters`
    case deadLetters

    /// Whether the kind is published to Fleetstream, not by it.
    package var isInput: Bool { rawValue <= TopicKind.smsReceipt.rawValue }
}

/// A topic taken apart: ranges into the topic's bytes.
package struct Topic: Sendable, Equatable {
    package var kind: TopicKind
    package var fleet: Range<Int>
    /// The first id of the kind's pattern; empty for `deadLetters`.
    package var id: Range<Int>
    /// The second id of the kind's pattern, empty where it has one only.
    package var subID: Range<Int>
}

/// Why a topic is not one of the grammar, and at which byte.
package struct TopicError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The raw value is the code that dead letters carry: it stays.
    package enum Reason: String, Sendable, CaseIterable {
        case tooLong = "topic_too_long"
        case invalidUTF8 = "topic_invalid_utf8"
        case containsNull = "topic_contains_null"
        case wildcard = "topic_wildcard"
        /// The topic stands outside the root, so it is some adapter's or nobody's.
        case otherRoot = "topic_other_root"
        case emptyLevel = "topic_empty_level"
        case tooManyLevels = "topic_too_many_levels"
        case idTooLong = "topic_id_too_long"
        case notInGrammar = "topic_not_in_grammar"
    }

    package var reason: Reason
    /// Byte offset into the topic.
    package var offset: Int

    package init(reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    package var description: String { "\(reason.rawValue) at byte \(offset)" }
}
