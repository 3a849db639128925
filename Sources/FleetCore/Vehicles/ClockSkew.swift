import Wire

/// What a tracker's clock is off, told from when its reports arrive.
///
/// A report arrives later than it was measured, never earlier; so the least delay of several in a row is close to the
/// offset of the clock, if they come live. Reports that were held back come all at once and with many delays: a run is
/// believed only where it was received over a while and its delays hardly differ. (The delay of the network itself cannot
/// be told from an offset, so small ones mean nothing.)
struct ClockSkew: Sendable, Equatable, BitwiseCopyable {
    /// The newest time that was reported.
    private var last_ms = Int64.min
    /// When the first report of the run was received.
    private var runStart_ms: Int64 = 0
    private var leastDelay_ms: Int32 = 0
    private var greatestDelay_ms: Int32 = 0
    private var runReports: UInt8 = 0
    /// The offset that was told last: how much later it was than the tracker's clock said; 0 at first.
    private(set) var told_ms: Int32 = 0

    /// How many reports make a run, over what time at least, and how much their delays may differ.
    private static let runLength: UInt8 = 8
    private static let runSpan_ms: Int64 = 60_000
    private static let runSpread_ms: Int32 = 20_000

    init() {}

    /// Takes a report into account. The offset, where it is another by at least `threshold_ms` than was told.
    mutating func observe(time_ms: Int64, receivedTime_ms: Int64, threshold_ms: Int64) -> Int32? {
        guard time_ms > last_ms else { return nil }
        last_ms = time_ms
        let delay_ms = Int32(clamping: receivedTime_ms - time_ms)
        if runReports == 0 {
            runStart_ms = receivedTime_ms
            leastDelay_ms = delay_ms
            greatestDelay_ms = delay_ms
        }
        leastDelay_ms = min(leastDelay_ms, delay_ms)
        greatestDelay_ms = max(greatestDelay_ms, delay_ms)
        runReports = min(runReports, 254) + 1
        let spread_ms = Int64(greatestDelay_ms) - Int64(leastDelay_ms)
        if spread_ms > Int64(Self.runSpread_ms) {
            runReports = 0
            return nil
        }
        guard runReports >= Self.runLength, receivedTime_ms - runStart_ms >= Self.runSpan_ms else { return nil }
        runReports = 0
        // An offset below the threshold is none: what was told before is over.
        let offset_ms = abs(Int64(leastDelay_ms)) < threshold_ms ? 0 : leastDelay_ms
        guard abs(Int64(offset_ms) - Int64(told_ms)) >= threshold_ms else { return nil }
        told_ms = offset_ms
        return offset_ms
    }

    func write(to writer: inout ByteWriter) {
        writer.write(last_ms)
        writer.write(runStart_ms)
        writer.write(leastDelay_ms)
        writer.write(greatestDelay_ms)
        writer.write(runReports)
        writer.write(told_ms)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        last_ms = try reader.integer()
        runStart_ms = try reader.integer()
        leastDelay_ms = try reader.integer()
        greatestDelay_ms = try reader.integer()
        runReports = try reader.integer()
        told_ms = try reader.integer()
    }
}
