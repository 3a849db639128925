import Geo
import Glibc

/// The index of moving vehicles.
enum VehicleCases {
    static let all: [BenchCase] = [
        BenchCase(name: "vehicles/100k", help: "100,000 vehicles: moving, nearest, within") {
            (size) throws(BenchError) in
            try VehicleMeasurement(name: "vehicles.100k", count: size.count(100_000, least: 300), size: size).rows()
        },
        BenchCase(name: "vehicles/1m", help: "a million vehicles: moving, nearest, within, bytes a vehicle") {
            (size) throws(BenchError) in
            try VehicleMeasurement(name: "vehicles.1m", count: size.count(1_000_000, least: 600), size: size).rows()
        },
    ]
}

/// Vehicles in Taiwan, nine of ten in towns, each moving 10–50 m at a time.
struct VehicleMeasurement {
    private struct Mover {
        var latitude_e7: Int32
        var longitude_e7: Int32
        var stepLatitude: Int32
        var stepLongitude: Int32

        mutating func move(_ vehicle: Int32) -> Report {
            latitude_e7 += stepLatitude
            longitude_e7 += stepLongitude
            return Report(vehicle: vehicle, latitude_e7: latitude_e7, longitude_e7: longitude_e7)
        }
    }

    private struct Report {
        var vehicle: Int32
        var latitude_e7: Int32
        var longitude_e7: Int32
    }

    let name: String
    let count: Int
    let size: BenchSize
    private var movers: [Mover] = []
    /// The order in which the vehicles report.
    private var order: [Int32] = []
    private var places: [Coordinate] = []

    init(name: String, count: Int, size: BenchSize) {
        self.name = name
        self.count = count
        self.size = size
        var random = BenchRandom(seed: size.seed)
        let towns = (0..<40).map { _ in
            Coordinate(latitude: random.double(22...25.2), longitude: random.double(120.2...121.8))
        }
        func place(_ i: Int) -> Coordinate {
            if i % 10 == 9 {
                return Coordinate(latitude: random.double(21.9...25.3), longitude: random.double(120...122))
            }
            let town = towns[random.int(below: towns.count)]
            // The sum of four is nearly a normal distribution: towns are dense in the middle.
            func off() -> Double { (0..<4).reduce(0) { sum, _ in sum + random.double(-0.05...0.05) } }
            return Coordinate(latitude: town.latitude + off(), longitude: town.longitude + off())
        }
        for i in 0..<count {
            let p = place(i)
            let angle = random.double(0...2 * Double.pi)
            let step = random.double(900...4500)
            movers.append(
                Mover(
                    latitude_e7: Int32(p.latitude * 1e7), longitude_e7: Int32(p.longitude * 1e7),
                    stepLatitude: Int32(step * sin(angle)), stepLongitude: Int32(step * cos(angle))))
        }
        order = (0..<Int32(count)).map { $0 }
        for i in order.indices.reversed() { order.swapAt(i, random.int(below: i + 1)) }
        places = (0..<size.count(20_000, least: 40)).map(place)
    }

    func rows() throws(BenchError) -> [BenchRow] {
        let before = Measure.resident_bytes()
        var index = VehicleIndex()
        var movers = movers
        for vehicle in order {
            let mover = movers[Int(vehicle)]
            index.update(vehicle: vehicle, latitude_e7: mover.latitude_e7, longitude_e7: mover.longitude_e7)
        }
        var update: [Double] = []
        var updateAhead: [Double] = []
        var reports: [Report] = []
        reports.reserveCapacity(count)
        for round in 0...(2 * size.repetitions) {
            // As they arrive: one after the other in memory, whatever the vehicle.
            reports.removeAll(keepingCapacity: true)
            for vehicle in order { reports.append(movers[Int(vehicle)].move(vehicle)) }
            if round % 2 == 0 {
                update.append(Measure.time_ns { Self.update(&index, reports) } / Double(count))
            } else {
                updateAhead.append(Measure.time_ns { Self.updateAhead(&index, reports) } / Double(count))
            }
        }
        update.removeFirst()
        reports = []
        let moversSize = movers.count * MemoryLayout<Mover>.stride
        let bytes = Double(Measure.resident_bytes() - before - moversSize) / Double(max(1, index.count))
        var rows = [
            BenchRow.count("\(name).vehicles", index.count, "count"),
            .measured("\(name).update", update, "ns"),
            .measured("\(name).update_ahead", updateAhead, "ns"),
            .figure("\(name).memory", bytes, "bytes/vehicle"),
        ]
        rows += try queries(index, movers)
        return rows
    }

    private static func update(_ index: inout VehicleIndex, _ reports: [Report]) {
        for report in reports {
            index.update(
                vehicle: report.vehicle, latitude_e7: report.latitude_e7, longitude_e7: report.longitude_e7)
        }
    }

