import Geo
import Wire

/// Tells fixes that can be believed from those that contradict the ones around them. A function of the fixes in the order of
/// their times.
struct FixFilter: Sendable, Equatable, BitwiseCopyable {
    /// The newest believed fix.
    var newest: Fix?
    /// The last fix that was rejected as a teleport, and how many in a row agreed with one another.
    var outlier: Fix?
    var outlierRun: UInt8 = 0

    struct Limits: Sendable, Equatable, BitwiseCopyable {
        /// Faster than this between two fixes is a teleport.
        var maxSpeed_kmh = 250.0
        /// So many rejected fixes in a row that agree among themselves prove that the vehicle really is there.
        var confirmFixes = 3
        /// The accuracy of a fix that does not tell its own.
        var assumedAccuracy_m = 10.0

        func accuracy_m(of fix: Fix) -> Double { fix.accuracy_m ?? assumedAccuracy_m }
    }

    enum Judgement: Equatable {
        /// The first of all, or the first after a jump: no line leads here.
        case appears
        /// The vehicle drove here from this fix.
        case follows(Fix)
        /// Another fix of the same time was believed.
        case timeConflict
        case teleport

        var isBelieved: Bool { self != .timeConflict && self != .teleport }
    }

    /// Judges a fix that is not older than any before it; a believed one becomes the newest.
    mutating func judge(_ fix: Fix, _ limits: Limits) -> Judgement {
        guard let newest else { return accept(fix, .appears) }
        if fix.time_ms <= newest.time_ms { return .timeConflict }
        guard Self.isTeleport(from: newest, to: fix, limits) else {
            outlierRun = 0
            outlier = nil
            return accept(fix, .follows(newest))
        }
        return isRelocationProven(by: fix, limits) ? accept(fix, .appears) : .teleport
    }

    private mutating func accept(_ fix: Fix, _ judgement: Judgement) -> Judgement {
        newest = fix
        return judgement
    }

    /// Faster than any vehicle, beyond what the accuracies explain.
    static func isTeleport(from: Fix, to: Fix, _ limits: Limits) -> Bool {
        let slack_m = limits.accuracy_m(of: from) + limits.accuracy_m(of: to)
        let distance_m = from.coordinate.distance_m(to: to.coordinate) - slack_m
        guard distance_m > 0 else { return false }
        let elapsed_s = Double(to.time_ms - from.time_ms) / 1000
        return distance_m / elapsed_s * 3.6 > limits.maxSpeed_kmh
    }

    /// Rejected fixes in a row that agree among themselves prove that the vehicle is where they say.
    private mutating func isRelocationProven(by fix: Fix, _ limits: Limits) -> Bool {
        if let outlier, outlier.time_ms < fix.time_ms, !Self.isTeleport(from: outlier, to: fix, limits) {
            outlierRun = min(outlierRun, 254) + 1
        } else if outlier?.time_ms != fix.time_ms {
            outlierRun = 1
        }
        outlier = fix
        guard Int(outlierRun) >= limits.confirmFixes else { return false }
        outlier = nil
        outlierRun = 0
        return true
    }

    func write(to writer: inout ByteWriter) {
        writer.write(optional: newest) { $1.write(to: &$0) }
        writer.write(optional: outlier) { $1.write(to: &$0) }
        writer.write(outlierRun)
    }

    init() {}

    init(from reader: inout ByteReader) throws(SnapshotError) {
        newest = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        outlier = try reader.optional { reader throws(SnapshotError) in try Fix(from: &reader) }
        outlierRun = try reader.integer()
    }
}
