import Geo
import TestSupport
import Testing

@Suite struct `Vehicle index` {
    private struct World: ~Copyable {
        var index = VehicleIndex()
        var places: [Int32: Coordinate] = [:]
        let center: Coordinate
        let size: Double

        mutating func place(_ vehicle: Int32, _ random: inout SplitMix64) -> Bool {
            let y = min(90, max(-90, center.latitude + random.double(-size...size)))
            let x = Longitude.wrapped(center.longitude + random.double(-size...size))
            let (latitude, longitude) = (Int32((y * 1e7).rounded()), Int32((x * 1e7).rounded()))
            index.update(vehicle: vehicle, latitude_e7: latitude, longitude_e7: longitude)
            places[vehicle] = Coordinate(latitude_e7: latitude, longitude_e7: longitude)
            return index.position(of: vehicle) == places[vehicle]
        }

        func sorted(around p: Coordinate) -> [(vehicle: Int32, distance_m: Double)] {
            places.map { (vehicle: $0.key, distance_m: p.distance_m(to: $0.value)) }
                .sorted { ($0.distance_m, $0.vehicle) < ($1.distance_m, $1.vehicle) }
        }
    }

    private func same(_ a: [(vehicle: Int32, distance_m: Double)], _ b: [(vehicle: Int32, distance_m: Double)]) -> Bool
    {
        a.elementsEqual(b) { $0.vehicle == $1.vehicle && $0.distance_m == $1.distance_m }
    }

    @Test(arguments: [
        (121.5, 25.05, 0.2), (121.5, 25.05, 0.003), (121.5, 25.05, 0.03), (-70.6, -33.4, 0.03), (179.99, -17, 0.1),
        (-179.999, 66, 3), (10, 89.9, 5), (-50, -90, 1),
        (0, 0, 175),
    ])
    func `searches are those of a walk over all vehicles`(_ longitude: Double, _ latitude: Double, _ size: Double) {
        var random = SplitMix64(seed: 31)
        var world = World(center: at(longitude, latitude), size: size)
        for round in 0..<25 {
            for _ in 0..<40 {
                let vehicle = Int32(random.int(0...300))
                if random.int(0...4) == 0 {
                    world.index.remove(vehicle: vehicle)
                    world.places[vehicle] = nil
                } else {
                    #expect(world.place(vehicle, &random))
                }
            }
            world.index._checkInvariants()
            #expect(world.index.count == world.places.count)
            let p = at(
                Longitude.wrapped(longitude + random.double(-size...size) * 1.2),
                min(90, max(-90, latitude + random.double(-size...size) * 1.2)))
            let all = world.sorted(around: p)
            let k = [1, 10, 40, 1000][round % 4]
            let nearest = world.index.nearest(k, latitude: p.latitude, longitude: p.longitude)
            #expect(same(nearest, Array(all.prefix(k))), "round \(round) around \(p)")
            let radius_m = size * 111_000 * random.unit()
            let even = world.index.nearest(
                7, latitude: p.latitude, longitude: p.longitude, maxDistance_m: radius_m, where: { $0 % 2 == 0 })
            #expect(same(even, Array(all.filter { $0.vehicle % 2 == 0 && $0.distance_m <= radius_m }.prefix(7))))
            let within = world.index.within(radius_m: radius_m, latitude: p.latitude, longitude: p.longitude)
            #expect(same(within, all.filter { $0.distance_m <= radius_m }), "round \(round) around \(p)")
            let west = Longitude.wrapped(p.longitude - size / 2)
            let east = Longitude.wrapped(p.longitude + size / 2)
            let (south, north) = (p.latitude - size / 2, p.latitude + size / 3)
            let box = world.index.within(south: south, west: west, north: north, east: east)
            let expected = world.places.filter { _, c in
                guard c.latitude >= south, c.latitude <= north else { return false }
                return west <= east ? (west...east).contains(c.longitude) : c.longitude >= west || c.longitude <= east
            }
            #expect(box == expected.keys.sorted(), "round \(round), box \(west)…\(east)")
        }
    }

