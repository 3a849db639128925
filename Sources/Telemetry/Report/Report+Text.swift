import Wire

extension Report {
    /// The driver's id; nil where the report names none. `payload` is the one that the report was decoded from.
    package func driverID(in payload: Span<UInt8>) -> String? {
        guard fields.contains(.driver) else { return nil }
        var cursor = JSONCursor(position: Int(driver.lower))
        return try? cursor.readString(in: payload).string(in: payload)
    }

    /// The trouble codes in the report's order; nil where it says nothing of them.
    package func troubleCodes(in payload: Span<UInt8>) -> [String]? {
        guard fields.contains(.dtc) else { return nil }
        var cursor = JSONCursor(position: Int(dtc.lower))
        var codes: [String] = []
        do {
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
