package import Geo

/// Local time of the week, cut into slots and parts of a day.
///
/// A *slot* is half an hour of a working day or of a weekend day: 96 of them. A *part* is a longer stretch in which traffic is alike,
/// for what is learned of a single segment, which is seen too seldom for slots: 12 of them. The days are those of the calendar's week;
/// holidays are not known.
package enum TimeSlots {
    package static let count = 96
    package static let slot_s = 1800
    package static let partCount = 12

    /// Names of the parts, as an export has them.
    static let partNames = [
        "weekday_00", "weekday_06", "weekday_07", "weekday_09:30", "weekday_11:30", "weekday_13:30", "weekday_16:30",
        "weekday_19:30", "weekend_00", "weekend_07", "weekend_11", "weekend_17",
    ]

    /// The part to which a slot belongs.
    static let parts: [UInt8] = {
        // The first half hour of each part.
        let weekday = [0, 12, 14, 19, 23, 27, 33, 39]
        let weekend = [0, 14, 22, 34]
        return (0..<count).map { slot in
            slot < 48
                ? UInt8(weekday.lastIndex { $0 <= slot } ?? 0)
                : UInt8(8 + (weekend.lastIndex { $0 <= slot - 48 } ?? 0))
        }
    }()

    /// "weekday_08:30": as an export has it.
    static func name(ofSlot slot: Int) -> String {
        let half = slot % 48
        let hour = half / 2
        return (slot < 48 ? "weekday_" : "weekend_") + (hour < 10 ? "0" : "") + "\(hour)"
            + (half % 2 == 0 ? ":00" : ":30")
    }

    /// The half hour of the week (0…335, from Monday 0:00) and the seconds that are left of it.
    ///
    /// - Parameter offset_s: of the local time, east of UTC.
    static func halfHour(at time_ms: Int64, offset_s: Int32) -> (index: Int, rest_s: Double) {
        let week_ms: Int64 = 7 * 86_400_000
        // 1 January 1970 was a Thursday.
        let local = time_ms &+ (Int64(offset_s) &+ 3 * 86_400) &* 1000
        let inWeek = (local % week_ms + week_ms) % week_ms
        let index = inWeek / 1_800_000
        return (Int(index), Double((index + 1) * 1_800_000 - inWeek) / 1000)
    }

    /// The slot of a half hour of the week.
    @inline(__always)
    static func slot(ofHalfHour index: Int) -> Int { index % 48 + (index >= 5 * 48 ? 48 : 0) }

    /// The slot at a time.
    package static func slot(at time_ms: Int64, zone: TimeZoneRules) -> Int {
        slot(ofHalfHour: halfHour(at: time_ms, offset_s: zone.offset_s(at: time_ms)).index)
    }

    /// The part at a time.
    static func part(at time_ms: Int64, zone: TimeZoneRules) -> Int { Int(parts[slot(at: time_ms, zone: zone)]) }
}
