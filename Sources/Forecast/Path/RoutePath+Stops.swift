package import Geo

/// Where a stop lies along a path.
package struct StopOffset: Sendable, Equatable {
    /// Metres from the start of the path.
    package var offset_m: Double
    /// Metres from the path to the stop.
    package var distance_m: Double
}

extension RoutePath {
    /// The most stops of a route whose places are looked for on a path.
    package static let stopLimit = 256
    /// Distances below this are all alike: the width of a road and of a front yard.
    private static let indifference_m = 15.0

    /// Long edges are cut, so that stops beside the same edge can be told apart.
    private static let cut_m = 50.0
    private static let cutLimit = 16_384.0

    /// The places of stops along the path, in the order in which they are served: offsets never fall.
    ///
    /// Of all ways to place them in that order, the one with the least sum of distances; of those that are alike, the one where stops
    /// come earliest. So a stop that lies on both halves of an out-and-back road is on the half that its neighbours
    /// leave to it. Stops beyond ``stopLimit`` lie at the end of the path. O(stops · (vertices + length / 50 m)).
    package func offsets(ofStops places: [Coordinate]) -> [StopOffset] {
        let searched = places.prefix(Self.stopLimit)
        let cuts = cuts()
        let count = cuts.count - 1
        /// For each stop and cut: the cut up to which the stop before is placed best.
        var choices: [Int32] = []
        choices.reserveCapacity(searched.count * count)
        /// The least sum of costs with the stop before on this cut or an earlier one, and which cut that is.
        var best = [Double](repeating: 0, count: count)
        var bestCut = [Int32](repeating: 0, count: count)
        for place in searched {
            choices.append(contentsOf: bestCut)
            let plane = PathPlane(latitude: place.latitude, longitude: place.longitude)
            let shift = plane.shift(to: self)
            var least = Double.infinity
            var leastCut: Int32 = 0
            for cut in 0..<count {
                let foot = plane.foot(cuts[cut].point, cuts[cut + 1].point, shift: shift, direction: nil)
                // A millionth of the offset decides between places that are alike.
                let cost = best[cut] + max(Self.indifference_m, foot.distance_m) + cuts[cut].offset_m * 1e-6
                if cost < least {
                    least = cost
                    leastCut = Int32(cut)
                }
                best[cut] = least
                bestCut[cut] = leastCut
            }
        }
        return traced(searched, cuts, choices, last: bestCut.last ?? 0)
            + Array(repeating: StopOffset(offset_m: length_m, distance_m: 0), count: places.count - searched.count)
    }

    private struct Cut {
        var point: PathPoint
        var offset_m: Double
    }

    /// The vertices, and places between them where they are far apart.
    private func cuts() -> [Cut] {
        let step_m = max(Self.cut_m, length_m / Self.cutLimit)
        var cuts: [Cut] = []
        for edge in 0..<edgeCount {
            let a = points[edge]
            let b = points[edge + 1]
            let length_m = length_m(ofEdge: edge)
            let parts = max(1, Int((length_m / step_m).rounded(.up)))
            for part in 0..<parts {
                let t = Double(part) / Double(parts)
                cuts.append(
                    Cut(
                        point: PathPoint(
                            latitude: a.latitude + (b.latitude - a.latitude) * t,
                            longitude: a.longitude + (b.longitude - a.longitude) * t),
                        offset_m: cumulative_m[edge] + length_m * t))
            }
        }
        cuts.append(Cut(point: points[edgeCount], offset_m: length_m))
        return cuts
    }

    /// Follows the choices from the last stop to the first, and gives each stop its place on its cut.
    private func traced(
        _ places: ArraySlice<Coordinate>, _ cuts: [Cut], _ choices: [Int32], last: Int32
    ) -> [StopOffset] {
        var chosen: [Int] = []
        var cut = last
        for stop in places.indices.reversed() {
            chosen.append(Int(cut))
            cut = choices[stop * (cuts.count - 1) + Int(cut)]
        }
        var result: [StopOffset] = []
        var least = 0.0
        for (place, cut) in zip(places, chosen.reversed()) {
            let plane = PathPlane(latitude: place.latitude, longitude: place.longitude)
            let foot = plane.foot(cuts[cut].point, cuts[cut + 1].point, shift: plane.shift(to: self), direction: nil)
            let length_m = cuts[cut + 1].offset_m - cuts[cut].offset_m
            least = max(least, cuts[cut].offset_m + foot.fraction * length_m)
            result.append(StopOffset(offset_m: least, distance_m: foot.distance_m))
        }
        return result
    }
}
