import Geo
import Glibc
package import Wire

/// Measures how long a vehicle takes for the pieces of its path, and gives it to the learned speeds.
///
/// A piece counts when most of it was driven in one go; standing for minutes without a stop is not driving.
package struct TravelMeter: Sendable, Equatable {
    /// Longer silence between two fixes says nothing about single pieces.
    private static let gap_ms: Int64 = 180_000
    private static let longest_m = 5000.0
    /// Standing longer than this is a pause, not traffic.
    private static let pause_s = 240.0

    private var piece: Int32 = -1
    private var time_s = 0.0
    private var distance_m = 0.0
    private var standing_s = 0.0
    /// Measured and expected seconds of the last minutes.
    private var recent_s = 0.0
    private var recentExpected_s = 0.0

    package init() {}

    /// What was measured in the last minutes of driving over what was expected; drawn towards 1.
    package var liveRatio: Double { min(3, max(0.4, (recent_s + 120) / (recentExpected_s + 120))) }

    /// What was begun does not count: the vehicle stops, jumps, or leaves the path.
    package mutating func interrupt() {
        piece = -1
        time_s = 0
        distance_m = 0
        standing_s = 0
    }

    /// The vehicle came from one offset to another.
    mutating func advance(
        from start_m: Double, to end_m: Double, elapsed_ms: Int64, at time_ms: Int64, _ plan: RoutePlan,
        _ learned: inout LearnedValues, zone: TimeZoneRules
    ) {
        let pieces = plan.pieces
        guard pieces.count > 0, elapsed_ms > 0, elapsed_ms <= Self.gap_ms, end_m >= start_m,
            end_m - start_m <= Self.longest_m
        else { return interrupt() }
        let elapsed_s = Double(elapsed_ms) / 1000
        let length_m = end_m - start_m
        standing_s = length_m < 10 ? standing_s + elapsed_s : 0
        if standing_s > Self.pause_s { return interrupt() }
        var at_m = start_m
        var current = pieces.piece(at: start_m)
        if piece != Int32(current) { begin(current) }
        while current < pieces.count - 1, end_m >= pieces.starts_m[current + 1] {
            let step_m = pieces.starts_m[current + 1] - at_m
            time_s += length_m > 0 ? elapsed_s * step_m / length_m : 0
            distance_m += step_m
            finish(current, pieces, at: time_ms, plan, &learned, zone: zone)
            at_m = pieces.starts_m[current + 1]
            current += 1
            begin(current)
        }
        time_s += length_m > 0 ? elapsed_s * (end_m - at_m) / length_m : elapsed_s
        distance_m += end_m - at_m
    }

    private mutating func begin(_ piece: Int) {
        self.piece = Int32(piece)
        time_s = 0
        distance_m = 0
    }

    private mutating func finish(
        _ piece: Int, _ pieces: PathPieces, at time_ms: Int64, _ plan: RoutePlan, _ learned: inout LearnedValues,
        zone: TimeZoneRules
    ) {
        guard distance_m > 20, distance_m >= 0.6 * pieces.length_m(piece), time_s > 0 else { return }
        let slot = TimeSlots.slot(at: time_ms, zone: zone)
        let part = Int(TimeSlots.parts[slot])
        let table = plan.table
        let from_m = table.sum_m(part: part, piece: piece, offset_m: pieces.starts_m[piece], pieces)
        let to_m = table.sum_m(part: part, piece: piece, offset_m: pieces.starts_m[piece + 1], pieces)
        let share = distance_m / pieces.length_m(piece)
        let expected_s = (to_m - from_m) * share * learned.speeds.fleet.pace_s_m(slot: slot) * plan.vehicleRatio
        let keep = exp2(-expected_s / 240)
        recent_s = recent_s * keep + min(time_s, 4 * expected_s)
        recentExpected_s = recentExpected_s * keep + expected_s
        let base = pieces.base_s_m[piece]
        learned.speeds.observe(
            pieces.keys[piece], vehicle: plan.vehicle, at: time_ms, distance_m: distance_m, time_s: time_s,
            base_s: base > 0 ? base * distance_m : nil, zone: zone)
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(piece)
        for value in [time_s, distance_m, standing_s, recent_s, recentExpected_s] { writer.write(value) }
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        piece = try reader.integer()
        time_s = try reader.double(in: 0...1e7)
        distance_m = try reader.double(in: 0...1e7)
        standing_s = try reader.double(in: 0...1e7)
        recent_s = try reader.double(in: 0...1e7)
        recentExpected_s = try reader.double(in: 0...1e7)
    }
}
