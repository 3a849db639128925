/// What a message of the simulation is.
package enum MessageKind: UInt8, Sendable, CaseIterable {
    /// Master data of a vehicle, as dispatch would publish it.
    case masterData
    /// A tracker saying that it is online or offline.
    case status
    /// The last will that the broker publishes for a tracker whose connection broke: nobody sends it.
    case lastWill
    /// One report, or a malformed one.
    case telemetry
    /// An array of buffered reports.
    case upload

    /// Whether the broker keeps the newest of the topic.
    package var isRetained: Bool {
        switch self {
        case .masterData, .status, .lastWill: true
        case .telemetry, .upload: false
        }
    }
}

/// A message about to leave a vehicle.
package struct SimulatedMessage: Sendable {
    package var kind: MessageKind
    /// The vehicle's index, 0 ..< count.
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
