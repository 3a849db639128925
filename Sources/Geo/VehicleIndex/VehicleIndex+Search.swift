import CPlatform

extension VehicleIndex {
    /// The `k` vehicles nearest to a position that pass the filter, sorted by distance and then by number.
    ///
    /// Exact by the haversine formula, also over the antimeridian and at the poles. With `maxDistance_m` only vehicles at most that
    /// far. Empty if the position is not valid or `k` is not positive. Best-first over the tree: grows with the vehicles near by.
    package func nearest(
        _ k: Int, latitude: Double, longitude: Double, maxDistance_m: Double? = nil,
        where filter: (Int32) -> Bool = { _ in true }
    ) -> [(vehicle: Int32, distance_m: Double)] {
        let center = Coordinate(latitude: latitude, longitude: longitude)
        guard k > 0, center.isValid, count > 0 else { return [] }
        let search = SphereSearch(center)
        var best = NearestVehicles(limit: min(k, count), maxDistance_m: maxDistance_m ?? .infinity)
        if var rings = RingSearch(search), rings.run(self, &best, filter) { return best.sorted(search) }
        best.removeAll()
        searchTree(search, &best, filter)
        return best.sorted(search)
    }

    /// Best-first over the tree.
    @inline(never)
    private func searchTree(_ search: SphereSearch, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool) {
        var queue = SearchQueue()
        queue.push(VehicleIndex.rootStep)
        while let step = queue.pop() {
            if step.bound > best.boundLimit { break }
            if step.level >= 0 {
                forEachChild(of: step) { child, box in
                    let bound = search.bound(box)
                    if bound <= best.boundLimit { queue.push(child.bounded(by: bound)) }
                }
                continue
            }
            forEachVehicle(of: step) { vehicle, place in
                let square = search.approximateSquare(place.coordinate)
                if square <= best.boundLimit, filter(vehicle) { best.insert(vehicle, place, square) }
            }
        }
    }

    /// All vehicles at most `radius_m` away that pass the filter, sorted by distance and then by number.
    package func within(
        radius_m: Double, latitude: Double, longitude: Double, where filter: (Int32) -> Bool = { _ in true }
    ) -> [(vehicle: Int32, distance_m: Double)] {
        var found: [(vehicle: Int32, distance_m: Double)] = []
        forEach(withinRadius_m: radius_m, latitude: latitude, longitude: longitude) { vehicle, distance_m in
            if filter(vehicle) { found.append((vehicle, distance_m)) }
        }
        found.sort { ($0.distance_m, $0.vehicle) < ($1.distance_m, $1.vehicle) }
        return found
    }

    /// All vehicles in a box that pass the filter, its sides included, ascending by number. `west > east` means over the antimeridian.
    package func within(
        south: Double, west: Double, north: Double, east: Double, where filter: (Int32) -> Bool = { _ in true }
    ) -> [Int32] {
        var found: [Int32] = []
        forEach(south: south, west: west, north: north, east: east) { vehicle, _ in
            if filter(vehicle) { found.append(vehicle) }
        }
        found.sort()
        return found
    }

    /// Calls `body` for each vehicle at most `radius_m` away, in no order that means anything.
    package func forEach(
        withinRadius_m radius_m: Double, latitude: Double, longitude: Double,
        _ body: (_ vehicle: Int32, _ distance_m: Double) -> Void
    ) {
        let center = Coordinate(latitude: latitude, longitude: longitude)
        guard center.isValid, radius_m >= 0 else { return }
        let search = SphereSearch(center)
        let limit = SphereSearch.squareLimit(radius_m)
        func mayHold(_ box: Box) -> Bool { search.bound(box) <= limit }
        descend(where: mayHold) { vehicle, place in
            let position = place.coordinate
            if search.approximateSquare(position) > limit { return }
            let distance_m = search.distance_m(to: position)
            if distance_m <= radius_m { body(vehicle, distance_m) }
        }
    }

