import Wire

/// Little-endian integers and length-prefixed bytes, one after another: the form of a snapshot.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func write<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func write(_ value: Double) { write(value.bitPattern) }
    mutating func write(_ value: Float) { write(value.bitPattern) }
    mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func write(_ value: some Collection<UInt8>) {
        write(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    mutating func write(_ value: String) { write(Array(value.utf8)) }

    mutating func write<T>(optional value: T?, _ body: (inout ByteWriter, T) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    mutating func write(optional value: Bool?) { bytes.append(value.map { $0 ? 2 : 1 } ?? 0) }
}

/// Reads what `ByteWriter` wrote; what does not fit is an error, never a crash.
struct ByteReader {
    let bytes: [UInt8]
    var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func take(_ count: Int) throws(SnapshotError) -> Range<Int> {
        guard count >= 0, count <= bytes.count - position else { throw SnapshotError(reason: "cut short") }
        defer { position += count }
        return position..<(position + count)
    }

    mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(SnapshotError) -> T {
        let range = try take(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self)) }
    }

    /// A time that can be written as text, and with which one can reckon without overflow.
    mutating func time_ms() throws(SnapshotError) -> Int64 {
        let time_ms: Int64 = try integer()
        guard time_ms >= RFC3339.minimum_ms, time_ms <= RFC3339.maximum_ms else {
            throw SnapshotError(reason: "a time is out of range")
        }
        return time_ms
    }

    mutating func double() throws(SnapshotError) -> Double { Double(bitPattern: try integer()) }
    mutating func float() throws(SnapshotError) -> Float { Float(bitPattern: try integer()) }

    mutating func bool() throws(SnapshotError) -> Bool {
        let value: UInt8 = try integer()
        guard value <= 1 else { throw SnapshotError(reason: "a truth value is neither 0 nor 1") }
        return value == 1
    }

    mutating func optionalBool() throws(SnapshotError) -> Bool? {
        let value: UInt8 = try integer()
        guard value <= 2 else { throw SnapshotError(reason: "an optional truth value is out of range") }
        return value == 0 ? nil : value == 2
    }

    mutating func data() throws(SnapshotError) -> [UInt8] {
        let count: UInt32 = try integer()
        return Array(bytes[try take(Int(count))])
    }

    mutating func string() throws(SnapshotError) -> String { String(decoding: try data(), as: UTF8.self) }

    mutating func optional<T>(_ body: (inout ByteReader) throws(SnapshotError) -> T) throws(SnapshotError) -> T? {
        try bool() ? try body(&self) : nil
    }

    /// A count of things that take at least one byte each.
    mutating func count() throws(SnapshotError) -> Int {
        let count: UInt32 = try integer()
        guard Int(count) <= bytes.count - position else { throw SnapshotError(reason: "a count exceeds what is there") }
        return Int(count)
    }
}
