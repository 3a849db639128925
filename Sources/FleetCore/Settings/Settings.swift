package import Geo
import Wire

/// The rules that the engine works by. They are part of its input: a change is journaled, so that a replay decides each
/// message by the rules that were in force when it came.
package struct Settings: Sendable, Equatable {
    /// Vehicles must be announced on `dispatch/vehicles/{vehicle}`; a report of another is a dead letter.
    package var registeredOnly = false
    /// A vehicle that was not heard for so long is offline.
    package var offlineAfter_s = 300
    /// How far behind the newest fix a late fix may be and still be placed into the track.
    package var reorderWindow_s = 1800
    /// How far ahead of the receive time a fix may be.
    package var futureTolerance_s = 120
    /// Faster than this between two fixes is a teleport.
    package var maxSpeed_kmh = 250.0
    /// So many rejected fixes in a row that agree among themselves prove that the vehicle really is there.
    package var teleportConfirmFixes = 3
    /// The accuracy of a fix that does not tell its own.
    package var assumedAccuracy_m = 10.0
    /// A straight line between two fixes further apart in time than this says nothing about fences between them.
    package var crossingMaxGap_s = 600
    /// Likewise further apart in space.
    package var crossingMaxDistance_m = 50_000.0
    /// The retained state of a vehicle is published at most once in so many seconds.
    package var stateInterval_s = 5
    /// The longest track that is kept of a vehicle, in reports: three quarters of it can always be told again.
    package var trackFixes = 256
    /// A tracker's clock that is off by so much is told.
    package var clockSkew_s = 60
    /// Whether times are corrected by what a tracker's clock was found to be off.
    package var correctsClockSkew = false
    /// The radius of a stop or depot whose place has none.
    package var stopRadius_m = 60.0
    /// How long what refers to something unknown waits for it.
    package var referenceWait_s = 600
    /// A customer is told that the vehicle is near when it is expected within so many seconds.
    package var approach_s = 600
    /// After how many seconds at a stop the driver's word is missing.
    package var proofWait_s = 1800
    /// For how many hours a delivery that has ended is remembered.
    package var deliveryRetention_h = 48
    /// A guard of the memory against made-up vehicle ids: the most vehicles that one fleet may have on one shard. A report
    /// of one more is a dead letter. The one rule whose effect depends on the number of shards.
    package var maxVehicles = 2_000_000

    /// The time zone of schedules that name none.
    package var timeZone = "Asia/Taipei"
    /// The rules of that zone: by them the rules about vehicles count days. Not part of the text; the router fills it in.
    package var localTime = TimeZoneRules(fixedOffset_s: 28_800)

    package init() {}

    private static let integers: [(String, any WritableKeyPath<Settings, Int> & Sendable)] = [
        ("offline_after_s", \.offlineAfter_s), ("reorder_window_s", \.reorderWindow_s),
        ("future_tolerance_s", \.futureTolerance_s), ("teleport_confirm_fixes", \.teleportConfirmFixes),
        ("crossing_max_gap_s", \.crossingMaxGap_s), ("state_interval_s", \.stateInterval_s),
        ("track_fixes", \.trackFixes), ("max_vehicles", \.maxVehicles), ("clock_skew_s", \.clockSkew_s),
        ("reference_wait_s", \.referenceWait_s), ("approach_s", \.approach_s), ("proof_wait_s", \.proofWait_s),
        ("delivery_retention_h", \.deliveryRetention_h),
    ]
    private static let doubles: [(String, any WritableKeyPath<Settings, Double> & Sendable)] = [
        ("max_speed_kmh", \.maxSpeed_kmh), ("assumed_accuracy_m", \.assumedAccuracy_m),
        ("crossing_max_distance_m", \.crossingMaxDistance_m), ("stop_radius_m", \.stopRadius_m),
    ]

    /// The settings as one line of JSON, keys in a fixed order: the payload of a `settings` frame.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: #"{"registered_only":"#)
        out.append(contentsOf: (registeredOnly ? "true" : "false").utf8)
        out.append(ascii: correctsClockSkew ? ",\"correct_clock_skew\":true" : ",\"correct_clock_skew\":false")
        for (name, path) in Self.integers {
            out.append(UInt8(ascii: ","))
            out.appendJSON(string: name)
            out.append(UInt8(ascii: ":"))
            out.append(decimal: Int64(self[keyPath: path]))
        }
        for (name, path) in Self.doubles {
            out.append(UInt8(ascii: ","))
            out.appendJSON(string: name)
            out.append(UInt8(ascii: ":"))
            out.appendJSON(self[keyPath: path])
        }
        out.append(ascii: ",\"time_zone\":")
        out.appendJSON(string: timeZone)
        out.append(UInt8(ascii: "}"))
        return out
    }

    /// What a number may be: more than any sense, and far from what would overflow a time in ms.
    private static let bounds = 0.0...1e9

    /// Reads what `json()` wrote; a key that is missing or out of bounds keeps its default, an unknown one (from a newer
    /// version) is passed over. Nil where it is not a JSON object.
    package init?(json: Span<UInt8>) {
        guard let node = try? JSONNode.parse(json), node.object != nil else { return nil }
        if let flag = node["registered_only"]?.bool { registeredOnly = flag }
        if let flag = node["correct_clock_skew"]?.bool { correctsClockSkew = flag }
        if let name = node["time_zone"]?.string { timeZone = name }
        for (name, path) in Self.integers {
            if let number = node[name]?.number, Self.bounds.contains(number), let value = Int(exactly: number) {
                self[keyPath: path] = value
            }
        }
        for (name, path) in Self.doubles {
            if let number = node[name]?.number, Self.bounds.contains(number) { self[keyPath: path] = number }
        }
    }
}
