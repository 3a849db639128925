import Wire

/// Messages as lines of text, in the form that `mosquitto_sub -F %J` prints, or `%j` where the payload is not JSON:
/// `{"tst":"2026-11-20T08:15:30.250000Z","topic":"…","qos":1,"retain":0,"payloadlen":N,"payload":{…}}`.
///
/// As mosquitto_sub does, an empty payload is printed as null, and a payload that is not JSON as a string in which quote,
/// backslash and control characters are escaped and all other bytes stay as they are, UTF-8 or not.
package enum MessageLine {
    /// Appends the line of a message and a line feed.
    package static func append(_ message: SimulatedMessage, qos: UInt8, to bytes: inout [UInt8]) {
        bytes.append(ascii: "{\"tst\":\"")
        appendTime(message.time_us, to: &bytes)
        bytes.append(ascii: "\",\"topic\":")
        bytes.appendJSON(stringBytes: message.topic.span)
        bytes.append(ascii: ",\"qos\":")
        bytes.append(UInt8(ascii: "0") + qos)
        bytes.append(ascii: message.isRetained ? ",\"retain\":1,\"payloadlen\":" : ",\"retain\":0,\"payloadlen\":")
        bytes.append(decimal: Int64(message.payload.count))
        bytes.append(ascii: ",\"payload\":")
        if message.payload.isEmpty {
            bytes.append(ascii: "null")
        } else if message.isJSON {
            bytes.append(contentsOf: message.payload)
        } else {
            appendString(message.payload, to: &bytes)
        }
        bytes.append(ascii: "}\n")
    }

    /// RFC 3339 with six decimals: the milliseconds' text with the microseconds put before its Z.
    private static func appendTime(_ time_us: Int64, to bytes: inout [UInt8]) {
        let micro = Int((time_us % 1_000 + 1_000) % 1_000)
        RFC3339.append((time_us - Int64(micro)) / 1_000, to: &bytes)
        bytes.removeLast()
        bytes.append(UInt8(ascii: "0") + UInt8(micro / 100))
        bytes.append(UInt8(ascii: "0") + UInt8(micro / 10 % 10))
        bytes.append(UInt8(ascii: "0") + UInt8(micro % 10))
        bytes.append(UInt8(ascii: "Z"))
    }

    private static func appendString(_ payload: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in payload {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(ascii: "\\u00")
                bytes.append(hexDigit(byte >> 4))
                bytes.append(hexDigit(byte & 15))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
