/// The classes of road, with the speeds that drivers may go there.
package enum RoadClass: UInt8, Sendable, CaseIterable {
    case highway = 0
    case ramp = 1
    case arterial = 2
    case street = 3
    case lane = 4
    /// The way from the road to a customer's door or a depot's yard.
    case driveway = 5

    package var speedLimit_kmh: Double {
        switch self {
        case .highway: 90
        case .ramp: 50
        case .arterial: 60
        case .street: 50
        case .lane: 30
        case .driveway: 20
        }
    }

    package var speedLimit_mps: Double { speedLimit_kmh / 3.6 }
}

/// A traffic light: the approaches from west and east have green for the first part of the cycle, those from north and
/// south for the rest.
package struct TrafficLight: Sendable {
    package let cycle_s: Double
    package let offset_s: Double
    /// Share of the cycle that is green for west and east.
    package let eastWestShare: Double

    package init(cycle_s: Double, offset_s: Double, eastWestShare: Double) {
        self.cycle_s = cycle_s
        self.offset_s = offset_s
        self.eastWestShare = eastWestShare
    }

    /// How long a vehicle that arrives at `time_s` has to wait: 0 at green.
    package func wait_s(at time_s: Double, isEastWest: Bool) -> Double {
        var phase = (time_s + offset_s).truncatingRemainder(dividingBy: cycle_s)
        if phase < 0 { phase += cycle_s }
        let boundary = cycle_s * eastWestShare
        if isEastWest {
            return phase < boundary ? 0 : cycle_s - phase
        }
        return phase < boundary ? boundary - phase : 0
    }
}

/// A directed road network in flat arrays (compressed sparse rows): arcs `firstArc[n] ..< firstArc[n + 1]` leave node n.
///
/// Every road is in here twice, once for each direction. All nodes can be reached from all others.
package struct RoadNetwork: Sendable {
    package internal(set) var position: [PlanePoint]
    /// The traffic light at a node, as an index into `lights`, or −1.
    package internal(set) var lightIndex: [Int32]
    package internal(set) var lights: [TrafficLight]
    package internal(set) var firstArc: [Int32]
    package internal(set) var arcHead: [Int32]
    package internal(set) var arcLength_m: [Double]
    package internal(set) var arcClass: [RoadClass]
    /// In a tunnel: no mobile network, and positions only by dead reckoning.
    package internal(set) var arcIsTunnel: [Bool]
    /// Segments that no way may cross but a bridge.
    package internal(set) var rivers: [[PlanePoint]]

    package var nodeCount: Int { position.count }
    package var arcCount: Int { arcHead.count }

    package func arcs(from node: Int) -> Range<Int> {
        Int(firstArc[node])..<Int(firstArc[node + 1])
    }

    /// The node nearest to a point that can be reached without crossing a river, or the nearest of all where there is none.
    /// Linear in the number of nodes: for setting up, not for driving.
    package func nearestNode(to point: PlanePoint) -> Int {
        var best = 0
        var bestDistance_m = Double.infinity
        var bestAcross = 0
        var bestAcrossDistance_m = Double.infinity
        for node in 0..<nodeCount {
            let distance_m = position[node].distance_m(to: point)
            guard distance_m < max(bestDistance_m, bestAcrossDistance_m) else { continue }
            if distance_m < bestAcrossDistance_m {
                bestAcross = node
                bestAcrossDistance_m = distance_m
            }
            if distance_m < bestDistance_m, distance_m < 1_500, !crossesRiver(position[node], point) {
                best = node
                bestDistance_m = distance_m
            }
        }
        return bestDistance_m.isFinite ? best : bestAcross
    }

    func crossesRiver(_ a: PlanePoint, _ b: PlanePoint) -> Bool {
        for river in rivers {
            for index in 1..<river.count where PlanePoint.segmentsCross(a, b, river[index - 1], river[index]) {
                return true
            }
        }
        return false
    }

    /// Whether the arrays fit together and every node can be reached from node 0; a sentence about the first fault found.
    package func invariantViolation() -> String? {
        guard firstArc.count == nodeCount + 1, lightIndex.count == nodeCount, firstArc.first == 0,
            Int(firstArc[nodeCount]) == arcCount, arcLength_m.count == arcCount, arcClass.count == arcCount,
            arcIsTunnel.count == arcCount
        else { return "arrays of different lengths" }
        for node in 0..<nodeCount {
            guard firstArc[node] < firstArc[node + 1] else { return "node \(node) has no arc" }
            guard arcs(from: node).count <= 255 else { return "node \(node) has more than 255 arcs" }
            for arc in arcs(from: node) {
                let head = Int(arcHead[arc])
                guard head >= 0, head < nodeCount, head != node else { return "arc \(arc) leads nowhere" }
                guard abs(position[node].distance_m(to: position[head]) - arcLength_m[arc]) < 0.001 else {
                    return "arc \(arc) has a wrong length"
                }
                guard arcs(from: head).contains(where: { Int(arcHead[$0]) == node }) else {
                    return "arc \(arc) has no way back"
                }
            }
        }
        var seen = [Bool](repeating: false, count: nodeCount)
        var pending = [0]
        seen[0] = true
        while let node = pending.popLast() {
            for arc in arcs(from: node) where !seen[Int(arcHead[arc])] {
                seen[Int(arcHead[arc])] = true
                pending.append(Int(arcHead[arc]))
            }
        }
        return seen.allSatisfy { $0 } ? nil : "not every node can be reached"
    }
}