    @Test func `the edge of the world`() {
        var index = VehicleIndex()
        index.update(vehicle: 0, latitude_e7: 900_000_000, longitude_e7: 1_800_000_000)
        index.update(vehicle: 1, latitude_e7: -900_000_000, longitude_e7: -1_800_000_000)
        index.update(vehicle: 2, latitude_e7: 0, longitude_e7: 1_800_000_000)
        index.update(vehicle: 3, latitude_e7: 0, longitude_e7: -1_800_000_000)
        index._checkInvariants()
        #expect(index.nearest(2, latitude: 0, longitude: 180).map(\.vehicle) == [2, 3])
        #expect(index.nearest(1, latitude: 90, longitude: 0).map(\.vehicle) == [0])
        #expect(index.within(south: -1, west: 170, north: 1, east: 180) == [2, 3])
        #expect(index.within(south: -1, west: -180, north: 1, east: -170) == [2, 3])
        #expect(index.within(south: -90, west: -180, north: 90, east: 180) == [0, 1, 2, 3])
        #expect(index.within(radius_m: 0, latitude: 0, longitude: 180).map(\.vehicle).first == 2)
        #expect(index.nearest(0, latitude: 0, longitude: 0).isEmpty)
        #expect(index.nearest(5, latitude: .nan, longitude: 0).isEmpty)
        #expect(index.nearest(5, latitude: 0, longitude: 0, maxDistance_m: -1).isEmpty)
        #expect(index.within(south: 1, west: 0, north: -1, east: 10).isEmpty)
        for vehicle in Int32(0)..<5 { index.remove(vehicle: vehicle) }
        index.remove(vehicle: -1)
        index._checkInvariants()
        #expect(index.count == 0 && index.nearest(3, latitude: 0, longitude: 0).isEmpty && index.position(of: 2) == nil)
    }

    @Test func `vehicles in one place are sorted by number`() {
        var index = VehicleIndex()
        for vehicle in (Int32(0)..<200).reversed() {
            index.update(vehicle: vehicle, latitude_e7: 250_000_000, longitude_e7: 1_215_000_000)
        }
        index._checkInvariants()
        #expect(index.nearest(12, latitude: 25, longitude: 121.5).map(\.vehicle) == Array(0..<12))
        #expect(index.within(radius_m: 1, latitude: 25, longitude: 121.5).count == 200)
    }

    @Test func `a crowd gathers in one cell and leaves it again`() {
        var random = SplitMix64(seed: 5)
        var world = World(center: at(121.5, 25.05), size: 0.02)
        let depot = at(121.5, 25.05)
        for vehicle in Int32(0)..<400 { #expect(world.place(vehicle, &random)) }
        for vehicle in Int32(0)..<400 {
            world.index.update(vehicle: vehicle, latitude_e7: 250_500_000 + vehicle, longitude_e7: 1_215_000_000)
            if vehicle % 50 == 0 { world.index._checkInvariants() }
        }
        world.index._checkInvariants()
        #expect(
            world.index.nearest(40, latitude: depot.latitude, longitude: depot.longitude).map { $0.vehicle }
                == Array(0..<40))
        for vehicle in Int32(0)..<400 {
            if vehicle % 3 == 0 {
                world.index.remove(vehicle: vehicle)
                world.places[vehicle] = nil
            } else {
                #expect(world.place(vehicle, &random))
            }
            if vehicle % 50 == 0 { world.index._checkInvariants() }
        }
        world.index._checkInvariants()
        let nearest = world.index.nearest(300, latitude: depot.latitude, longitude: depot.longitude)
        #expect(same(nearest, world.sorted(around: depot)))
    }

    @Test func `numbers far apart, and looking ahead to any`() {
        var index = VehicleIndex()
        let high: Int32 = 300_000
        for vehicle in [high, 0, 7] {
            index.update(vehicle: vehicle, latitude_e7: 250_000_000 + vehicle, longitude_e7: 1_215_000_000)
        }
        for vehicle in [-1, 0, 5, high, high + 1, .max, .min] {
            index.prefetch(vehicle: vehicle)
            index.prefetchSlot(vehicle: vehicle)
        }
        index._checkInvariants()
        #expect(index.count == 3 && index.position(of: 6) == nil && index.position(of: high + 1) == nil)
        #expect(index.position(of: high) == Coordinate(latitude_e7: 250_300_000, longitude_e7: 1_215_000_000))
        #expect(index.nearest(5, latitude: 25, longitude: 121.5).map(\.vehicle) == [0, 7, high])
    }
}
