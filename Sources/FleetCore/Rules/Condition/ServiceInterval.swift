import Wire

/// What has been told of one measure (kilometres, hours, days) by which maintenance is due: 8 bytes.
struct ServiceInterval: Sendable, BitwiseCopyable {
    enum Stage {
        case none
        case due
        case overdue
    }

    struct Reading {
        /// In the measure's unit, as all of these.
        var value: Double
        /// Of the last maintenance; 0: at whole multiples of the interval.
        var base: Double
        /// More than 0.
        var every: Double
        var overdue_pct: Double
        var confirmReadings: UInt8

        /// Whole intervals since the base.
        var count: Double { max(((value - base) / every).rounded(.down), 0) }
        /// Where the present interval began; the base itself in the first, in which nothing is due.
        var due: Double { base + count * every }
        var isOverdue: Bool { overdue_pct > 0 && value >= due + every * overdue_pct / 100 }
    }

    /// After so many readings that lie more than an interval behind what was told, the count begins anew.
    private static let restart: UInt8 = 50

    /// The due value that was last told or taken as done, rounded.
    private var told = Int32.min
    /// Readings in a row that call for telling.
    private var readings: UInt8 = 0
    private var behind: UInt8 = 0
    private var toldOverdue = false

    init() {}

    mutating func observe(_ reading: Reading) -> Stage {
        let due = Int32(clamping: Int64(min(max(reading.due.rounded(), -1e15), 1e15)))
        let isNew = due > told && (reading.count >= 1 || reading.base == 0 && told == .min)
        let isLater = due == told && !toldOverdue && reading.isOverdue
        guard isNew || isLater else {
            readings = 0
            observeBehind(reading, due)
            return .none
        }
        behind = 0
        readings = min(readings, 254) + 1
        guard readings >= reading.confirmReadings else { return .none }
        readings = 0
        let isFirst = told == .min
        told = due
        if isFirst, reading.base == 0 {
            toldOverdue = true
            return .none
        }
        toldOverdue = reading.isOverdue
        return reading.isOverdue ? .overdue : .due
    }

    private mutating func observeBehind(_ reading: Reading, _ due: Int32) {
        guard told != .min, reading.value < Double(told) - reading.every else {
            behind = 0
            return
        }
        behind += 1
        guard behind >= Self.restart else { return }
        behind = 0
        told = due
        toldOverdue = true
    }

    func write(to writer: inout ByteWriter) {
        writer.write(told)
        writer.write(readings)
        writer.write(behind)
        writer.write(toldOverdue)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        told = try reader.integer()
        readings = try reader.integer()
        behind = try reader.integer(upTo: Self.restart - 1)
        toldOverdue = try reader.bool()
    }
}
