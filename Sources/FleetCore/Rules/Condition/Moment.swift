import Wire

/// When something began, and where if that is known: the part of a fix that rules must remember, in 16 bytes.
struct Moment: Sendable, Equatable, BitwiseCopyable {
    static let none = Moment()

    private(set) var time_ms = Int64.min
    private var latitude_e7 = Int32.min
    private var longitude_e7 = Int32.min

    private init() {}

    init(_ observation: borrowing Observation) {
        time_ms = observation.time_ms
        guard observation.hasPosition else { return }
        latitude_e7 = observation.fix.latitude_e7
        longitude_e7 = observation.fix.longitude_e7
    }

    var isNone: Bool { time_ms == .min }

    var place: Fix? {
        guard !isNone, latitude_e7 != .min else { return nil }
        return Fix(time_ms: time_ms, latitude_e7: latitude_e7, longitude_e7: longitude_e7)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(!isNone)
        guard !isNone else { return }
        writer.write(time_ms)
        writer.write(latitude_e7 != .min)
        guard latitude_e7 != .min else { return }
        writer.write(latitude_e7)
        writer.write(longitude_e7)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        guard try reader.bool() else { return }
        time_ms = try reader.time_ms()
        guard try reader.bool() else { return }
        latitude_e7 = try reader.integer()
        longitude_e7 = try reader.integer()
        guard abs(Int64(latitude_e7)) <= 900_000_000, abs(Int64(longitude_e7)) <= 1_800_000_000 else {
            throw SnapshotError(reason: "a place is out of range")
        }
    }
}

extension ByteWriter {
    /// `Int64.min` stands for no time.
    mutating func write(optionalTime_ms time_ms: Int64) {
        write(time_ms != .min)
        if time_ms != .min { write(time_ms) }
    }

    mutating func write<T: RawRepresentable<UInt8>>(_ value: T) { write(value.rawValue) }
}

extension ByteReader {
    /// What `write(optionalTime_ms:)` wrote.
    mutating func optionalTime_ms() throws(SnapshotError) -> Int64 { try bool() ? try time_ms() : .min }

    mutating func enumeration<T: RawRepresentable<UInt8>>(_: T.Type = T.self) throws(SnapshotError) -> T {
        guard let value = T(rawValue: try integer()) else {
            throw SnapshotError(reason: "an enumeration is out of range")
        }
        return value
    }

    /// A number that can be reckoned with.
    mutating func finiteFloat() throws(SnapshotError) -> Float {
        let value = try float()
        guard value.isFinite else { throw SnapshotError(reason: "a number is not finite") }
        return value
    }

    /// A number of at most `maximum`.
    mutating func integer<T: FixedWidthInteger>(upTo maximum: T) throws(SnapshotError) -> T {
        let value: T = try integer()
        guard value >= 0, value <= maximum else { throw SnapshotError(reason: "a number is out of range") }
        return value
    }
}
