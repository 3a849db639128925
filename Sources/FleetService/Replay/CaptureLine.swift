import Wire

/// One line of a capture, as `mosquitto_sub -F %j` or `-F %J` prints it: a JSON object with `tst`, `topic` and `payload`.
///
/// The payload is a JSON value (`%J`: its text is the message) or a string (`%j`: its content is the message). Such
/// strings may hold bytes that are not UTF-8, because mosquitto prints them as they came; that is for the decoder to
/// judge, so that this reader lets them pass.
///
/// One value reads line after line: its buffers stay, so that a line costs no allocation.
struct CaptureLine {
    /// Received time, ms since 1970; nil where the line has none.
    private(set) var time_ms: Int64?
    private(set) var topic: [UInt8] = []
    private(set) var payload: [UInt8] = []
    private(set) var responseTopic: [UInt8] = []
    private(set) var correlation: [UInt8] = []
    private(set) var isRetained = false
    private var scratch: [UInt8] = []

    /// Why a line is not one of a capture.
    struct Fault: Error {
        var detail: String
        var offset: Int
    }

    /// MQTT lengths are 16 bits wide.
    private static let lengthMax = 65_535

    init() {}

    init(_ line: Span<UInt8>) throws(Fault) { try read(line) }

    /// Takes over another line. After an error the value holds some of it.
    mutating func read(_ line: Span<UInt8>) throws(Fault) {
        time_ms = nil
        isRetained = false
        topic.removeAll(keepingCapacity: true)
        payload.removeAll(keepingCapacity: true)
        responseTopic.removeAll(keepingCapacity: true)
        correlation.removeAll(keepingCapacity: true)
        var hasTopic = false
        var hasPayload = false
        var scanner = LineScanner()
        try scanner.open(line)
        while let member = try scanner.next(line) {
            let value = member.value
            if scanner.key(member, is: "tst", line) || scanner.key(member, is: "timestamp", line) {
                guard let time = time(line, value) else {
                    throw Fault(
                        detail: "tst is neither an RFC 3339 time nor a number", offset: value.range.lowerBound)
                }
                time_ms = time
            } else if scanner.key(member, is: "topic", line) {
                guard value.kind == .string else {
                    throw Fault(detail: "topic is not a string", offset: value.range.lowerBound)
                }
                topic.removeAll(keepingCapacity: true)
                value.appendContent(line, to: &topic)
                hasTopic = true
            } else if scanner.key(member, is: "payload", line) {
                hasPayload = true
                payload.removeAll(keepingCapacity: true)
                if value.kind == .string {
                    value.appendContent(line, to: &payload)
                } else if !Self.isNull(line, value.range) {
                    payload.append(line, value.range)
                }
            } else if scanner.key(member, is: "retain", line) {
                isRetained = value.range.count == 1 && line[value.range.lowerBound] == UInt8(ascii: "1")
            } else if scanner.key(member, is: "properties", line) {
                try readProperties(line, value)
            }
        }
        try scanner.expectEnd(line)
        guard hasTopic else { throw Fault(detail: "topic is missing", offset: 0) }
        guard hasPayload else { throw Fault(detail: "payload is missing", offset: 0) }
    }

    private mutating func readProperties(_ line: Span<UInt8>, _ value: LineScanner.Value) throws(Fault) {
        guard value.kind == .container else { return }
        var scanner = LineScanner(position: value.range.lowerBound)
        try scanner.open(line)
        while let member = try scanner.next(line) {
            guard member.value.kind == .string else { continue }
            if scanner.key(member, is: "response-topic", line) {
                responseTopic.removeAll(keepingCapacity: true)
                member.value.appendContent(line, to: &responseTopic)
            } else if scanner.key(member, is: "correlation-data", line) {
                correlation.removeAll(keepingCapacity: true)
                member.value.appendContent(line, to: &correlation)
            }
        }
    }

    /// Appends the message to a batch.
    func append(to batch: inout MessageBatch, receivedTime_ms: Int64) {
        topic.withUnsafeBytes { topic in
            payload.withUnsafeBytes { payload in
                responseTopic.withUnsafeBytes { responseTopic in
                    correlation.withUnsafeBytes { correlation in
                        batch.append(
                            kind: .message, receivedTime_ms: receivedTime_ms, topic: topic, payload: payload,
                            responseTopic: UnsafeRawBufferPointer(rebasing: responseTopic.prefix(Self.lengthMax)),
                            correlation: UnsafeRawBufferPointer(rebasing: correlation.prefix(Self.lengthMax)),
                            isRetained: isRetained)
                    }
                }
            }
        }
    }

    private static func isNull(_ line: Span<UInt8>, _ range: Range<Int>) -> Bool {
        let word: StaticString = "null"
        guard range.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where line[range.lowerBound + index] != word.utf8Start[index] { return false }
        return true
    }

    /// RFC 3339; `…Z+0800`, which mosquitto prints for local time with an offset; seconds or milliseconds since 1970.
    private mutating func time(_ line: Span<UInt8>, _ value: LineScanner.Value) -> Int64? {
        let range = value.range
        switch value.kind {
        case .string:
            guard range.count > 6, line[range.upperBound - 6] == UInt8(ascii: "Z") else {
                return RFC3339.parse(line, range)
            }
            // …Z±HHMM → …±HH:MM
            scratch.removeAll(keepingCapacity: true)
            scratch.append(line, range.lowerBound..<(range.upperBound - 6))
            scratch.append(line, (range.upperBound - 5)..<(range.upperBound - 2))
            scratch.append(UInt8(ascii: ":"))
            scratch.append(line, (range.upperBound - 2)..<range.upperBound)
            return RFC3339.parse(scratch.span)
        case .scalar:
            var cursor = JSONCursor(position: range.lowerBound)
            guard let number = try? cursor.readNumber(in: line), number >= 0, number < 1e15 else { return nil }
            return Int64((number < 1e11 ? number * 1000 : number).rounded())
        case .container:
            return nil
        }
    }
}
