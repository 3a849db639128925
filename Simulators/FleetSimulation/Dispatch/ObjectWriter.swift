import Wire

/// Writes one JSON object, member by member, in the order of the calls.
struct ObjectWriter {
    private var bytes: [UInt8] = [UInt8(ascii: "{")]

    private mutating func key(_ name: StaticString) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(ascii: name)
        bytes.append(ascii: "\":")
    }

    mutating func add(_ name: StaticString, _ text: String) {
        key(name)
        bytes.appendJSON(string: text)
    }

    mutating func add(_ name: StaticString, _ number: Int) {
        key(name)
        bytes.append(decimal: Int64(number))
    }

    mutating func add(_ name: StaticString, _ flag: Bool) {
        key(name)
        bytes.append(ascii: flag ? "true" : "false")
    }

    /// A number with at most `decimals` decimals (0 … 8).
    mutating func add(_ name: StaticString, _ number: Double, decimals: Int) {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        key(name)
        bytes.append(fixed: Int64((number * scale).rounded()), decimals: decimals)
    }

    mutating func add(_ name: StaticString, time_ms: Int64) {
        key(name)
        bytes.append(UInt8(ascii: "\""))
        RFC3339.append(time_ms, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// JSON as it stands.
    mutating func add(_ name: StaticString, json: [UInt8]) {
        key(name)
        bytes.append(contentsOf: json)
    }

    mutating func add(_ name: StaticString, _ members: (inout ObjectWriter) -> Void) {
        add(name, json: Self.object(members))
    }

    mutating func add(_ name: StaticString, array elements: [[UInt8]]) {
        key(name)
        bytes.append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: element)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    static func object(_ members: (inout ObjectWriter) -> Void) -> [UInt8] {
        var writer = ObjectWriter()
        members(&writer)
        writer.bytes.append(UInt8(ascii: "}"))
        return writer.bytes
    }
}

extension [UInt8] {
    /// Appends a time by Taiwan's clock as `2026-11-20T08:15:30.250Z`: for its digits only.
    mutating func append(localTime_ms time_ms: Int64) {
        RFC3339.append(time_ms + TrafficPattern.localOffset_ms, to: &self)
    }
}
