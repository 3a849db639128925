import Wire

/// Seconds a metre by slot of the week, of a whole fleet.
///
/// Each slot is drawn towards its kind of day (working day or weekend), and that to a constant.
struct SlotPaces: Sendable, Equatable {
    /// Seconds a metre at 25 km/h: what is taken before anything is known.
    static let prior_s_m = 0.144
    /// No pace leaves these bounds, whatever was imported: 0.7 and 180 km/h.
    static let slowest_s_m = 5.0
    static let fastest_s_m = 0.02
    /// A working day's and a weekend day's.
    private(set) var days: [Ratio] = [Ratio(), Ratio()]
    private(set) var slots = [Ratio](repeating: Ratio(), count: TimeSlots.count)

    /// Metres of driving that a prior weighs as much as.
    private static let dayWeight_m = 3000.0
    private static let slotWeight_m = 4000.0
    /// Metres after which older driving is forgotten.
    private static let dayLimit_m = 2_000_000.0
    private static let slotLimit_m = 200_000.0

    @inline(__always)
    func pace_s_m(slot: Int) -> Double {
        let day = days[slot < 48 ? 0 : 1].shrunk(to: Self.prior_s_m, weight: Self.dayWeight_m)
        return min(Self.slowest_s_m, max(Self.fastest_s_m, slots[slot].shrunk(to: day, weight: Self.slotWeight_m)))
    }

    mutating func observe(slot: Int, time_s: Double, distance_m: Double) {
        guard slots.indices.contains(slot) else { return }
        days[slot < 48 ? 0 : 1].observe(measured: time_s, expected: distance_m, limit: Self.dayLimit_m)
        slots[slot].observe(measured: time_s, expected: distance_m, limit: Self.slotLimit_m)
    }

    init() {}

    /// Nil unless there is a value for each kind of day and each slot.
    init?(days: [Ratio], slots: [Ratio]) {
        guard days.count == 2, slots.count == TimeSlots.count, (days + slots).allSatisfy(\.isValid) else { return nil }
        self.days = days
        self.slots = slots
    }

    func write(to writer: inout ByteWriter) {
        for ratio in days + slots { writer.write(ratio) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        days = try reader.ratios(2)
        slots = try reader.ratios(TimeSlots.count)
    }
}
