/// Fastest routes over a network: one Dijkstra search backwards from each destination, kept as one byte a node.
///
/// A fleet drives to the same few hundred places again and again, so the search of a destination is done once and every later
/// route to it costs only its own length. Memory: a byte for each node and destination in use.
/// Source: Dijkstra, "A note on two problems in connexion with graphs", doi:10.1007/BF01386390.
package final class RouteFinder {
    package let network: RoadNetwork
    /// For each destination in use: the arc to take at each node, counted from the node's first; 255 at the destination.
    private var nextArc: [[UInt8]?]
    private var cost_s: [Double]
    private var heap = CostHeap()
    /// Arcs that are closed: taken only where there is no other way. Empty where none is.
    private let isClosed: [Bool]

    /// How many times slower a closed arc is to the search.
    static let closedFactor = 50.0
    static let arrived: UInt8 = 255
    /// What passing a traffic light costs on average, in seconds.
    static let lightCost_s = 14.0
    /// What any crossing costs: keeps routes on the through roads.
    static let crossingCost_s = 2.0

    /// - Parameter isClosed: for each arc, or empty.
    package init(network: RoadNetwork, isClosed: [Bool] = []) {
        precondition(isClosed.isEmpty || isClosed.count == network.arcCount, "an answer for each arc, or none")
        self.network = network
        self.isClosed = isClosed
        nextArc = [[UInt8]?](repeating: nil, count: network.nodeCount)
        cost_s = [Double](repeating: .infinity, count: network.nodeCount)
    }

    /// The arcs of the fastest way from one node to another; empty where they are the same.
    package func route(from origin: Int, to destination: Int) -> [Int] {
        let tree = tree(to: destination)
        var arcs: [Int] = []
        var node = origin
        while tree[node] != Self.arrived {
            let arc = Int(network.firstArc[node]) + Int(tree[node])
            arcs.append(arc)
            node = Int(network.arcHead[arc])
        }
        return arcs
    }

    /// The cost in seconds that the search gives an arc: driving at the limit, and what its end costs.
    package func cost_s(ofArc arc: Int) -> Double {
        let light = network.lightIndex[Int(network.arcHead[arc])] >= 0
        let free_s =
            network.arcLength_m[arc] / network.arcClass[arc].speedLimit_mps
            + (light ? Self.lightCost_s : Self.crossingCost_s)
        return !isClosed.isEmpty && isClosed[arc] ? free_s * Self.closedFactor : free_s
    }

    private func tree(to destination: Int) -> [UInt8] {
        if let known = nextArc[destination] { return known }
        let tree = search(to: destination)
        nextArc[destination] = tree
        return tree
    }

    private func search(to destination: Int) -> [UInt8] {
        var tree = [UInt8](repeating: Self.arrived, count: network.nodeCount)
        for node in cost_s.indices { cost_s[node] = .infinity }
        cost_s[destination] = 0
        heap.push(cost: 0, node: Int32(destination))
        while let (cost, node) = heap.pop() {
            guard cost == cost_s[Int(node)] else { continue }
            // Every road leads both ways: the arcs that leave a node name the neighbours whose arcs enter it.
            for out in network.arcs(from: Int(node)) {
                let tail = Int(network.arcHead[out])
                for (local, arc) in network.arcs(from: tail).enumerated() where network.arcHead[arc] == node {
                    let total = cost + cost_s(ofArc: arc)
                    if total < cost_s[tail] {
                        cost_s[tail] = total
                        tree[tail] = UInt8(local)
                        heap.push(cost: total, node: Int32(tail))
                    }
                }
            }
        }
        return tree
    }
}

/// A binary heap of nodes by cost, smallest first; equal costs by node, so that ties never depend on the order of insertion.
struct CostHeap {
    private var entries: [(cost: Double, node: Int32)] = []

    private static func isBefore(_ a: (cost: Double, node: Int32), _ b: (cost: Double, node: Int32)) -> Bool {
        a.cost != b.cost ? a.cost < b.cost : a.node < b.node
    }

    mutating func push(cost: Double, node: Int32) {
        entries.append((cost, node))
        var child = entries.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard Self.isBefore(entries[child], entries[parent]) else { break }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    mutating func pop() -> (cost: Double, node: Int32)? {
        guard let first = entries.first, let last = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        entries[0] = last
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < entries.count else { break }
            if child + 1 < entries.count, Self.isBefore(entries[child + 1], entries[child]) { child += 1 }
            guard Self.isBefore(entries[child], entries[parent]) else { break }
            entries.swapAt(child, parent)
            parent = child
        }
        return first
    }
}
