import Geo
import Wire

/// The queries below `/api`: JSON, in pages, with limits.
extension Site {
    private static let limit_default = 100
    private static let limit_max = 1_000
    private static let nearest_max = 100

    func query(_ request: HTTPRequest, _ path: [String]) throws(HTTPRefusal) -> HTTPResponse {
        switch (path.first ?? "", path.count) {
        case ("fleets", 1): return HTTPResponse(json: fleetList(try visibleFleets(request)))
        case ("status", 1):
            guard try scope(request) == .everything else {
                throw HTTPRefusal(.forbidden, "this token is for one fleet")
            }
            return HTTPResponse(json: probes.status())
        case ("vehicles", 1): return HTTPResponse(json: try vehicles(request))
        case ("vehicles", 2):
            if path[1] == "near", request.parameter("lat") != nil { return HTTPResponse(json: try nearest(request)) }
            return HTTPResponse(json: try vehicle(request, Array(path[1].utf8)))
        case ("events", 1): return HTTPResponse(json: try events(request))
        case ("stops", 1): return HTTPResponse(json: try stops(request))
        case ("stops", 2):
            guard let payload = try fleet(request).stops.payload(of: Array(path[1].utf8)) else {
                throw HTTPRefusal(.notFound, "there is no such stop")
            }
            return HTTPResponse(json: payload)
        default: throw HTTPRefusal(.notFound, "there is no such query")
        }
    }

    // MARK: - Parameters

    func limit(_ request: HTTPRequest, most: Int = Site.limit_max) throws(HTTPRefusal) -> Int {
        guard let text = request.parameter("limit") else { return min(Self.limit_default, most) }
        guard let limit = Int(text), limit > 0, limit <= most else {
            throw HTTPRefusal(.badRequest, "limit: give a whole number from 1 to \(most)")
        }
        return limit
    }

    private func number(
        _ request: HTTPRequest, _ name: String, _ range: ClosedRange<Double>
    ) throws(HTTPRefusal) -> Double {
        guard let text = request.parameter(name), let value = Double(text), range.contains(value) else {
            throw HTTPRefusal(.badRequest, "\(name): give a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private func show(_ request: HTTPRequest) throws(HTTPRefusal) -> VehicleShow? {
        guard let text = request.parameter("state") else { return nil }
        guard let show = VehicleShow(name: text) else {
            let names = VehicleShow.allCases.map { "\($0.name)" }.joined(separator: ", ")
            throw HTTPRefusal(.badRequest, "state: give one of \(names)")
        }
        return show
    }

    // MARK: - Answers

    private func fleetList(_ stores: [FleetStore]) -> [UInt8] {
        var out = Array("{\"fleets\":[".utf8)
        for (index, store) in stores.enumerated() {
            if index > 0 { out.append(ascii: ",") }
            out.append(ascii: "{\"id\":")
            out.appendJSON(string: store.name)
            out.append(ascii: ",\"vehicles\":")
            out.append(decimal: Int64(store.vehicles.count))
            out.append(ascii: ",\"states\":{")
            for (place, count) in zip(VehicleShow.allCases, store.counts()) {
                if place != .moving { out.append(ascii: ",") }
                out.appendJSON(string: "\(place.name)")
                out.append(ascii: ":")
                out.append(decimal: Int64(count))
            }
            out.append(ascii: "}}")
        }
        out.append(ascii: "]}\n")
        return out
    }

    /// In the order of the ids. `after` is the last id of the page before.
    private func vehicles(_ request: HTTPRequest) throws(HTTPRefusal) -> [UInt8] {
        let store = try fleet(request)
        let limit = try limit(request)
        let show = try show(request)
        let group = request.parameter("group").map { Array($0.utf8) }
        let text = request.parameter("text").map { $0.utf8.map(\.lowercased) }
        let order = store.sortedSlots()
        var index = 0
        if let after = request.parameter("after").map({ Array($0.utf8) }) {
            index = order.partitioningIndex { after.lexicographicallyPrecedes(store.vehicles[$0].id) }
        }
        var out = Array("{\"vehicles\":[".utf8)
        var count = 0
        var next: [UInt8]?
        var last: [UInt8] = []
        while index < order.count {
            let vehicle = store.vehicles[order[index]]
            index += 1
            guard vehicle.matches(show: show, group: group, text: text) else { continue }
            if count == limit {
                next = last
                break
            }
            if count > 0 { out.append(ascii: ",") }
            out.append(vehicle: vehicle)
            last = vehicle.id
            count += 1
        }
        out.append(ascii: "],\"next\":")
        if let next { out.appendJSON(stringBytes: next.span) } else { out.append(ascii: "null") }
        out.append(ascii: "}\n")
        return out
    }

    private func vehicle(_ request: HTTPRequest, _ id: [UInt8]) throws(HTTPRefusal) -> [UInt8] {
        let store = try fleet(request)
        guard let slot = store.slot(ofVehicle: id) else { throw HTTPRefusal(.notFound, "there is no such vehicle") }
        let vehicle = store.vehicles[slot]
        var out = Array("{\"vehicle\":".utf8)
        out.append(vehicle: vehicle)
        out.append(ascii: ",\"state\":")
        out.append(oneLine: vehicle.payload)
        out.append(ascii: ",\"trail\":")
        out.append(trail: vehicle.trail)
        out.append(ascii: "}\n")
        return out
    }

    /// The `k` nearest vehicles to a place that pass the filters, the nearest first. O(vehicles).
    private func nearest(_ request: HTTPRequest) throws(HTTPRefusal) -> [UInt8] {
        let store = try fleet(request)
        let center = Coordinate(
            latitude: try number(request, "lat", -90...90), longitude: try number(request, "lon", -180...180))
        let k = request.parameter("k") == nil ? 10 : Int(try number(request, "k", 1...Double(Self.nearest_max)))
        let show = try show(request)
        let group = request.parameter("group").map { Array($0.utf8) }
        var found: [(slot: Int, distance_m: Double)] = []
        for (slot, vehicle) in store.vehicles.enumerated() {
            guard vehicle.facts.hasPosition || vehicle.facts.isManual,
                vehicle.matches(show: show, group: group, text: nil)
            else { continue }
            let place = Coordinate(
                latitude_e7: vehicle.facts.latitude_e7, longitude_e7: vehicle.facts.longitude_e7)
            found.append((slot, center.distance_m(to: place)))
        }
        found.sort { ($0.distance_m, $0.slot) < ($1.distance_m, $1.slot) }
        var out = Array("{\"vehicles\":[".utf8)
        for (index, vehicle) in found.prefix(k).enumerated() {
            if index > 0 { out.append(ascii: ",") }
            out.append(ascii: "{\"distance_m\":")
            out.appendJSON(vehicle.distance_m.rounded())
            out.append(ascii: ",\"vehicle\":")
            out.append(vehicle: store.vehicles[vehicle.slot])
            out.append(ascii: "}")
        }
        out.append(ascii: "]}\n")
        return out
    }
}

extension VehicleRecord {
    /// Whether it passes the filters; `text`, in small letters, is part of its id or group.
    func matches(show: VehicleShow?, group: [UInt8]?, text: [UInt8]?) -> Bool {
        if let show, facts.show != show { return false }
        if let group, facts.group != group { return false }
        if let text {
            return id.map(\.lowercased).contains(text) || (facts.group ?? []).map(\.lowercased).contains(text)
        }
        return true
    }
}

extension [Int] {
    /// The first index whose element is on the far side; all behind it must be too. O(log n).
    fileprivate func partitioningIndex(_ isBeyond: (Int) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
