/// What a message of the simulation is.
package enum MessageKind: UInt8, Sendable, CaseIterable {
    /// Master data of a vehicle, a driver or a customer, as dispatch would publish it.
    case masterData
    /// A tracker saying that it is online or offline.
    case status
    /// The last will that the broker publishes for a tracker whose connection broke: nobody sends it.
    case lastWill
    /// One report, or a malformed one.
    case telemetry
    /// An array of buffered reports.
    case upload
    case order
    case route
    /// Slow traffic or a closed road, and without payload its end.
    case condition
    /// Dispatch asks for a command to a vehicle.
    case command
    /// A driver says something by an app.
    case driverAction
    /// A vehicle answers a command.
    case commandResult
    /// A gateway tells what became of a text message.
    case receipt

    /// Whether the broker keeps the newest of the topic.
    package var isRetained: Bool {
        switch self {
        case .masterData, .status, .lastWill, .condition: true
        case .telemetry, .upload, .order, .route, .command, .driverAction, .commandResult, .receipt: false
        }
    }

    /// Whether dispatch or a gateway sends it, and no vehicle.
    package var isFromDispatch: Bool {
        switch self {
        case .masterData, .order, .route, .condition, .command, .receipt: true
        case .status, .lastWill, .telemetry, .upload, .driverAction, .commandResult: false
        }
    }

    /// Whether it was decided in advance: not to be sent before its time, not even at the end of a run.
    var isPlayed: Bool {
        switch self {
        case .order, .route, .condition, .command, .driverAction, .commandResult, .receipt: true
        case .masterData, .status, .lastWill, .telemetry, .upload: false
        }
    }
}

/// A message about to leave a vehicle.
package struct SimulatedMessage: Sendable {
    package var kind: MessageKind
    /// The vehicle's index, 0 ..< count; −1 for what is of no vehicle.
    package var vehicle: Int
    /// When it is sent: simulated time as microseconds since 1970.
    package var time_us: Int64
    package var topic: [UInt8]
    package var payload: [UInt8]
    package var isRetained: Bool
    /// Whether the payload is JSON that every parser takes.
    package var isJSON: Bool
}

/// Where a simulation's messages go: standard output, a broker, or a test.
package protocol MessageSink {
    /// Takes one message; times never descend.
    mutating func send(_ message: SimulatedMessage) throws(SimulationError)
}
