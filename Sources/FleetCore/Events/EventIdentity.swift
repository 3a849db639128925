import Wire

/// What happened, put into bytes and hashed: the event's id.
///
/// Only what belongs to the happening itself goes in (fleet, type, vehicle, subject, fix times), never a receive time, a
/// shard or a counter of this process, so that the same happening has the same id after a crash, in a replay and on
/// another node. The bytes are hashed with MurmurHash3 x64 128; every part is preceded by its length, so that no two
/// different lists of parts give the same bytes.
struct EventIdentity {
    private var bytes: [UInt8]

    init() {
        bytes = []
        bytes.reserveCapacity(256)
    }

    mutating func begin(_ type: EventType, fleet: [UInt8]) {
        bytes.removeAll(keepingCapacity: true)
        add(fleet)
        addLength(type.group.utf8CodeUnitCount + 1 + type.name.utf8CodeUnitCount)
        type.group.withUTF8Buffer { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "."))
        type.name.withUTF8Buffer { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ part: some Collection<UInt8>) {
        addLength(part.count)
        bytes.append(contentsOf: part)
    }

    mutating func add(_ number: Int64) {
        addLength(MemoryLayout<Int64>.size)
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func addLength(_ length: Int) {
        withUnsafeBytes(of: UInt32(length).littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The id, 128 bits.
    func hash() -> Hash128 { Hash128(bytes.span, seed: 0) }
}
