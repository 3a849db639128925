/// A place that vehicles drive to.
package struct Place: Sendable, Equatable {
    package let id: String
    package let position: PlanePoint
    /// The node of the network from which a driveway leads to it.
    package let node: Int

    package init(id: String, position: PlanePoint, node: Int) {
        self.id = id
        self.position = position
        self.node = node
    }
}

/// What all vehicles share: the plane, the roads, and the places. Made from the scenario and its seed alone.
///
/// Not for several threads: routes are found, and kept, while vehicles drive.
package final class FleetWorld {
    package let plane: LocalPlane
    package let routes: RouteFinder
    package let depots: [Place]
    package let customers: [Place]

    package var network: RoadNetwork { routes.network }

    /// Fails where there is no depot or no customer.
    package init(plane: LocalPlane, network: RoadNetwork, depots: [Place], customers: [Place]) throws(SimulationError) {
        guard !depots.isEmpty else { throw .noPlaces(kind: "depot") }
        guard !customers.isEmpty else { throw .noPlaces(kind: "customer") }
        self.plane = plane
        self.depots = depots
        self.customers = customers
        routes = RouteFinder(network: network)
    }

    /// The way from one place to another: out of the driveway, over the roads, into the other's.
    ///
    /// - Parameter other: a search over the same network that knows of closed roads, in place of the usual one.
    package func path(from origin: Place, to destination: Place, by other: RouteFinder? = nil) -> DrivePath {
        var path = DrivePath(start: origin.position)
        path.append(
            to: network.position[origin.node], roadClass: .driveway, lightIndex: network.lightIndex[origin.node])
        for arc in (other ?? routes).route(from: origin.node, to: destination.node) {
            let head = Int(network.arcHead[arc])
            path.append(
                to: network.position[head], roadClass: network.arcClass[arc], isTunnel: network.arcIsTunnel[arc],
                lightIndex: network.lightIndex[head])
        }
        path.append(to: destination.position, roadClass: .driveway)
        return path
    }

    /// The customers of a tour in the order of driving: `count` that lie near one another (fewer where there are fewer),
    /// each next one the nearest to the one before.
    package func tour(from depot: Place, count: Int, random: inout RandomSource) -> [Place] {
        let anchor = customers[random.integer(0...(customers.count - 1))]
        var candidates: [Int] = []
        for _ in 0..<(count * 8) {
            let drawn = random.integer(0...(customers.count - 1))
            if !candidates.contains(drawn) { candidates.append(drawn) }
        }
        let distances = candidates.map { ($0, customers[$0].position.distance_m(to: anchor.position)) }
        var remaining = distances.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(count).map { customers[$0.0] }
        var ordered: [Place] = []
        var here = depot.position
        while !remaining.isEmpty {
            var nearest = 0
            for index in remaining.indices
            where remaining[index].position.distance_m(to: here) < remaining[nearest].position.distance_m(to: here) {
                nearest = index
            }
            let next = remaining.remove(at: nearest)
            ordered.append(next)
            here = next.position
        }
        return ordered
    }
}
