import Geo

/// A vehicle driven ahead along its plan: the time that passes as it comes forward.
///
/// Paces are those of the half hour in which the vehicle would be there.
struct TravelWalk {
    /// Steps over half hours and areas after which the rest is taken at the pace of the last one: six weeks.
    private static let stepLimit = 2000
    /// How far ahead the last minutes' traffic is taken to go on.
    static let live_m = 2500.0

    private let fleet: SlotPaces
    private let open: SlotPaces
    let start_ms: Int64
    /// Seconds since the start.
    private(set) var time_s = 0.0
    /// Along the path, and the piece there.
    private(set) var offset_m = 0.0
    private(set) var piece = 0
    /// Whether a closed area was driven through.
    private(set) var isThroughClosure = false

    private var halfHour: Int
    /// Of the half hour: the part of the day, and the fleet's paces on paths and off them.
    private var part = 0
    private var pace_s_m = 0.0
    private var openPace_s_m = 0.0
    /// Spans before this one lie behind.
    private var firstSpan = 0
    /// When the half hour ends, in seconds since the start.
    private var halfHourEnd_s: Double

    init(start_ms: Int64, zone: TimeZoneRules, _ speeds: SpeedModel) {
        fleet = speeds.fleet
        open = speeds.open
        self.start_ms = start_ms
        let (index, rest_s) = TimeSlots.halfHour(at: start_ms, offset_s: zone.offset_s(at: start_ms))
        halfHour = index
        halfHourEnd_s = rest_s
        lookUp()
    }

    private mutating func lookUp() {
        let slot = TimeSlots.slot(ofHalfHour: halfHour)
        part = Int(TimeSlots.parts[slot])
        pace_s_m = fleet.pace_s_m(slot: slot)
        openPace_s_m = open.pace_s_m(slot: slot)
    }

    /// Is at another place of the path from now on.
    @inline(__always)
    mutating func put(at offset_m: Double, piece: Int) {
        if offset_m < self.offset_m { firstSpan = 0 }
        self.offset_m = offset_m
        self.piece = piece
    }

    var now_ms: Int64 { start_ms &+ Int64(min(1e10, time_s) * 1000) }

    /// Time passes without driving.
    @inline(__always)
    mutating func wait(_ seconds: Double) {
        time_s += seconds
        if time_s >= halfHourEnd_s { turnOver() }
    }

    /// Into the half hour that it is now.
    @inline(never)
    private mutating func turnOver() {
        let passed = min(1e12, ((time_s - halfHourEnd_s) / Double(TimeSlots.slot_s)).rounded(.down)) + 1
        halfHour = (halfHour + Int(passed)) % 336
        halfHourEnd_s += passed * Double(TimeSlots.slot_s)
        lookUp()
    }

    /// Drives a distance on roads that nobody named.
    mutating func driveOpen(_ distance_m: Double, ratio: Double) {
        var rest_m = distance_m
        for _ in 0..<Self.stepLimit {
            let pace = openPace_s_m * ratio
            let need_s = rest_m * pace
            if time_s + need_s < halfHourEnd_s {
                time_s += need_s
                return
            }
            let possible_s = halfHourEnd_s - time_s
            rest_m -= possible_s / pace
            wait(possible_s)
        }
        wait(rest_m * SlotPaces.prior_s_m)
    }

    /// Drives along the path to an offset ahead.
    @inline(__always)
    mutating func drive(
        to target_m: Double, piece targetPiece: Int, ratio: Double, pieces: PathPieces, table: TravelTable,
        spans: [ConditionSpan]
    ) {
        if !spans.isEmpty {
            return driveThroughAreas(to: target_m, ratio: ratio, pieces: pieces, table: table, spans: spans)
        }
        for _ in 0..<Self.stepLimit {
            let pace = pace_s_m * ratio
            let here = table.sum_m(part: part, piece: piece, offset_m: offset_m, pieces)
            let there = table.sum_m(part: part, piece: targetPiece, offset_m: target_m, pieces)
            let need_s = max(0, there - here) * pace
            if time_s + need_s < halfHourEnd_s {
                time_s += need_s
                break
            }
            let possible_s = halfHourEnd_s - time_s
            (offset_m, piece) = table.offset_m(part: part, sum_m: here + possible_s / pace, from: piece, pieces)
            wait(possible_s)
        }
        offset_m = target_m
        piece = targetPiece
    }

    /// The same with areas: step by step from one edge of an area to the next, or to when one begins or ceases to hold.
    private mutating func driveThroughAreas(
        to target_m: Double, ratio: Double, pieces: PathPieces, table: TravelTable, spans: [ConditionSpan]
    ) {
        for _ in 0..<Self.stepLimit {
            guard offset_m < target_m else { break }
            while firstSpan < spans.count, spans[firstSpan].end_m <= offset_m + 0.01 { firstSpan += 1 }
            let area = AreaStep(at: offset_m, time_ms: now_ms, target_m: target_m, spans, from: firstSpan)
            isThroughClosure = isThroughClosure || area.isClosed
            let pace = pace_s_m * ratio / area.speedFactor
            let here = table.sum_m(part: part, piece: piece, offset_m: offset_m, pieces)
            let endPiece = pieces.piece(at: area.end_m)
            let there = table.sum_m(part: part, piece: endPiece, offset_m: area.end_m, pieces)
            let need_s = max(0, there - here) * pace
            let limit_s = min(halfHourEnd_s, time_s + Double(area.rest_ms) / 1000)
            if time_s + need_s < limit_s {
                wait(need_s)
                offset_m = area.end_m
                piece = endPiece
            } else {
                let possible_s = max(0.001, limit_s - time_s)
                (offset_m, piece) = table.offset_m(part: part, sum_m: here + possible_s / pace, from: piece, pieces)
                wait(possible_s)
            }
        }
        offset_m = max(offset_m, target_m)
        piece = pieces.piece(at: offset_m)
    }
}

/// How far the areas stay as they are at a place and a time.
private struct AreaStep {
    var speedFactor = 1.0
    var isClosed = false
    var end_m: Double
    /// Until an area begins or ceases to hold.
    var rest_ms: Int64 = 86_400_000

    init(at offset_m: Double, time_ms: Int64, target_m: Double, _ spans: [ConditionSpan], from first: Int) {
        end_m = target_m
        var slowest = Double.infinity
        var next = first
        while next < spans.count {
            let span = spans[next]
            next += 1
            if span.start_m > offset_m + 0.01 {
                end_m = min(end_m, span.start_m)
                break
            }
            if span.end_m <= offset_m + 0.01 { continue }
            end_m = min(end_m, span.end_m)
            if span.from_ms > time_ms {
                rest_ms = min(rest_ms, span.from_ms &- time_ms)
            } else if span.to_ms > time_ms {
                let left = span.to_ms.subtractingReportingOverflow(time_ms)
                if !left.overflow { rest_ms = min(rest_ms, left.partialValue) }
                slowest = min(slowest, span.speedFactor)
                isClosed = isClosed || span.isClosed
            }
        }
        if slowest < .infinity { speedFactor = slowest }
        if rest_ms < 0 { rest_ms = 86_400_000 }
    }
}