    /// As an owner does that has a batch of reports in hand.
    private static func updateAhead(_ index: inout VehicleIndex, _ reports: [Report]) {
        for i in reports.indices {
            index.prefetch(vehicle: reports[min(i + 16, reports.count - 1)].vehicle)
            index.prefetchSlot(vehicle: reports[min(i + 8, reports.count - 1)].vehicle)
            let report = reports[i]
            index.update(
                vehicle: report.vehicle, latitude_e7: report.latitude_e7, longitude_e7: report.longitude_e7)
        }
    }

    private func queries(_ index: borrowing VehicleIndex, _ movers: [Mover]) throws(BenchError) -> [BenchRow] {
        var sum: UInt64 = 0
        func every(_ body: (Coordinate) -> Int) -> [Double] {
            Measure.each_ns(places.count, size.repetitions) { for p in places { sum &+= UInt64(body(p)) } }
        }
        let nearest = every { index.nearest(10, latitude: $0.latitude, longitude: $0.longitude).count }
        let filtered = every {
            index.nearest(10, latitude: $0.latitude, longitude: $0.longitude, where: VehicleMeasurement.isWanted).count
        }
        var inRadius = 0
        let radius = every {
            var found = 0
            index.forEach(withinRadius_m: 1000, latitude: $0.latitude, longitude: $0.longitude) { _, _ in found += 1 }
            inRadius += found
            return found
        }
        var inBox = 0
        let box = every {
            var found = 0
            index.forEach(
                south: $0.latitude - 0.01, west: $0.longitude - 0.01, north: $0.latitude + 0.01,
                east: $0.longitude + 0.01
            ) { _, _ in found += 1 }
            inBox += found
            return found
        }
        let rounds = Double(places.count * (size.repetitions + 1))
        let meanRadius = Double(inRadius) / rounds
        let meanBox = Double(inBox) / rounds
        return [
            .measured("\(name).nearest_10", nearest.map { $0 / 1000 }, "us"),
            .measured("\(name).nearest_10_of_a_quarter", filtered.map { $0 / 1000 }, "us"),
            .measured("\(name).radius_1km", radius.map { $0 / max(1, meanRadius) }, "ns/vehicle_found"),
            .figure("\(name).radius_1km.found", meanRadius, "vehicles"),
            .measured("\(name).box_2km", box.map { $0 / max(1, meanBox) }, "ns/vehicle_found"),
            .figure("\(name).box_2km.found", meanBox, "vehicles"),
        ] + (try judge(index, movers))
    }

    /// Free and of a group, say: one of four passes.
    private static func isWanted(_ vehicle: Int32) -> Bool { vehicle & 3 == 1 }

    /// Brute force over some of the places: the time of it, and whether all answers are the same.
    private func judge(_ index: borrowing VehicleIndex, _ movers: [Mover]) throws(BenchError) -> [BenchRow] {
        var checksum: UInt64 = 0
        var forced: [Double] = []
        for p in places.prefix(20) {
            var all: [(distance_m: Double, vehicle: Int32)] = []
            forced.append(
                Measure.time_ns {
                    for (vehicle, mover) in movers.enumerated() {
                        let position = Coordinate(latitude_e7: mover.latitude_e7, longitude_e7: mover.longitude_e7)
                        all.append((p.distance_m(to: position), Int32(vehicle)))
                    }
                    all.sort { $0 < $1 }
                } / 1000)
            let wanted = all.filter { VehicleMeasurement.isWanted($0.vehicle) }.prefix(10).map(\.vehicle)
            let near = all.prefix { $0.distance_m <= 1000 }.map(\.vehicle)
            let boxed = all.map(\.vehicle).filter {
                let mover = movers[Int($0)]
                let c = Coordinate(latitude_e7: mover.latitude_e7, longitude_e7: mover.longitude_e7)
                return c.latitude >= p.latitude - 0.01 && c.latitude <= p.latitude + 0.01
                    && c.longitude >= p.longitude - 0.01 && c.longitude <= p.longitude + 0.01
            }.sorted()
            let isSame =
                index.nearest(10, latitude: p.latitude, longitude: p.longitude).map { $0.vehicle }
                == all.prefix(10).map(\.vehicle)
                && index.nearest(
                    10, latitude: p.latitude, longitude: p.longitude, where: VehicleMeasurement.isWanted
                ).map(\.vehicle) == wanted
                && index.within(radius_m: 1000, latitude: p.latitude, longitude: p.longitude).map(\.vehicle) == near
                && index.within(
                    south: p.latitude - 0.01, west: p.longitude - 0.01, north: p.latitude + 0.01,
                    east: p.longitude + 0.01) == boxed
            guard isSame else { throw BenchError("\(name): the index and brute force differ at \(p)") }
            for (rank, vehicle) in (all.prefix(10).map(\.vehicle) + wanted + near + boxed).enumerated() {
                checksum &+= Checksum.pair(rank, vehicle)
            }
        }
        return [
            .measured("\(name).brute_force", forced, "us"), .checksum("\(name).checksum", checksum),
        ]
    }
}
