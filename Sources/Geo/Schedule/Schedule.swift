/// Days of the week.
package enum Weekday: Int, Sendable, CaseIterable {
    case mon, tue, wed, thu, fri, sat, sun
}

/// Days of the week as a set of bits, Monday lowest.
package struct WeekdaySet: Sendable, Equatable {
    package private(set) var bits: UInt8 = 0

    package static let all = WeekdaySet(Weekday.allCases)

    package init(_ days: some Sequence<Weekday> = []) {
        for day in days { insert(day) }
    }

    package mutating func insert(_ day: Weekday) { bits |= 1 << UInt8(day.rawValue) }
    /// `index` counts days from any Monday.
    package func contains(dayIndex index: Int64) -> Bool { bits >> UInt8((index % 7 + 7) % 7) & 1 == 1 }
    package var isEmpty: Bool { bits == 0 }
}

/// Hours of a day, "08:00-17:30": from the start to before the end. An end at or before the start lies on the next day.
package struct DayHours: Sendable, Equatable {
    /// Minutes since midnight, 0…1439.
    package let start_min: Int
    /// Minutes since midnight, 1…1440, or at or below `start_min` for the next day.
    package let end_min: Int

    package static let wholeDay = DayHours(start_min: 0, end_min: 1440)

    init(start_min: Int, end_min: Int) {
        self.start_min = start_min
        self.end_min = end_min
    }

    /// From "HH:MM-HH:MM". The start is 00:00…23:59, the end 00:00…24:00 and different from the start; over midnight is allowed.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 11, bytes[5] == UInt8(ascii: "-"),
            let start = DayHours.minutes(bytes[0..<5]), let end = DayHours.minutes(bytes[6..<11]),
            start < 1440, start != end
        else { return nil }
        self.init(start_min: start, end_min: end)
    }

    /// Minutes of "HH:MM" up to 24:00.
    private static func minutes(_ text: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(text)
        guard bytes[2] == UInt8(ascii: ":") else { return nil }
        let digits = [bytes[0], bytes[1], bytes[3], bytes[4]].map { Int($0) - Int(UInt8(ascii: "0")) }
        guard digits.allSatisfy({ 0...9 ~= $0 }) else { return nil }
        let hours = digits[0] * 10 + digits[1]
        let minutes = digits[2] * 10 + digits[3]
        guard minutes < 60, hours * 60 + minutes <= 1440 else { return nil }
        return hours * 60 + minutes
    }

    /// Whether the hours go over midnight.
    package var endsNextDay: Bool { end_min <= start_min }
}

/// When a fence is open: days of the week and local hours in a time zone.
///
/// Hours that go over midnight belong to the day on which they start. Local times are judged by the clock on the wall: an hour
/// that the clock repeats counts twice, an hour that it leaves out does not occur.
package struct Schedule: Sendable, Equatable {
    package let days: WeekdaySet
    package let hours: [DayHours]
    /// The name as it was given.
    package let timeZone: String
    package let rules: TimeZoneRules

    private static let day_ms: Int64 = 86_400_000
    /// How far back ``periodStart_ms(at:)`` looks.
    package static let search_ms: Int64 = 14 * day_ms

    /// Empty `hours` stand for whole days.
    package init(days: WeekdaySet = .all, hours: [DayHours] = [], timeZone: String, rules: TimeZoneRules) {
        self.days = days
        self.hours = hours.isEmpty ? [.wholeDay] : hours
        self.timeZone = timeZone
        self.rules = rules
    }

    /// Whether the schedule is open at a time. O(hours + log transitions).
    package func isOpen(at time_ms: Int64) -> Bool {
        let local = time_ms + Int64(rules.offset_s(at: time_ms)) * 1000
        let (day, inDay) = Schedule.split(local)
        for range in hours {
            let start = Int64(range.start_min) * 60_000
            let end = Int64(range.end_min) * 60_000
            if range.endsNextDay {
                if inDay >= start, days.contains(dayIndex: day) { return true }
                if inDay < end, days.contains(dayIndex: day - 1) { return true }
            } else if inDay >= start, inDay < end, days.contains(dayIndex: day) {
                return true
            }
        }
        return false
    }

    /// When the open or closed period that contains a time began: the identity of that period.
    ///
    /// Looks back 14 days; where the schedule did not change in that time (it is always open, or never) the result is 0.
    /// O(days · hours · transitions within the 14 days).
    package func periodStart_ms(at time_ms: Int64) -> Int64 {
        let isOpenNow = isOpen(at: time_ms)
        for candidate in changes(before: time_ms) where isOpen(at: candidate) == isOpenNow {
            if isOpen(at: candidate - 1) != isOpenNow { return candidate }
        }
        return 0
    }

    /// Times at which the schedule may change, at or before `time_ms`, newest first.
    private func changes(before time_ms: Int64) -> [Int64] {
        let earliest = time_ms - Schedule.search_ms
        let firstRule = rules.transitionCount(upTo: earliest)
        let lastRule = rules.transitionCount(upTo: time_ms)
        var times = Array(rules.transitions_ms[firstRule..<lastRule])
        for rule in firstRule...lastRule {
            let offset = Int64(rules.offsets_s[rule]) * 1000
            let firstDay = Schedule.split(earliest + offset).day
            let lastDay = Schedule.split(time_ms + offset).day
            for day in firstDay...lastDay {
                for range in hours {
                    for minute in [0, range.start_min, range.end_min] {
                        times.append((day - 3) * Schedule.day_ms + Int64(minute) * 60_000 - offset)
                    }
                }
            }
        }
        return times.filter { $0 <= time_ms && $0 >= earliest }.sorted(by: >)
    }

    /// Days since the Monday before 1970, and milliseconds within the day. (1 January 1970 was a Thursday.)
    private static func split(_ local_ms: Int64) -> (day: Int64, inDay_ms: Int64) {
        let shifted = local_ms + 3 * day_ms
        let day = shifted >= 0 ? shifted / day_ms : -((-shifted + day_ms - 1) / day_ms)
        return (day, shifted - day * day_ms)
    }
}
