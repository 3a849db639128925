/// Why a snapshot could not be read.
package struct SnapshotError: Error, Sendable, CustomStringConvertible {
    package var reason: String

    package init(reason: String) { self.reason = reason }

    package var description: String { "the snapshot cannot be read: \(reason)" }
}

/// Little-endian integers and length-prefixed bytes, one after another: the form of a snapshot.
package struct ByteWriter {
    package init() {}

    package var bytes: [UInt8] = []

    package mutating func write<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    package mutating func write(_ value: Double) { write(value.bitPattern) }
    package mutating func write(_ value: Float) { write(value.bitPattern) }
    package mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

    package mutating func write(_ value: some Collection<UInt8>) {
        write(UInt32(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func write(_ value: String) { write(Array(value.utf8)) }

    package mutating func write<T>(optional value: T?, _ body: (inout ByteWriter, T) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    package mutating func write(optional value: Bool?) { bytes.append(value.map { $0 ? 2 : 1 } ?? 0) }
}

/// Reads what `ByteWriter` wrote; what does not fit is an error, never a crash.
package struct ByteReader {
    package let bytes: [UInt8]
    package var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package var isAtEnd: Bool { position == bytes.count }

    private mutating func take(_ count: Int) throws(SnapshotError) -> Range<Int> {
        guard count >= 0, count <= bytes.count - position else { throw SnapshotError(reason: "cut short") }
        defer { position += count }
        return position..<(position + count)
    }

    package mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) throws(SnapshotError) -> T {
        let range = try take(MemoryLayout<T>.size)
        return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: range.lowerBound, as: T.self)) }
    }

    /// A time that can be written as text, and with which one can reckon without overflow.
    package mutating func time_ms() throws(SnapshotError) -> Int64 {
        let time_ms: Int64 = try integer()
        guard time_ms >= RFC3339.minimum_ms, time_ms <= RFC3339.maximum_ms else {
            throw SnapshotError(reason: "a time is out of range")
        }
        return time_ms
    }

    /// The same, or `Int64.min` for a time that never was.
    package mutating func timeOrNever_ms() throws(SnapshotError) -> Int64 {
        let start = position
        let time_ms: Int64 = try integer()
        if time_ms == Int64.min { return time_ms }
        position = start
        return try self.time_ms()
    }

    /// A count that is far from where counting on would overflow.
    package mutating func smallCount() throws(SnapshotError) -> Int64 {
        let count: Int64 = try integer()
        guard (0...Int64(Int32.max)).contains(count) else { throw SnapshotError(reason: "a count is out of range") }
        return count
    }

    package mutating func double() throws(SnapshotError) -> Double { Double(bitPattern: try integer()) }
    package mutating func float() throws(SnapshotError) -> Float { Float(bitPattern: try integer()) }

    package mutating func bool() throws(SnapshotError) -> Bool {
        let value: UInt8 = try integer()
        guard value <= 1 else { throw SnapshotError(reason: "a truth value is neither 0 nor 1") }
        return value == 1
    }

    package mutating func optionalBool() throws(SnapshotError) -> Bool? {
        let value: UInt8 = try integer()
        guard value <= 2 else { throw SnapshotError(reason: "an optional truth value is out of range") }
        return value == 0 ? nil : value == 2
    }

    package mutating func data() throws(SnapshotError) -> [UInt8] {
        let count: UInt32 = try integer()
        return Array(bytes[try take(Int(count))])
    }

    package mutating func string() throws(SnapshotError) -> String { String(decoding: try data(), as: UTF8.self) }

    package mutating func optional<T>(_ body: (inout ByteReader) throws(SnapshotError) -> T) throws(SnapshotError) -> T?
    {
        try bool() ? try body(&self) : nil
    }

    /// A count of things that take at least one byte each.
    package mutating func count() throws(SnapshotError) -> Int {
        let count: UInt32 = try integer()
        guard Int(count) <= bytes.count - position else { throw SnapshotError(reason: "a count exceeds what is there") }
        return Int(count)
    }
}
