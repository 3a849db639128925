package import Wire

/// The whole state of the engine at one place of the log, as bytes: one part of the router, one of the desks, and one or
/// several of each shard.
///
/// Vehicles are written by id and fences by id and text, so that a snapshot can be read by any number of shards.
package struct Snapshot: Sendable {
    /// Written into every part; a part of another format is refused.
    static let format: UInt32 = 6

    package var router: [UInt8]
    package var desks: [UInt8]
    package var shards: [[UInt8]]

    package init(router: [UInt8], desks: [UInt8], shards: [[UInt8]]) {
        self.router = router
        self.desks = desks
        self.shards = shards
    }

    /// All parts, the router's first and then the desks': as the store keeps them.
    package var parts: [[UInt8]] { [router, desks] + shards }

    package init(parts: [[UInt8]]) throws(SnapshotError) {
        guard parts.count >= 2 else { throw SnapshotError(reason: "it has too few parts") }
        self.init(router: parts[0], desks: parts[1], shards: Array(parts.dropFirst(2)))
    }

    static func checkFormat(_ reader: inout ByteReader) throws(SnapshotError) {
        let format: UInt32 = try reader.integer()
        guard format == Self.format else {
            throw SnapshotError(reason: "its format is \(format), this version reads \(Self.format)")
        }
    }
}
