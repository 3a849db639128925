import Wire

/// What is learned of a path's pieces, summed up from its start, for each part of the day: the travel time of a stretch at one time of
/// day is then a subtraction and a product with the fleet's pace.
///
/// 48 bytes a piece. It is part of snapshots, because it holds what was known when it was made.
struct TravelTable: Sendable, Equatable {
    /// For each piece and each part of the day what it is worth in metres of the fleet's mean driving, up to its start: 12 rows of
    /// `pieces + 1` values.
    private(set) var sums_m: [Float] = []
    private var rowLength = 0

    /// Of no path.
    init() {}

    init(_ pieces: PathPieces, _ speeds: SpeedModel) {
        rowLength = pieces.count + 1
        sums_m = [Float](repeating: 0, count: TimeSlots.partCount * rowLength)
        let places = pieces.keys.map { speeds.segments.index.place(of: $0) }
        for part in 0..<TimeSlots.partCount {
            let routerFactor = speeds.routerFactor(part: part)
            let mean_s_m = Self.meanPace_s_m(speeds, part: part)
            var sum = 0.0
            for piece in 0..<pieces.count {
                let base = pieces.base_s_m[piece]
                let prior = base > 0 ? min(8, max(0.125, base * routerFactor / mean_s_m)) : 1
                let place = places[piece]
                let factor = speeds.segments.factor(place: place, prior: prior)
                sum += pieces.length_m(piece) * factor * speeds.segments.partFactor(place: place, part: part)
                sums_m[part * rowLength + piece + 1] = Float(sum)
            }
        }
    }

    /// The fleet's mean pace over the slots of a part.
    private static func meanPace_s_m(_ speeds: SpeedModel, part: Int) -> Double {
        var sum = 0.0
        var count = 0.0
        for slot in 0..<TimeSlots.count where Int(TimeSlots.parts[slot]) == part {
            sum += speeds.fleet.pace_s_m(slot: slot)
            count += 1
        }
        return count > 0 ? sum / count : SlotPaces.prior_s_m
    }

    /// The sum up to an offset on a piece.
    @inline(__always)
    func sum_m(part: Int, piece: Int, offset_m: Double, _ pieces: PathPieces) -> Double {
        let i = part * rowLength + piece
        let low = Double(sums_m[i])
        let start = pieces.starts_m[piece]
        let length = pieces.starts_m[piece + 1] - start
        guard length > 0 else { return low }
        return low + (Double(sums_m[i + 1]) - low) * min(1, max(0, (offset_m - start) / length))
    }

    /// The offset at which the sum reaches a value, from a piece on.
    func offset_m(part: Int, sum_m: Double, from piece: Int, _ pieces: PathPieces) -> (offset_m: Double, piece: Int) {
        let row = part * rowLength
        var low = piece
        var high = pieces.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if Double(sums_m[row + middle]) <= sum_m { low = middle } else { high = middle - 1 }
        }
        let start = Double(sums_m[row + low])
        let step = Double(sums_m[row + low + 1]) - start
        let t = step > 0 ? min(1, max(0, (sum_m - start) / step)) : 1
        return (pieces.starts_m[low] + pieces.length_m(low) * t, low)
    }

    func write(to writer: inout ByteWriter) {
        writer.write(UInt32(sums_m.count))
        for sum in sums_m { writer.write(sum) }
    }

    /// - Parameter pieces: of the path that the table was made for.
    init(from reader: inout ByteReader, _ pieces: PathPieces) throws(SnapshotError) {
        rowLength = pieces.count + 1
        guard try reader.count() == TimeSlots.partCount * rowLength else {
            throw SnapshotError(reason: "a table of travel times is not that of its path")
        }
        sums_m = []
        sums_m.reserveCapacity(TimeSlots.partCount * rowLength)
        for part in 0..<TimeSlots.partCount {
            var last: Float = 0
            for piece in 0..<rowLength {
                let sum = try reader.float()
                guard sum >= last, sum <= 1e9, piece > 0 || sum == 0 else {
                    throw SnapshotError(reason: "travel times fall along a path, in part \(part) of the day")
                }
                sums_m.append(sum)
                last = sum
            }
        }
    }
}
