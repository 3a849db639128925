import Wire

extension Report {
    /// The driver's id; nil where the report names none. `payload` is the one that the report was decoded from.
    package func driverID(in payload: Span<UInt8>) -> String? {
        guard fields.contains(.driver) else { return nil }
        if driver.isEmpty { return "" }
        var cursor = JSONCursor(position: Int(driver.lower))
        return try? cursor.readString(in: payload).string(in: payload)
    }

    /// The id by which the payload names the vehicle, in UTF-8; nil where it names none.
    package func identityBytes(in payload: Span<UInt8>) -> [UInt8]? { identity.text(in: payload) }

    /// The trouble codes in the report's order; nil where it says nothing of them.
    package func troubleCodes(in payload: Span<UInt8>) -> [String]? {
        guard fields.contains(.dtc) else { return nil }
        var cursor = JSONCursor(position: Int(dtc.lower))
        var codes: [String] = []
        do {
            if try cursor.peekKind(in: payload) == .string {
                let list = try cursor.readString(in: payload).string(in: payload)
                return list.split { $0 == " " || $0 == "," }.map(String.init)
            }
            try cursor.beginArray(in: payload)
            while try cursor.nextElement(in: payload) {
                codes.append(try cursor.readString(in: payload).string(in: payload))
            }
        } catch {
            return nil
        }
        return codes
    }
}

extension ByteRange {
    /// What JSON text in a payload says: the content of a string, a number as it is written. Nil where the range is empty.
    package func text(in payload: Span<UInt8>) -> [UInt8]? {
        guard !isEmpty else { return nil }
        var bytes: [UInt8] = []
        guard payload[Int(lower)] == UInt8(ascii: "\"") else {
            bytes.append(payload, range)
            return bytes
        }
        var cursor = JSONCursor(position: Int(lower))
        guard let text = try? cursor.readString(in: payload) else { return nil }
        if text.hasEscapes { return text.unescapedBytes(in: payload) }
        bytes.append(payload, text.range)
        return bytes
    }
}
