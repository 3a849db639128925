/// Collects nodes and two-way roads, and turns the largest connected part of them into a `RoadNetwork`.
struct RoadNetworkBuilder {
    private struct Road {
        var from: Int
        var to: Int
        var roadClass: RoadClass
        var isTunnel: Bool
    }

    private(set) var positions: [PlanePoint] = []
    private var lightOf: [TrafficLight?] = []
    private var roads: [Road] = []
    var rivers: [[PlanePoint]] = []

    mutating func addNode(_ position: PlanePoint) -> Int {
        positions.append(position)
        lightOf.append(nil)
        return positions.count - 1
    }

    mutating func addRoad(_ from: Int, _ to: Int, _ roadClass: RoadClass, isTunnel: Bool = false) {
        guard from != to, positions[from].distance_m(to: positions[to]) > 1 else { return }
        roads.append(Road(from: from, to: to, roadClass: roadClass, isTunnel: isTunnel))
    }

    mutating func setLight(_ light: TrafficLight, at node: Int) {
        lightOf[node] = light
    }

    /// The network of the largest connected part; nodes keep their order. Linear in nodes and roads.
    func build() -> RoadNetwork {
        let component = largestComponent()
        var newIndex = [Int](repeating: -1, count: positions.count)
        var kept: [Int] = []
        for node in positions.indices where component[node] {
            newIndex[node] = kept.count
            kept.append(node)
        }
        let keptRoads = roads.filter { component[$0.from] }
        var firstArc = [Int32](repeating: 0, count: kept.count + 1)
        for road in keptRoads {
            firstArc[newIndex[road.from] + 1] += 1
            firstArc[newIndex[road.to] + 1] += 1
        }
        for node in kept.indices { firstArc[node + 1] += firstArc[node] }
        var next = firstArc
        let arcCount = keptRoads.count * 2
        var network = RoadNetwork(
            position: kept.map { positions[$0] }, lightIndex: [Int32](repeating: -1, count: kept.count), lights: [],
            firstArc: firstArc, arcHead: [Int32](repeating: 0, count: arcCount),
            arcLength_m: [Double](repeating: 0, count: arcCount),
            arcClass: [RoadClass](repeating: .lane, count: arcCount),
            arcIsTunnel: [Bool](repeating: false, count: arcCount), rivers: rivers)
        for road in keptRoads {
            let length_m = positions[road.from].distance_m(to: positions[road.to])
            for (tail, head) in [(road.from, road.to), (road.to, road.from)] {
                let arc = Int(next[newIndex[tail]])
                next[newIndex[tail]] += 1
                network.arcHead[arc] = Int32(newIndex[head])
                network.arcLength_m[arc] = length_m
                network.arcClass[arc] = road.roadClass
                network.arcIsTunnel[arc] = road.isTunnel
            }
        }
        for (index, node) in kept.enumerated() {
            guard let light = lightOf[node] else { continue }
            network.lightIndex[index] = Int32(network.lights.count)
            network.lights.append(light)
        }
        return network
    }

    private func largestComponent() -> [Bool] {
        var parent = Array(positions.indices)
        func root(_ node: Int) -> Int {
            var node = node
            while parent[node] != node {
                parent[node] = parent[parent[node]]
                node = parent[node]
            }
            return node
        }
        for road in roads {
            let a = root(road.from)
            let b = root(road.to)
            if a != b { parent[max(a, b)] = min(a, b) }
        }
        var size = [Int](repeating: 0, count: positions.count)
        for node in positions.indices { size[root(node)] += 1 }
        var largest = 0
        for node in positions.indices where size[node] > size[largest] { largest = node }
        return positions.indices.map { root($0) == largest }
    }
}
