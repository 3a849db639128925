import Wire

/// What is wrong with a message, and where.
struct Fault {
    /// A word for programs, in snake_case.
    var reason: String
    /// A sentence for people.
    var detail: String
    /// Byte offset into the payload, or nil where that means nothing.
    var offset: Int?
}

extension EffectBuffer {
    /// The most bytes of a payload that a dead letter repeats.
    static let payloadMax = 4096

    /// A message, or the part of it from `offset` on, could not be used: a CloudEvent on `dead-letters` and a note for the
    /// store. Its id follows from topic, payload and reason, so that the same message delivered twice has one id. Telephone
    /// numbers in the payload are masked, in both; the journal keeps the message as it came.
    mutating func appendDeadLetter(
        _ fault: Fault, fleet: [UInt8], topicPrefix: [UInt8], message: MessageView, step: Engine.Step,
        excerptFrom: Int = 0
    ) {
        let excerpt = message.payload(from: excerptFrom, max: Self.payloadMax)
        let topic = span { out in
            out.append(contentsOf: topicPrefix)
            out.append(ascii: "dead-letters")
        }
        var cause: [UInt8] = []
        cause.append(contentsOf: message.topicBytes)
        cause.append(0)
        cause.append(contentsOf: fault.reason.utf8)
        cause.append(0)
        cause.append(decimal: Int64(fault.offset ?? -1))
        cause.append(contentsOf: excerpt)
        let id = Hash128(cause, seed: 1)
        let isCut = excerpt.count < message.payloadCount - excerptFrom
        let shown = PhoneNumber.masking(excerpt)
        let payload = span { out in
            out.append(ascii: "{\"specversion\":\"1.0\",\"id\":\"")
            out.append(hex: id.high)
            out.append(hex: id.low)
            out.append(ascii: "\",\"source\":\"/fleets/")
            out.append(contentsOf: Engine.jsonContent(fleet))
            out.append(ascii: "\",\"type\":\"fleetstream.system.dead_letter\"")
            out.member("time", time_ms: step.receivedTime_ms)
            out.append(ascii: ",\"datacontenttype\":\"application/json\",\"data\":{\"topic\":")
            out.appendJSON(stringBytes: message.topicBytes.span)
            out.member("reason", string: fault.reason)
            out.member("detail", string: fault.detail)
            if let offset = fault.offset {
                out.member("offset")
                out.append(decimal: Int64(offset))
            }
            out.member("payload_bytes")
            out.append(decimal: Int64(message.payloadCount))
            out.member(payload: shown, isCut: isCut)
            out.append(ascii: "}}")
        }
        effects.append(
            Effect(
                kind: .deadLetter, ordinal: step.ordinal, recordedTime_ms: step.receivedTime_ms, type: nil, id: id,
                topic: topic, payload: payload,
                vehicle: topic, correlation: 0..<0))
        deadLetters.append(
            DeadLetterNote(
                fleet: String(decoding: fleet, as: UTF8.self), receivedTime_ms: step.receivedTime_ms,
                topic: message.topicBytes, payload: shown, reason: fault.reason, detail: fault.detail,
                byteOffset: fault.offset))
    }
}

extension [UInt8] {
    /// The payload as text, or in base64 where it is not UTF-8.
    fileprivate mutating func member(payload: [UInt8], isCut: Bool) {
        // A cut may split the last character, so that up to three bytes at the end do not count then.
        if let invalid = firstInvalidUTF8(payload.span), !isCut || invalid < payload.count - 3 {
            member("payload_base64")
            append(UInt8(ascii: "\""))
            append(base64: payload)
            append(UInt8(ascii: "\""))
        } else {
            member("payload")
            appendJSON(stringBytes: payload.span)
        }
    }

    /// RFC 4648, with padding.
    mutating func append(base64 bytes: [UInt8]) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var index = 0
        while index < bytes.count {
            let available = Swift.min(3, bytes.count - index)
            var group: UInt32 = 0
            for offset in 0..<3 { group = group << 8 | (offset < available ? UInt32(bytes[index + offset]) : 0) }
            for place in 0..<4 {
                let symbol = alphabet[Int(group >> UInt32(18 - 6 * place)) & 63]
                append(place <= available ? symbol : UInt8(ascii: "="))
            }
            index += 3
        }
    }
}

/// One message of a batch, by reference into its bytes.
struct MessageView {
    let batch: MessageBatch
    let header: FrameHeader

    init(_ batch: MessageBatch, _ frame: Int) {
        self.batch = batch
        header = batch.header(at: frame)
    }

    var topicBytes: [UInt8] { Array(batch.bytes[header.topic]) }
    var payloadCount: Int { header.payload.count }

    func payload(from offset: Int, max: Int) -> [UInt8] {
        let start = header.payload.lowerBound + min(offset, header.payload.count)
        return Array(batch.bytes[start..<min(start + max, header.payload.upperBound)])
    }
}
