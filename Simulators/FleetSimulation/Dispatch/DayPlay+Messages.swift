import Wire

extension DayPlay {
    // MARK: Orders and routes

    func place(_ place: Place, radius_m: Double, address: String? = nil) -> (inout ObjectWriter) -> Void {
        let plane = setting.world.plane
        return {
            $0.add("lat", plane.latitude_deg(of: place.position), decimals: 7)
            $0.add("lon", plane.longitude_deg(of: place.position), decimals: 7)
            $0.add("radius_m", radius_m, decimals: 0)
            if let address { $0.add("address", address) }
        }
    }

    private func window(_ window_s: ClosedRange<Double>) -> (inout ObjectWriter) -> Void {
        let from_ms = time_ms(window_s.lowerBound)
        let to_ms = time_ms(window_s.upperBound)
        return {
            $0.add("from", time_ms: from_ms)
            $0.add("to", time_ms: to_ms)
        }
    }

    mutating func publishOrder(_ index: Int, at time_s: Double, reason: String? = nil) {
        let order = orders[index]
        let who = customer(of: order)
        let payload = ObjectWriter.object { message in
            message.add("id", order.id)
            message.add("version", order.version)
            message.add("updated", time_ms: time_ms(time_s))
            message.add("customer", who.id)
            message.add("kind", order.isPickup ? "pickup" : "delivery")
            message.add("priority", order.isEmergency ? "emergency" : order.isHighPriority ? "high" : "normal")
            if order.statesPlace {
                message.add("place", place(who.place, radius_m: setting.dispatch.stopRadius_m))
            }
            if let window_s = order.window_s { message.add("window", window(window_s)) }
            message.add("items", array: Self.itemList(order.items))
            message.add("returns", array: Self.emptiesList(order.returns))
            if order.cod_twd > 0 {
                message.add("cod") {
                    $0.add("amount", order.cod_twd)
                    $0.add("currency", "TWD")
                }
            }
            message.add("service_s", order.plannedService_s, decimals: 0)
            message.add("hazmat", true)
            message.add("status", order.outcome == .cancelled ? "cancelled" : "open")
            if let reason { message.add("reason", reason) }
        }
        send(.order, at: time_s, topic: "dispatch/orders/\(order.id)", payload)
    }

    /// The route as it is planned now, stops that are done included; sent after what was sent of it before.
    mutating func publishRoute(_ index: Int, at wanted_s: Double) {
        let time_s = max(wanted_s, routes[index].sent_s + 0.5)
        routes[index].sent_s = time_s
        routes[index].version += 1
        let route = routes[index]
        let crew = crews[route.vehicle]
        let list = route.stops.map { stop in
            let stop = stops[stop]
            let order = stop.order.map { orders[$0] }
            return ObjectWriter.object { entry in
                entry.add("stop", stop.id)
                if let order { entry.add("order", order.id) }
                entry.add("planned_arrival", time_ms: time_ms(stop.plannedArrival_s))
                entry.add("kind", order.map { $0.isPickup ? "pickup" : "delivery" } ?? "break")
                entry.add("service_s", stop.plannedService_s, decimals: 0)
            }
        }
        let payload = ObjectWriter.object { message in
            message.add("id", route.id)
            message.add("version", route.version)
            message.add("updated", time_ms: time_ms(time_s))
            message.add("vehicle", crew.identity.id)
            message.add("driver", crew.driver.id)
            message.add("depot", place(crew.identity.depot, radius_m: 120))
            message.add("planned_start", time_ms: time_ms(route.plannedStart_s))
            message.add("planned_end", time_ms: time_ms(route.plannedEnd_s))
            message.add("stops", array: list)
            message.add("path") {
                $0.add("type", "LineString")
                $0.add("coordinates", array: pathCoordinates(of: route, depot: crew.identity.depot))
            }
            message.add("return_to_depot", true)
            message.add("status", "open")
        }
        send(.route, at: time_s, topic: "dispatch/routes/\(route.id)", payload)
    }

    /// The planned way from the depot over all stops and back; points on a straight road are left out.
    private func pathCoordinates(of route: SimulatedRoute, depot: Place) -> [[UInt8]] {
        var places = [depot]
        for stop in route.stops {
            if let order = stops[stop].order { places.append(customer(of: orders[order]).place) }
        }
        places.append(depot)
        var result = [coordinates(depot.position)]
        for (from, to) in zip(places, places.dropFirst()) where from.position != to.position {
            let path = setting.world.path(from: from, to: to)
            for index in path.segments.indices {
                if index + 1 < path.segments.count {
                    let turn_deg = abs(path.segments[index + 1].heading_deg - path.segments[index].heading_deg)
                    if turn_deg < 2 { continue }
                }
                result.append(coordinates(path.points[index + 1]))
            }
        }
        // A route whose only stop is at the depot's door still is a line.
        if result.count < 2 { result.append(result[0]) }
        return result
    }

    // MARK: Bottles

    /// Products with their quantities; where there are serial numbers, each product takes its share of them.
    static func itemList(_ items: GasBottles, serials: [String] = []) -> [[UInt8]] {
        var rest = serials[...]
        return GasProduct.allCases.filter { items[$0] > 0 }.map { product in
            let mine = rest.prefix(items[product])
            rest = rest.dropFirst(items[product])
            return ObjectWriter.object { item in
                item.add("product", product.name)
                item.add("quantity", items[product])
                guard !mine.isEmpty else { return }
                item.add(
                    "serials",
                    array: mine.map { serial in
                        var bytes: [UInt8] = []
                        bytes.appendJSON(string: serial)
                        return bytes
                    })
            }
        }
    }

    static func emptiesList(_ items: GasBottles) -> [[UInt8]] {
        GasProduct.allCases.filter { items[$0] > 0 }.map { product in
            ObjectWriter.object {
                $0.add("product", product.emptyName)
                $0.add("quantity", items[product])
            }
        }
    }
}
