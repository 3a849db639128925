import FleetCore
import Foundation
import Wire

/// Writes what would have been published, a line a message, in the form that `replay` reads.
struct ReplayWriter {
    /// Owned, because a file is closed with its handle.
    private let handle: FileHandle
    private let includesState: Bool
    private var buffer: [UInt8] = []

    private static let flushBytes = 1 << 18

    init(_ handle: FileHandle, includesState: Bool) {
        self.handle = handle
        self.includesState = includesState
    }

    /// - Parameter onlyStates: writes nothing but retained states.
    mutating func write(_ output: BatchOutput, onlyStates: Bool = false) throws(ReplayError) {
        output.visit { effect, bytes in
            if effect.kind == .state ? !includesState : onlyStates { return }
            buffer.appendReplayLine(
                time_ms: effect.recordedTime_ms, topic: bytes[effect.topic], payload: bytes[effect.payload],
                isRetained: effect.kind == .state, masksNumbers: effect.type == .smsRequest)
        }
        if buffer.count >= Self.flushBytes { try flush() }
    }

    /// A line of the input that is none: a dead letter of its own.
    mutating func writeBadLine(
        _ line: [UInt8], number: Int, fault: CaptureLine.Fault, time_ms: Int64, topicRoot: String
    ) throws(ReplayError) {
        let id = Hash128(line + Array("line \(number)".utf8), seed: 1)
        var payload: [UInt8] = []
        payload.append(ascii: "{\"specversion\":\"1.0\",\"id\":\"")
        payload.append(hex: id.high)
        payload.append(hex: id.low)
        payload.append(ascii: "\",\"source\":\"/fleets/_\",\"type\":\"fleetstream.system.dead_letter\",\"time\":\"")
        RFC3339.append(time_ms, to: &payload)
        payload.append(ascii: "\",\"datacontenttype\":\"application/json\",\"data\":{\"reason\":")
        payload.append(ascii: "\"capture_line_invalid\",\"detail\":")
        payload.appendJSON(string: fault.detail)
        payload.append(ascii: ",\"line\":")
        payload.append(decimal: Int64(number))
        payload.append(ascii: ",\"offset\":")
        payload.append(decimal: Int64(fault.offset))
        payload.append(ascii: ",\"payload\":")
        let shown = PhoneNumber.masking(line.prefix(4096))
        payload.appendJSON(stringBytes: shown.span)
        payload.append(ascii: "}}")
        let topic = Array("\(topicRoot)/_/dead-letters".utf8)
        buffer.appendReplayLine(time_ms: time_ms, topic: topic[...], payload: payload[...], isRetained: false)
        if buffer.count >= Self.flushBytes { try flush() }
    }

    mutating func flush() throws(ReplayError) {
        try writeWhole(buffer, to: handle.fileDescriptor, what: "the output")
        buffer.removeAll(keepingCapacity: true)
    }
}

extension [UInt8] {
    /// Appends a message as `replay` reads it.
    ///
    /// - Parameter masksNumbers: masks telephone numbers: in requests for messages to people, which have them.
    mutating func appendReplayLine(
        time_ms: Int64, topic: ArraySlice<UInt8>, payload: ArraySlice<UInt8>, isRetained: Bool,
        masksNumbers: Bool = false
    ) {
        append(ascii: "{\"tst\":\"")
        RFC3339.append(time_ms, to: &self)
        append(ascii: "\",\"topic\":")
        appendJSON(stringBytes: topic.span)
        append(ascii: ",\"retain\":")
        append(decimal: isRetained ? 1 : 0)
        append(ascii: ",\"payload\":")
        if payload.isEmpty {
            // What takes a retained message away: no JSON, but it stands in some.
            append(ascii: "\"\"")
        } else {
            append(contentsOf: masksNumbers ? PhoneNumber.masking(payload)[...] : payload)
        }
        append(ascii: "}\n")
    }
}

/// Writes all bytes, in as many pieces as it takes.
func writeWhole(_ bytes: [UInt8], to descriptor: Int32, what: String) throws(ReplayError) {
    var start = 0
    while start < bytes.count {
        let count = bytes.withUnsafeBytes { raw in
            Glibc.write(descriptor, raw.baseAddress.map { $0 + start }, raw.count - start)
        }
        if count < 0 {
            if errno == EINTR { continue }
            throw ReplayError(message: "writing \(what): \(systemError(errno))")
        }
        start += count
    }
}
