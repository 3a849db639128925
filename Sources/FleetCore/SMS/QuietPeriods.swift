import Geo

/// When somebody is not to be disturbed, within a span of time.
enum QuietPeriods {
    private static let day_ms: Int64 = 86_400_000

    /// The periods of the hours in a zone that meet `from_ms ..< to_ms`, cut to it, in order. Judged by the clock on the wall:
    /// an hour that the clock repeats counts twice. O(days · log days) with few transitions.
    static func list(_ hours: DayHours, _ zone: TimeZoneRules, from_ms: Int64, to_ms: Int64) -> [Range<Int64>] {
        guard from_ms < to_ms else { return [] }
        var times = changes(hours, zone, from_ms: from_ms, to_ms: to_ms)
        times.append(to_ms)
        var periods: [Range<Int64>] = []
        var start_ms = from_ms
        for time_ms in times where time_ms > start_ms {
            if isQuiet(hours, zone, at: start_ms) {
                if let last = periods.last, last.upperBound == start_ms {
                    periods[periods.count - 1] = last.lowerBound..<time_ms
                } else {
                    periods.append(start_ms..<time_ms)
                }
            }
            start_ms = time_ms
        }
        return periods
    }

    static func isQuiet(_ hours: DayHours, _ zone: TimeZoneRules, at time_ms: Int64) -> Bool {
        let local_ms = time_ms + Int64(zone.offset_s(at: time_ms)) * 1000
        let inDay_ms = local_ms - local_ms.floorDivided(by: day_ms) * day_ms
        let (start_ms, end_ms) = (Int64(hours.start_min) * 60_000, Int64(hours.end_min) * 60_000)
        return hours.endsNextDay
            ? inDay_ms >= start_ms || inDay_ms < end_ms : inDay_ms >= start_ms && inDay_ms < end_ms
    }

    /// Moments strictly within the span at which it may change, ascending.
    private static func changes(_ hours: DayHours, _ zone: TimeZoneRules, from_ms: Int64, to_ms: Int64) -> [Int64] {
        var times = zone.transitions_ms.filter { $0 > from_ms - 2 * day_ms && $0 < to_ms + 2 * day_ms }
        let offsets_s = Set(
            [zone.offset_s(at: from_ms)] + times.flatMap { [zone.offset_s(at: $0 - 1), zone.offset_s(at: $0)] })
        for offset_s in offsets_s.sorted() {
            let offset_ms = Int64(offset_s) * 1000
            let first = (from_ms + offset_ms).floorDivided(by: day_ms) - 1
            let last = (to_ms + offset_ms).floorDivided(by: day_ms) + 1
            for day in first...last {
                for minute in [hours.start_min, hours.end_min] {
                    times.append(day * day_ms + Int64(minute) * 60_000 - offset_ms)
                }
            }
        }
        return times.filter { $0 > from_ms && $0 < to_ms }.sorted()
    }
}
