import Glibc

/// Makes a road network that looks like a city from the air: an irregular grid of arterials with streets and lanes
/// between them, two expressways that cross the whole area diagonally, one of them through a tunnel, and two rivers that only
/// some arterials and the expressways bridge.
///
/// The same area, spacing and seed make the same network.
package struct RoadNetworkGenerator {
    private let bounds: Bounds
    private let spacing_m: Double
    private var random: RandomSource
    private var builder = RoadNetworkBuilder()
    private var columnIsArterial: [Bool] = []
    private var rowIsArterial: [Bool] = []
    /// Node of column i and row j: `grid[j * columns + i]`.
    private var grid: [Int] = []
    private var crossings = 0

    private struct Bounds {
        var west_m: Double
        var east_m: Double
        var south_m: Double
        var north_m: Double
        var width_m: Double { east_m - west_m }
        var height_m: Double { north_m - south_m }
    }

    private var columns: Int { columnIsArterial.count }
    private var rows: Int { rowIsArterial.count }

    private init(southWest: PlanePoint, northEast: PlanePoint, spacing_m: Double, seed: UInt64) {
        bounds = Bounds(
            west_m: southWest.x_m, east_m: northEast.x_m, south_m: southWest.y_m, north_m: northEast.y_m)
        self.spacing_m = spacing_m
        random = RandomSource(seed: seed, purpose: .network)
    }

    /// The network between two corners, with a street about every `spacing_m` metres. Linear in the number of crossings.
    package static func network(
        southWest: PlanePoint, northEast: PlanePoint, spacing_m: Double, seed: UInt64
    ) -> RoadNetwork {
        var generator = RoadNetworkGenerator(
            southWest: southWest, northEast: northEast, spacing_m: spacing_m, seed: seed)
        generator.layRivers()
        generator.layGrid()
        generator.connectGrid()
        generator.placeLights()
        generator.layExpressway(
            from: (0.02, 0.08), to: (0.98, 0.93), bend: 0.05, tunnel: 0.42...0.56)
        generator.layExpressway(
            from: (0.06, 0.96), to: (0.95, 0.05), bend: -0.07, tunnel: nil)
        return generator.builder.build()
    }

    private func point(_ fractionEast: Double, _ fractionNorth: Double) -> PlanePoint {
        PlanePoint(
            x_m: bounds.west_m + bounds.width_m * fractionEast, y_m: bounds.south_m + bounds.height_m * fractionNorth)
    }

    // MARK: Rivers

    private mutating func layRivers() {
        let phase = random.unit() * 2 * .pi
        let main = (0...24).map { step -> PlanePoint in
            let north = -0.05 + 1.1 * Double(step) / 24
            return point(0.2 + 0.05 * sin(north * 7 + phase), north)
        }
        let mouth = main[17]
        let branchPhase = random.unit() * 2 * .pi
        let branch = (0...20).map { step -> PlanePoint in
            let along = Double(step) / 20
            let end = point(1.05, 0.74 + 0.06 * sin(along * 9 + branchPhase) * along)
            return mouth.interpolated(to: end, fraction: along)
        }
        builder.rivers = [main, branch]
    }

    private func crossesRiver(_ a: PlanePoint, _ b: PlanePoint) -> Bool {
        builder.rivers.contains { river in
            (1..<river.count).contains { PlanePoint.segmentsCross(a, b, river[$0 - 1], river[$0]) }
        }
    }

    // MARK: Grid

    private mutating func arterialPattern(count: Int) -> [Bool] {
        var pattern = [Bool](repeating: false, count: count)
        var line = random.integer(0...2)
        while line < count {
            pattern[line] = true
            line += random.integer(2...4)
        }
        return pattern
    }

    private mutating func layGrid() {
        columnIsArterial = arterialPattern(count: max(4, Int(bounds.width_m / spacing_m) + 1))
        rowIsArterial = arterialPattern(count: max(4, Int(bounds.height_m / spacing_m) + 1))
        let phases = (0..<4).map { _ in random.unit() * 2 * .pi }
        let wave_m = min(5_000, bounds.width_m / 2)
        let amplitude_m = wave_m * 0.025
        for row in 0..<rows {
            for column in 0..<columns {
                let even = point(Double(column) / Double(columns - 1), Double(row) / Double(rows - 1))
                let onArterial = columnIsArterial[column] || rowIsArterial[row]
                let jitter_m = spacing_m * (onArterial ? 0.03 : 0.12)
                let east = sin(even.y_m / wave_m * 6.28 + phases[0]) + sin(even.x_m / wave_m * 4.1 + phases[1])
                let north = sin(even.x_m / wave_m * 6.28 + phases[2]) + sin(even.y_m / wave_m * 4.7 + phases[3])
                grid.append(
                    builder.addNode(
                        PlanePoint(
                            x_m: even.x_m + amplitude_m * east + random.uniform(-jitter_m...jitter_m),
                            y_m: even.y_m + amplitude_m * north + random.uniform(-jitter_m...jitter_m))))
            }
        }
    }

    private mutating func connectGrid() {
        for row in 0..<rows {
            for column in 0..<columns {
                let here = grid[row * columns + column]
                if column + 1 < columns {
                    connect(here, grid[row * columns + column + 1], isArterial: rowIsArterial[row])
                }
                if row + 1 < rows {
                    connect(here, grid[(row + 1) * columns + column], isArterial: columnIsArterial[column])
                }
            }
        }
    }

    private mutating func connect(_ a: Int, _ b: Int, isArterial: Bool) {
        let isMissing = random.chance(0.15)
        let isLane = random.chance(0.6)
        let isUnderpass = random.chance(0.004)
        if crossesRiver(builder.positions[a], builder.positions[b]) {
            crossings += isArterial ? 1 : 0
            guard isArterial, crossings % 2 == 1 else { return }
            builder.addRoad(a, b, .arterial)
        } else if isArterial {
            builder.addRoad(a, b, .arterial, isTunnel: isUnderpass)
        } else if !isMissing {
            builder.addRoad(a, b, isLane ? .lane : .street)
        }
    }

    private mutating func placeLights() {
        for row in 0..<rows {
            for column in 0..<columns {
                let arterials = (rowIsArterial[row] ? 1 : 0) + (columnIsArterial[column] ? 1 : 0)
                let light = TrafficLight(
                    cycle_s: Double(random.integer(12...24)) * 5, offset_s: random.uniform(0...120),
                    eastWestShare: random.uniform(0.4...0.6))
                let isSignalled = random.chance(arterials == 2 ? 1 : arterials == 1 ? 0.3 : 0)
                if isSignalled { builder.setLight(light, at: grid[row * columns + column]) }
            }
        }
    }

    // MARK: Expressways

    /// Lays an expressway between two places given as fractions of the area, bent sideways by `bend` (a fraction too), with
    /// an interchange about every 2.4 km and a tunnel over the given part of its length.
    private mutating func layExpressway(
        from start: (Double, Double), to end: (Double, Double), bend: Double, tunnel: ClosedRange<Double>?
    ) {
        let startPoint = point(start.0, start.1)
        let endPoint = point(end.0, end.1)
        let length_m = startPoint.distance_m(to: endPoint)
        let pieces = max(4, Int(length_m / 600))
        let arterialNodes = grid.indices.filter { columnIsArterial[$0 % columns] && rowIsArterial[$0 / columns] }
        let sideways = PlanePoint(
            x_m: -(endPoint.y_m - startPoint.y_m) * bend, y_m: (endPoint.x_m - startPoint.x_m) * bend)
        var previous: Int?
        for piece in 0...pieces {
            let along = Double(piece) / Double(pieces)
            let swing = sin(along * 2 * .pi)
            let straight = startPoint.interpolated(to: endPoint, fraction: along)
            let node = builder.addNode(
                PlanePoint(x_m: straight.x_m + sideways.x_m * swing, y_m: straight.y_m + sideways.y_m * swing))
            let isInTunnel = tunnel.map { $0.contains(along - 0.5 / Double(pieces)) } ?? false
            if let previous { builder.addRoad(previous, node, .highway, isTunnel: isInTunnel) }
            previous = node
            let isInterchange = piece % 4 == 0 || piece == pieces
            let isUnderground = tunnel.map { $0.contains(along) } ?? false
            guard isInterchange, !isUnderground else { continue }
            let position = builder.positions[node]
            let reachable = arterialNodes.filter { !crossesRiver(position, builder.positions[grid[$0]]) }
            let nearest = reachable.min {
                position.distance_m(to: builder.positions[grid[$0]])
                    < position.distance_m(to: builder.positions[grid[$1]])
            }
            if let nearest { builder.addRoad(node, grid[nearest], .ramp) }
        }
    }
}
