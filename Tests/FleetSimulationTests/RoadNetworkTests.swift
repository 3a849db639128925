import FleetSimulation
import Testing

@Suite struct RoadNetworkTests {
    @Test(arguments: [1, 2, 3, 20_261_120] as [UInt64])
    func `a generated network is sound, and has all classes of road`(seed: UInt64) throws {
        var scenario = Scenario()
        scenario.seed = seed
        let network = try FleetWorld.make(scenario).network
        #expect(network.invariantViolation() == nil, "seed \(seed)")
        #expect(network.nodeCount > 3_000, "seed \(seed)")
        for roadClass in [RoadClass.highway, .ramp, .arterial, .street, .lane] {
            #expect(network.arcClass.contains(roadClass), "seed \(seed): no \(roadClass)")
        }
        #expect(network.arcIsTunnel.contains(true), "seed \(seed)")
        #expect(network.lights.count > 100, "seed \(seed)")
    }

    @Test func `rivers are crossed on bridges of large roads only`() throws {
        let network = try FleetWorld.make(Scenario()).network
        func cross(_ a: PlanePoint, _ b: PlanePoint, _ c: PlanePoint, _ d: PlanePoint) -> Bool {
            func turn(_ p: PlanePoint, _ q: PlanePoint, _ r: PlanePoint) -> Bool {
                (q.x_m - p.x_m) * (r.y_m - p.y_m) > (q.y_m - p.y_m) * (r.x_m - p.x_m)
            }
            return turn(a, c, d) != turn(b, c, d) && turn(a, b, c) != turn(a, b, d)
        }
        var bridges = 0
        for node in 0..<network.nodeCount {
            for arc in network.arcs(from: node) {
                let head = Int(network.arcHead[arc])
                let isBridge = network.rivers.contains { river in
                    zip(river, river.dropFirst()).contains {
                        cross(network.position[node], network.position[head], $0, $1)
                    }
                }
                guard isBridge else { continue }
                bridges += 1
                #expect(network.arcClass[arc] == .arterial || network.arcClass[arc] == .highway)
            }
        }
        #expect(bridges >= 4)
        #expect(bridges < network.arcCount / 50)
    }

    @Test func `the same seed makes the same network, another one another`() throws {
        let a = try FleetWorld.make(.small(seed: 1)).network
        let b = try FleetWorld.make(.small(seed: 1)).network
        let c = try FleetWorld.make(.small(seed: 2)).network
        #expect(a.position == b.position)
        #expect(a.arcHead == b.arcHead)
        #expect(a.position != c.position)
    }

    /// Against Bellman and Ford's method, which shares nothing with the search under test.
    @Test(arguments: [1, 2] as [UInt64])
    func `routes are the fastest there are`(seed: UInt64) throws {
        let world = try FleetWorld.make(.small(seed: seed))
        let network = world.network
        var random = TestRandom(seed: seed)
        for _ in 0..<3 {
            let origin = random.below(network.nodeCount)
            var cost_s = [Double](repeating: .infinity, count: network.nodeCount)
            cost_s[origin] = 0
            var isChanging = true
            while isChanging {
                isChanging = false
                for node in 0..<network.nodeCount where cost_s[node].isFinite {
                    for arc in network.arcs(from: node) {
                        let head = Int(network.arcHead[arc])
                        let total = cost_s[node] + world.routes.cost_s(ofArc: arc)
                        if total < cost_s[head] - 1e-9 {
                            cost_s[head] = total
                            isChanging = true
                        }
                    }
                }
            }
            for _ in 0..<20 {
                let destination = random.below(network.nodeCount)
                let route = world.routes.route(from: origin, to: destination)
                var node = origin
                var total = 0.0
                for arc in route {
                    #expect(network.arcs(from: node).contains(arc), "seed \(seed)")
                    total += world.routes.cost_s(ofArc: arc)
                    node = Int(network.arcHead[arc])
                }
                #expect(node == destination, "seed \(seed)")
                #expect(abs(total - cost_s[destination]) < 1e-6, "seed \(seed): \(origin) to \(destination)")
            }
        }
    }

    @Test func `the plane goes there and back`() {
        let plane = LocalPlane(latitude_deg: 25.05, longitude_deg: 121.535)
        let point = plane.point(latitude_deg: 25.0478, longitude_deg: 121.5170)
        #expect(abs(plane.latitude_deg(of: point) - 25.0478) < 1e-12)
        #expect(abs(plane.longitude_deg(of: point) - 121.5170) < 1e-12)
        // Taipei Main Station to Taipei 101, 5.03 km by the haversine formula on the same sphere.
        let tower = plane.point(latitude_deg: 25.0336, longitude_deg: 121.5645)
        #expect(abs(point.distance_m(to: tower) - 5_040) < 30)
    }

    @Test func `a light is red for one direction when it is green for the other`() {
        let light = TrafficLight(cycle_s: 90, offset_s: 17, eastWestShare: 0.4)
        var green = 0
        for second in -200..<700 {
            let eastWest = light.wait_s(at: Double(second), isEastWest: true)
            let northSouth = light.wait_s(at: Double(second), isEastWest: false)
            #expect((eastWest == 0) != (northSouth == 0))
            #expect(eastWest <= 54.001 && northSouth <= 36.001)
            let after = light.wait_s(at: Double(second) + eastWest + 0.001, isEastWest: true)
            #expect(after == 0)
            green += eastWest == 0 ? 1 : 0
        }
        #expect(green == 360)
    }
}
