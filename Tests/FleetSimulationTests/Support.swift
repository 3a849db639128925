import FleetSimulation
import TestSupport

/// Keeps what a simulation sends.
struct CollectingSink: MessageSink {
    var messages: [SimulatedMessage] = []

    mutating func send(_ message: SimulatedMessage) throws(SimulationError) {
        messages.append(message)
    }
}

/// SplitMix64, for what the tests themselves draw.
struct TestRandom {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

extension Scenario {
    /// A quarter of Taipei, which is quick to make in a debug build.
    static func small(seed: UInt64) -> Scenario {
        var scenario = Scenario()
        scenario.seed = seed
        scenario.area.south_deg = 25.02
        scenario.area.north_deg = 25.08
        scenario.area.west_deg = 121.50
        scenario.area.east_deg = 121.57
        scenario.places.depots = 2
        scenario.places.customers = 40
        return scenario
    }
}

/// Runs a whole simulation of `duration_s` and gives its messages and counts.
func simulate(
    _ scenario: Scenario, vehicles: Int, duration_s: Double, fixedInterval_s: Double? = nil,
    announcesStatus: Bool = true
) throws -> (messages: [SimulatedMessage], counts: RunCounts, simulator: FleetSimulator) {
    var simulator = FleetSimulator(
        world: try FleetWorld.make(scenario),
        run: .init(
            scenario: scenario, start_ms: scenario.start_ms, announcesStatus: announcesStatus,
            fixedInterval_s: fixedInterval_s),
        vehicleCount: vehicles)
    var sink = CollectingSink()
    try simulator.begin(into: &sink)
    try simulator.advance(to: Int64(duration_s * 1e6), into: &sink)
    try simulator.finish(into: &sink)
    return (sink.messages, simulator.counts, simulator)
}

extension SimulatedMessage {
    var topicText: String { String(decoding: topic, as: UTF8.self) }
    var text: String { String(decoding: payload, as: UTF8.self) }
}

/// How far a point is from the nearest road or driveway.
func distanceToRoads_m(_ point: PlanePoint, _ world: FleetWorld) -> Double {
    func distance_m(_ a: PlanePoint, _ b: PlanePoint) -> Double {
        let dx = b.x_m - a.x_m
        let dy = b.y_m - a.y_m
        let square = dx * dx + dy * dy
        let along = square > 0 ? ((point.x_m - a.x_m) * dx + (point.y_m - a.y_m) * dy) / square : 0
        let clamped = min(1, max(0, along))
        return point.distance_m(to: PlanePoint(x_m: a.x_m + dx * clamped, y_m: a.y_m + dy * clamped))
    }
    let network = world.network
    var nearest = Double.infinity
    for place in world.depots + world.customers {
        nearest = min(nearest, distance_m(place.position, network.position[place.node]))
    }
    for node in 0..<network.nodeCount {
        for arc in network.arcs(from: node) {
            nearest = min(nearest, distance_m(network.position[node], network.position[Int(network.arcHead[arc])]))
        }
    }
    return nearest
}