    /// Calls `body` for each vehicle in a box, its sides included, in no order that means anything. `west > east` means over the
    /// antimeridian; ±180 are the same meridian.
    package func forEach(
        south: Double, west: Double, north: Double, east: Double,
        _ body: (_ vehicle: Int32, _ position: Coordinate) -> Void
    ) {
        guard south <= north, abs(west) <= 180, abs(east) <= 180 else { return }
        let wanted = LongitudeLatitudeBox(south: south, west: west, north: north, east: east)
        descend(where: wanted.mayHold) { vehicle, place in
            let position = place.coordinate
            if wanted.holds(position) { body(vehicle, position) }
        }
    }

    // MARK: The tree

    private static let rootStep = SearchStep(
        bound: 0, node: 0, corner: VehicleCell(x: 0, y: 0), level: VehicleIndex.depth - 1)

    /// Calls `body` with what is in a node or block, and with the sides of each.
    @inline(__always)
    private func forEachChild(of step: SearchStep, _ body: (SearchStep, Box) -> Void) {
        let node = Int(step.node)
        var mask = step.level > 0 ? masks[node] : blockMasks[node]
        let size = UInt32(1) << UInt32(3 * step.level)
        while mask != 0 {
            let child = UInt32(mask.trailingZeroBitCount)
            mask &= mask - 1
            let corner = VehicleCell(x: step.corner.x + (child & 7) * size, y: step.corner.y + (child >> 3) * size)
            let place = node * 64 + Int(child)
            let next = SearchStep(
                bound: 0, node: step.level > 0 ? children[place] : Int32(place), corner: corner, level: step.level - 1)
            body(next, Box(corner: corner, cells: size))
        }
    }

    /// Calls `body` with the vehicles of a cell.
    @inline(__always)
    private func forEachVehicle(of step: SearchStep, _ body: (_ vehicle: Int32, _ place: VehiclePlace) -> Void) {
        let run = runs[Int(step.node)]
        for i in run.start..<run.end {
            let slot = slots[i]
            body(slot.vehicle, VehiclePlace(step.corner, slot))
        }
    }

    @inline(__always)
    private func descend(where isWanted: (Box) -> Bool, _ body: (_ vehicle: Int32, _ place: VehiclePlace) -> Void) {
        var stack = [VehicleIndex.rootStep]
        while let step = stack.popLast() {
            if step.level < 0 {
                forEachVehicle(of: step, body)
                continue
            }
            forEachChild(of: step) { child, box in
                guard isWanted(box) else { return }
                // It is memory that this waits for: a block's runs are on their way before the first is read.
                if child.level < 0 { platform_prefetch(slots.elements + runs[Int(child.node)].start) }
                stack.append(child)
            }
        }
    }
}

extension Box {
    /// The positions of a square of vehicle cells: all of 1e-7 degree that lie in it, and not beyond the world.
    init(corner: VehicleCell, cells: UInt32) {
        let west = Int64(corner.x) << 15 - 1_800_000_000
        let south = Int64(corner.y) << 15 - 900_000_000
        let size = Int64(cells) << 15 - 1
        self.init(
            west: Double(west) / 1e7, south: Double(south) / 1e7,
            east: min(180, Double(west + size) / 1e7), north: min(90, Double(south + size) / 1e7))
    }
}

/// A box as a user gives it, perhaps over the antimeridian.
private struct LongitudeLatitudeBox {
    let south: Double
    let west: Double
    let north: Double
    let east: Double

    func holds(_ c: Coordinate) -> Bool {
        guard south <= c.latitude, c.latitude <= north else { return false }
        if west <= east {
            if west <= c.longitude, c.longitude <= east { return true }
            // A box that ends at the antimeridian holds both names of it.
            return abs(c.longitude) == 180 && (west == -180 || east == 180)
        }
        return c.longitude >= west || c.longitude <= east
    }

    func mayHold(_ box: Box) -> Bool {
        guard south <= box.north, box.south <= north else { return false }
        if west > east { return box.east >= west || box.west <= east }
        if west <= box.east, box.west <= east { return true }
        return (west == -180 && box.east == 180) || (east == 180 && box.west == -180)
    }
}
