import Geo
import Glibc

/// A path cut where the learned segments change: within a piece, cell, heading and the router's pace are the same.
struct PathPieces: Sendable, Equatable {
    /// Steps in which a path is looked at; a piece is at least as long, the last one excepted.
    private static let step_m = 60.0
    /// The most pieces; longer paths are looked at in longer steps.
    static let limit = 8192

    /// Metres from the start at which each piece begins, and at the end the length of the path.
    private(set) var starts_m: [Double] = []
    private(set) var keys: [SegmentKey] = []
    /// The router's seconds a metre; 0 where there is none.
    private(set) var base_s_m: [Double] = []

    var count: Int { keys.count }

    /// Of no path.
    init() {}

    init(_ path: RoutePath) {
        let step_m = max(Self.step_m, path.length_m / Double(Self.limit))
        var base = BasePaces(path)
        var start_m = 0.0
        while start_m < path.length_m {
            let end_m = min(path.length_m, start_m + step_m)
            let key = Self.key(path, start_m, end_m)
            let pace = base.pace_s_m(at: (start_m + end_m) / 2)
            if keys.last != key || base_s_m.last != pace {
                starts_m.append(start_m)
                keys.append(key)
                base_s_m.append(pace)
            }
            start_m = end_m
        }
        starts_m.append(path.length_m)
    }

    private static func key(_ path: RoutePath, _ start_m: Double, _ end_m: Double) -> SegmentKey {
        let a = path.coordinate(at: start_m)
        let b = path.coordinate(at: end_m)
        let east = Longitude.difference(from: a.longitude, to: b.longitude) * cos(a.latitude * .pi / 180)
        let middle = path.coordinate(at: (start_m + end_m) / 2)
        return SegmentKey(
            latitude: middle.latitude, longitude: middle.longitude,
            octant: SegmentKey.octant(east: east, north: b.latitude - a.latitude))
    }

    /// The piece on which an offset lies, the first or last one beyond the ends. O(log pieces).
    func piece(at offset_m: Double) -> Int {
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if starts_m[middle] <= offset_m { low = middle } else { high = middle - 1 }
        }
        return low
    }

    func length_m(_ piece: Int) -> Double { starts_m[piece + 1] - starts_m[piece] }
}

/// The router's paces along a path, asked in ascending order.
private struct BasePaces {
    let path: RoutePath
    private var next = 0

    init(_ path: RoutePath) { self.path = path }

    mutating func pace_s_m(at offset_m: Double) -> Double {
        while next < path.baseTimes.count, path.cumulative_m[path.baseTimes[next].endVertex] < offset_m { next += 1 }
        guard next < path.baseTimes.count else { return 0 }
        let start = next == 0 ? 0 : path.cumulative_m[path.baseTimes[next - 1].endVertex]
        let length = path.cumulative_m[path.baseTimes[next].endVertex] - start
        guard length > 1, path.baseTimes[next].duration_s > 0 else { return 0 }
        return path.baseTimes[next].duration_s / length
    }
}
