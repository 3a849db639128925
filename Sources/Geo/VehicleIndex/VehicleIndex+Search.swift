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
        if !searchRings(search, &best, filter) {
            best.removeAll()
            searchTree(search, &best, filter)
        }
        return best.sorted { search.center.distance_m(to: slots[Int($0)].coordinate) }
    }

    /// Best-first over the tree.
    private func searchTree(_ search: SphereSearch, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool) {
        var queue = SearchQueue()
        queue.push(SearchStep(bound: 0, node: 0, corner: VehicleCell(x: 0, y: 0), level: VehicleIndex.depth - 1))
        while let step = queue.pop() {
            if step.bound > best.boundLimit { break }
            if step.level < 0 {
                offer(bucket: Int(step.node), search, &best, filter)
                continue
            }
            forEachChild(of: step) { child, box in
                let bound = search.bound(box)
                if bound <= best.boundLimit { queue.push(child.bounded(by: bound)) }
            }
        }
    }

    /// Square after square of cells around the centre, as far as ``RingWalk`` goes. Most searches end here: there are enough vehicles
    /// near, and nothing farther off can be wanted. Returns whether that is so.
    private func searchRings(
        _ search: SphereSearch, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool
    ) -> Bool {
        guard var walk = RingWalk(around: search) else { return false }
        for ring in UInt32(0)...RingWalk.limit {
            for dy in 0...(2 * ring) {
                let isSide = dy == 0 || dy == 2 * ring
                var dx: UInt32 = 0
                while dx <= 2 * ring {
                    let cell = VehicleCell(x: walk.cell.x + dx - ring, y: walk.cell.y + dy - ring)
                    if let bucket = walk.bucket(of: cell, in: self), search.bound(near: cell) <= best.boundLimit {
                        offer(bucket: bucket, search, &best, filter)
                    }
                    dx += isSide || ring == 0 ? 1 : 2 * ring
                }
            }
            if search.boundBeyond(ring, around: walk.cell) > best.boundLimit { return true }
        }
        return false
    }

    @inline(__always)
    private func offer(
        bucket number: Int, _ search: SphereSearch, _ best: inout NearestVehicles, _ filter: (Int32) -> Bool
    ) {
        let bucket = buckets[number]
        slots.withUnsafeBufferPointer { slots in
            for i in Int(bucket.start)..<Int(bucket.start &+ bucket.count) {
                let square = search.approximateSquare(slots[i].coordinate)
                if square <= best.boundLimit, filter(slots[i].vehicle) {
                    best.insert(slots[i].vehicle, slot: Int32(truncatingIfNeeded: i), square)
                }
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
        descend(where: mayHold) { bucket in
            visit(bucket: bucket, search, limit) { vehicle, distance_m in
                if distance_m <= radius_m { body(vehicle, distance_m) }
            }
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
        descend(where: wanted.mayHold) { bucket in
            let bucket = buckets[bucket]
            for i in Int(bucket.start)..<Int(bucket.start + bucket.count) {
                let position = slots[i].coordinate
                if wanted.holds(position) { body(slots[i].vehicle, position) }
            }
        }
    }

    // MARK: The tree

    private func visit(
        bucket number: Int, _ search: SphereSearch, _ limit: Double, _ body: (Int32, Double) -> Void
    ) {
        let bucket = buckets[number]
        for i in Int(bucket.start)..<Int(bucket.start + bucket.count) {
            let position = slots[i].coordinate
            if search.approximateSquare(position) <= limit {
                body(slots[i].vehicle, search.center.distance_m(to: position))
            }
        }
    }

    /// The node of the lowest level that holds a cell, if there is one; else -1.
    func lowestNode(of cell: VehicleCell) -> Int {
        var node = 0
        for level in (1..<VehicleIndex.depth).reversed() {
            let next = children[node * 64 + cell.child(atLevel: level)]
            if next < 0 { return -1 }
            node = Int(next)
        }
        return node
    }

    private func forEachChild(of step: SearchStep, _ body: (SearchStep, Box) -> Void) {
        let node = Int(step.node)
        var mask = masks[node]
        let size = UInt32(1) << UInt32(3 * step.level)
        while mask != 0 {
            let child = UInt32(mask.trailingZeroBitCount)
            mask &= mask - 1
            let corner = VehicleCell(x: step.corner.x + (child & 7) * size, y: step.corner.y + (child >> 3) * size)
            let next = SearchStep(
                bound: 0, node: children[node * 64 + Int(child)], corner: corner, level: step.level - 1)
            body(next, Box(corner: corner, cells: size))
        }
    }

    private func descend(where isWanted: (Box) -> Bool, _ body: (Int) -> Void) {
        var stack = [SearchStep(bound: 0, node: 0, corner: VehicleCell(x: 0, y: 0), level: VehicleIndex.depth - 1)]
        while let step = stack.popLast() {
            if step.level < 0 {
                body(Int(step.node))
                continue
            }
            forEachChild(of: step) { child, box in
                if isWanted(box) { stack.append(child) }
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
