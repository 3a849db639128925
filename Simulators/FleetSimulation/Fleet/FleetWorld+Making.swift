import Glibc

extension FleetWorld {
    /// Makes the roads of a scenario, and the places: those of the geofences that lie in its area, or where there is no
    /// depot (no customer) among them, places drawn from the scenario's seed.
    package static func make(
        _ scenario: Scenario, geofences: GeofencePlaces = GeofencePlaces()
    ) throws(SimulationError) -> FleetWorld {
        let area = scenario.area
        let plane = LocalPlane(
            latitude_deg: (area.south_deg + area.north_deg) / 2, longitude_deg: (area.west_deg + area.east_deg) / 2)
        let network = RoadNetworkGenerator.network(
            southWest: plane.point(latitude_deg: area.south_deg, longitude_deg: area.west_deg),
            northEast: plane.point(latitude_deg: area.north_deg, longitude_deg: area.east_deg),
            spacing_m: area.streetSpacing_m, seed: scenario.seed)
        func given(_ found: [GeofencePlaces.Found]) -> [Place] {
            found.filter {
                $0.latitude_deg >= area.south_deg && $0.latitude_deg <= area.north_deg
                    && $0.longitude_deg >= area.west_deg && $0.longitude_deg <= area.east_deg
            }.map {
                let position = plane.point(latitude_deg: $0.latitude_deg, longitude_deg: $0.longitude_deg)
                return Place(id: $0.id, position: position, node: network.nearestNode(to: position))
            }
        }
        var random = RandomSource(seed: scenario.seed, purpose: .places)
        let madeDepots = places("depot", scenario.places.depots, beside: network, random: &random)
        let madeCustomers = places("customer", scenario.places.customers, beside: network, random: &random)
        let depots = given(geofences.depots)
        let customers = given(geofences.customers)
        return try FleetWorld(
            plane: plane, network: network, depots: depots.isEmpty ? madeDepots : depots,
            customers: customers.isEmpty ? madeCustomers : customers)
    }

    /// Places 10 to 60 m off crossings drawn at random. Not at crossings of expressways.
    private static func places(
        _ kind: String, _ count: Int, beside network: RoadNetwork, random: inout RandomSource
    ) -> [Place] {
        let candidates = (0..<network.nodeCount).filter { node in
            network.arcs(from: node).allSatisfy {
                network.arcClass[$0] == .street || network.arcClass[$0] == .lane || network.arcClass[$0] == .arterial
            }
        }
        guard !candidates.isEmpty else { return [] }
        return (1...count).map { number in
            let node = candidates[random.integer(0...(candidates.count - 1))]
            let distance_m = random.uniform(10...60)
            let direction = random.uniform(0...(2 * .pi))
            let crossing = network.position[node]
            return Place(
                id: "\(kind)-\(number)",
                position: PlanePoint(
                    x_m: crossing.x_m + distance_m * sin(direction), y_m: crossing.y_m + distance_m * cos(direction)),
                node: node)
        }
    }
}
