import Wire

/// The id of an order, a route, a stop, a customer, a driver or a command, as bytes: two spellings that Unicode holds for
/// equal are two ids.
struct DispatchID: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }

    /// For logs and tests.
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension DispatchID: Comparable {
    static func < (left: DispatchID, right: DispatchID) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

extension [UInt8] {
    /// `,"name":"id"`.
    mutating func member(_ name: StaticString, id: DispatchID) {
        member(name)
        appendJSON(stringBytes: id.bytes.span)
    }
}

extension ByteWriter {
    mutating func write(_ id: DispatchID) { write(id.bytes) }
}

extension ByteReader {
    mutating func dispatchID() throws(SnapshotError) -> DispatchID { DispatchID(try data()) }
}
