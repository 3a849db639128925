extension DayPlay {
    /// One stop of a vehicle is served before the others.
    mutating func resequenceOne() {
        let able = crews.indices.filter { isUnderway($0) && waitingStops(of: $0).count >= 3 }
        guard !able.isEmpty else { return }
        let crew = able[random.integer(0...(able.count - 1))]
        let waiting = waitingStops(of: crew)
        let chosen = waiting[random.integer(1...(waiting.count - 1))]
        let route = crews[crew].routes[0]
        routes[route].stops.removeAll { $0 == chosen }
        let first = routes[route].stops.firstIndex { stops[$0].status == .waiting } ?? routes[route].stops.count
        routes[route].stops.insert(chosen, at: first)
        replan(crew)
        publishRoute(route, at: now_s)
    }

    /// A stop goes from one vehicle to the nearest that has the bottles to spare.
    mutating func moveOne() {
        var choices: [(stop: Int, order: Int, from: Int, to: Int)] = []
        for from in crews.indices where isUnderway(from) && waitingStops(of: from).count >= 2 {
            for stop in waitingStops(of: from) {
                guard let order = stops[stop].order, !orders[order].isPickup,
                    let to = nearestCrew(for: order, but: from)
                else { continue }
                choices.append((stop, order, from, to))
            }
        }
        guard !choices.isEmpty else { return }
        let choice = choices[random.integer(0...(choices.count - 1))]
        let items = orders[choice.order].items
        let old = crews[choice.from].routes[0]
        let new = crews[choice.to].routes[0]
        routes[old].stops.removeAll { $0 == choice.stop }
        routes[new].stops.insert(choice.stop, at: bestIndex(for: choice.stop, in: choice.to))
        stops[choice.stop].route = new
        crews[choice.from].spare = crews[choice.from].spare + items
        crews[choice.to].spare = crews[choice.to].spare - items
        replan(choice.from)
        replan(choice.to)
        // Sometimes the one route is told first, sometimes the other.
        let takesFirst = random.chance(0.5)
        publishRoute(takesFirst ? old : new, at: now_s)
        publishRoute(takesFirst ? new : old, at: now_s + handling_s())
    }

    /// The vehicle under way with the bottles that is nearest to an order's place; the first of equals.
    func nearestCrew(for order: Int, but other: Int? = nil) -> Int? {
        let place = customer(of: orders[order]).place.position
        var best: (crew: Int, distance_m: Double)?
        for crew in crews.indices
        where crew != other && isUnderway(crew) && crews[crew].spare.holds(orders[order].items) {
            let distance_m = position(of: crew, at: now_s).distance_m(to: place)
            if best.map({ distance_m < $0.distance_m }) ?? true { best = (crew, distance_m) }
        }
        return best?.crew
    }

    /// Where among the waiting stops of a vehicle another one costs the least way, in straight lines.
    private func bestIndex(for stop: Int, in crew: Int) -> Int {
        let list = routes[crews[crew].routes[0]].stops
        guard let order = stops[stop].order else { return list.count }
        let place = customer(of: orders[order]).place.position
        let depot = crews[crew].identity.depot.position
        var before = crews[crew].here.position
        var best = (index: list.count, added_m: Double.infinity)
        for index in 0...list.count {
            let isEnd = index == list.count
            guard isEnd || stops[list[index]].status == .waiting else { continue }
            let next =
                isEnd ? depot : stops[list[index]].order.map { customer(of: orders[$0]).place.position } ?? before
            let added_m = before.distance_m(to: place) + place.distance_m(to: next) - before.distance_m(to: next)
            if added_m < best.added_m { best = (index, added_m) }
            before = next
        }
        return best.index
    }
}
