import Geo

extension Engine {
    /// This shard's vehicles that answer the query, in the order of the answer and no more than its limit.
    func answer(_ query: Query, receivedTime_ms: Int64) -> PartialAnswer {
        var answer = PartialAnswer()
        func isWanted(_ vehicle: Int32) -> Bool { matches(query, slot: Int(vehicle), at: receivedTime_ms) }
        switch query.area {
        case .nearest(let place, _, let maxDistance_m):
            var found = index.nearest(
                query.limit, latitude: place.latitude, longitude: place.longitude, maxDistance_m: maxDistance_m,
                where: isWanted)
            if found.count == query.limit, let furthest = found.last {
                // Of several at the same distance the index gives some; which of them belong into the answer, ids decide.
                found = index.within(
                    radius_m: furthest.distance_m, latitude: place.latitude, longitude: place.longitude, where: isWanted
                )
            }
            answer.candidates = found.map { candidate($0.vehicle, distance_m: $0.distance_m) }
        case .within(let place, let radius_m):
            let found = index.within(
                radius_m: radius_m, latitude: place.latitude, longitude: place.longitude, where: isWanted)
            answer.candidates = found.map { candidate($0.vehicle, distance_m: $0.distance_m) }
        case .box(let south, let west, let north, let east):
            let found = index.within(south: south, west: west, north: north, east: east, where: isWanted)
            answer.candidates = found.map { candidate($0, distance_m: nil) }
        case .geofence(let id):
            guard let number = fences.slot(ofID: id) else {
                answer.isFenceUnknown = true
                return answer
            }
            answer.candidates = vehiclesInside(number, where: isWanted).map { candidate($0, distance_m: nil) }
        }
        answer.total = answer.candidates.count
        answer.cut(to: query.limit)
        return answer
    }

    /// Vehicles whose newest fix lies inside a fence: by its exact shape, whatever their visits say.
    private func vehiclesInside(_ number: Int32, where isWanted: (Int32) -> Bool) -> [Int32] {
        var found: Set<Int32> = []
        for box in fences.boundingBoxes(slot: number) {
            let inBox = index.within(
                south: box.south, west: box.west, north: box.north, east: box.east, where: isWanted)
            for vehicle in inBox {
                guard let fix = vehicles[Int(vehicle)].newest else { continue }
                if fences.contains(slot: number, longitude: fix.longitude, latitude: fix.latitude) {
                    found.insert(vehicle)
                }
            }
        }
        return found.sorted()
    }

    private func matches(_ query: Query, slot: Int, at receivedTime_ms: Int64) -> Bool {
        guard let newest = vehicles[slot].newest else { return false }
        if let isOnline = query.isOnline, (vehicles[slot].connectivity == .online) != isOnline { return false }
        if let group = query.group, groups.name(of: vehicles[slot].group) != group { return false }
        if let maxAge_s = query.maxAge_s, Double(receivedTime_ms - newest.time_ms) > maxAge_s * 1000 { return false }
        return true
    }

    private func candidate(_ vehicle: Int32, distance_m: Double?) -> QueryCandidate {
        let slot = Int(vehicle)
        guard let fix = vehicles[slot].newest else { fatalError("Engine: a vehicle without a fix is in the index") }
        return QueryCandidate(
            vehicle: Array(table.id(of: slot)), distance_m: distance_m, fix: fix,
            isOnline: vehicles[slot].connectivity == .online, group: groups.name(of: vehicles[slot].group))
    }
}
