/// The newest events, each with a number of its own.
struct EventRing: Sendable {
    private var payloads: [[UInt8]] = []
    private var oldest = 0
    private var bytes = 0
    private let count_max: Int
    private let bytes_max: Int
    /// The number of the newest event; the first has 1.
    private(set) var newest: UInt64 = 0

    init(count_max: Int = 1_000, bytes_max: Int = 2 << 20) {
        self.count_max = max(1, count_max)
        self.bytes_max = bytes_max
    }

    var count: Int { payloads.count - oldest }

    mutating func append(_ payload: [UInt8]) {
        payloads.append(payload)
        bytes += payload.count
        newest += 1
        while count > count_max || (bytes > bytes_max && count > 1) {
            bytes -= payloads[oldest].count
            payloads[oldest] = []
            oldest += 1
        }
        // Half of the array is empty: forget that.
        if oldest > count_max {
            payloads.removeFirst(oldest)
            oldest = 0
        }
    }

    /// The number of the oldest event that is still known, less one.
    var forgotten: UInt64 { newest - UInt64(count) }

    /// Calls `body` with the events after number `after`, oldest first, until it returns false.
    func forEach(after: UInt64, _ body: (_ number: UInt64, _ payload: [UInt8]) -> Bool) {
        let first = max(after, forgotten)
        guard first < newest else { return }
        for number in (first + 1)...newest {
            guard body(number, payloads[oldest + Int(number - forgotten - 1)]) else { return }
        }
    }

    /// The number of the event with this id, from the newest backwards; nil where it is not known any more.
    func number(ofEvent id: [UInt8]) -> UInt64? {
        let wanted = Array("\"id\":\"".utf8) + id + [UInt8(ascii: "\"")]
        for index in stride(from: payloads.count - 1, through: oldest, by: -1) {
            // The id is among the first members of an event.
            if payloads[index].prefix(256).contains(wanted) { return newest - UInt64(payloads.count - 1 - index) }
        }
        return nil
    }
}
