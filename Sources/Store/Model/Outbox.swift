/// One message to be published.
package struct OutboxEntry: Sendable, Equatable {
    /// 0 while it is not stored.
    package var id: Int64
    package var topic: [UInt8]
    package var payload: [UInt8]
    package var isRetained: Bool
    /// MQTT 5 content type.
    package var contentType: String?
    /// MQTT 5 correlation data, empty where there is none.
    package var correlation: [UInt8]
    /// Identity of the event, empty where the message is none.
    package var eventID: [UInt8]
    package var created_ms: Int64
    package var priority: UInt8

    package init(
        id: Int64 = 0, topic: [UInt8], payload: [UInt8], isRetained: Bool = false, contentType: String? = nil,
        correlation: [UInt8] = [], eventID: [UInt8] = [], created_ms: Int64, priority: UInt8 = 0
    ) {
        self.id = id
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.contentType = contentType
        self.correlation = correlation
        self.eventID = eventID
        self.created_ms = created_ms
        self.priority = priority
    }
}

/// Messages to be published in one contiguous buffer: how the engine renders them and how they are bound to SQL, without
/// an allocation a message. `removeAll` keeps the buffers.
package struct OutboxBatch: Sendable, Equatable {
    /// One message; the ranges are places in `bytes` and may overlap or share.
    package struct Entry: Sendable, Equatable {
        package var topic: Range<Int32>
        package var payload: Range<Int32>
        /// UTF-8; empty for none.
        package var contentType: Range<Int32>
        /// Empty for none.
        package var correlation: Range<Int32>
        /// Empty for none.
        package var eventID: Range<Int32>
        package var created_ms: Int64
        package var priority: UInt8
        package var isRetained: Bool

        package init(
            topic: Range<Int32>, payload: Range<Int32>, contentType: Range<Int32> = 0..<0,
            correlation: Range<Int32> = 0..<0, eventID: Range<Int32> = 0..<0, created_ms: Int64, priority: UInt8 = 0,
            isRetained: Bool = false
        ) {
            self.topic = topic
            self.payload = payload
            self.contentType = contentType
            self.correlation = correlation
            self.eventID = eventID
            self.created_ms = created_ms
            self.priority = priority
            self.isRetained = isRetained
        }
    }

    /// At most 2 GiB.
    package var bytes: [UInt8]
    /// In the order in which they are to be published.
    package var entries: [Entry]

    package init(bytes: [UInt8] = [], entries: [Entry] = []) {
        self.bytes = bytes
        self.entries = entries
    }

    /// Copies entries, whose ids are ignored.
    package init(_ entries: [OutboxEntry]) {
        self.init()
        for entry in entries { append(entry) }
    }

    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    package mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        entries.removeAll(keepingCapacity: true)
    }

    /// Copies one entry, whose id is ignored.
    package mutating func append(_ entry: OutboxEntry) {
        let topic = append(entry.topic)
        let payload = append(entry.payload)
        let contentType = append(entry.contentType?.utf8.map { $0 } ?? [])
        let correlation = append(entry.correlation)
        let eventID = append(entry.eventID)
        entries.append(
            Entry(
                topic: topic, payload: payload, contentType: contentType, correlation: correlation, eventID: eventID,
                created_ms: entry.created_ms, priority: entry.priority, isRetained: entry.isRetained))
    }

    private mutating func append(_ part: [UInt8]) -> Range<Int32> {
        let start = Int32(bytes.count)
        bytes.append(contentsOf: part)
        return start..<Int32(bytes.count)
    }
}
