/// Input that could not be used, and why.
package struct DeadLetter: Sendable, Equatable {
    package var received_ms: Int64
    package var topic: [UInt8]
    /// A fixed word for the kind of fault.
    package var reason: String
    /// A sentence for people.
    package var detail: String
    /// Where in the payload; nil where the fault is not at a place.
    package var byteOffset: Int?
    package var payload: [UInt8]
    package var fleet: String

    package init(
        received_ms: Int64, topic: [UInt8], reason: String, detail: String, byteOffset: Int? = nil,
        payload: [UInt8], fleet: String
    ) {
        self.received_ms = received_ms
        self.topic = topic
        self.reason = reason
        self.detail = detail
        self.byteOffset = byteOffset
        self.payload = payload
        self.fleet = fleet
    }
}

/// A dead letter with its place in the store.
package struct StoredDeadLetter: Sendable, Equatable {
    package var id: Int64
    package var letter: DeadLetter

    package init(id: Int64, letter: DeadLetter) {
        self.id = id
        self.letter = letter
    }
}
