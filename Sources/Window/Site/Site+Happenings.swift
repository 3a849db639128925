import Wire

/// Queries about what happened, and about stops.
extension Site {
    /// The events after a number or the id of an event, oldest first. Without `after` the newest. `forgotten` tells that
    /// some were between which are not known any more.
    func events(_ request: HTTPRequest) throws(HTTPRefusal) -> [UInt8] {
        let store = try fleet(request)
        let limit = try limit(request)
        let ring = store.events
        var after = ring.newest > UInt64(limit) ? ring.newest - UInt64(limit) : 0
        var isForgotten = false
        if let text = request.parameter("after") {
            if text.utf8.count == 32 {
                let number = ring.number(ofEvent: Array(text.utf8))
                isForgotten = number == nil
                after = number ?? ring.forgotten
            } else if let number = UInt64(text) {
                isForgotten = number < ring.forgotten
                after = number
            } else {
                throw HTTPRefusal(.badRequest, "after: give the number or the id of an event")
            }
        }
        var out = Array("{\"events\":[".utf8)
        var count = 0
        var next = max(after, ring.forgotten)
        ring.forEach(after: after) { number, payload in
            guard count < limit else { return false }
            if count > 0 { out.append(ascii: ",") }
            out.append(ascii: "{\"number\":")
            out.append(decimal: Int64(clamping: number))
            out.append(ascii: ",\"event\":")
            out.append(oneLine: payload)
            out.append(ascii: "}")
            next = number
            count += 1
            return true
        }
        out.append(ascii: "],\"next\":")
        out.append(decimal: Int64(clamping: min(next, ring.newest)))
        out.append(ascii: isForgotten ? ",\"forgotten\":true}\n" : ",\"forgotten\":false}\n")
        return out
    }

    /// Stops in the order of their ids, `after` as for vehicles; of one vehicle where `vehicle` names it.
    func stops(_ request: HTTPRequest) throws(HTTPRefusal) -> [UInt8] {
        let store = try fleet(request)
        let limit = try limit(request)
        let wanted = request.parameter("vehicle").map { Array($0.utf8) }
        let after = request.parameter("after").map { Array($0.utf8) } ?? []
        let slots = store.stops.ids.indices
            .filter { !store.stops.payloads[$0].isEmpty && after.lexicographicallyPrecedes(store.stops.ids[$0]) }
            .sorted { store.stops.ids[$0].lexicographicallyPrecedes(store.stops.ids[$1]) }
        var out = Array("{\"stops\":[".utf8)
        var count = 0
        var next: Int?
        var last: Int?
        for slot in slots {
            if let wanted, store.stops.vehicles[slot] != wanted { continue }
            if count == limit {
                next = last
                break
            }
            if count > 0 { out.append(ascii: ",") }
            out.append(oneLine: store.stops.payloads[slot])
            last = slot
            count += 1
        }
        out.append(ascii: "],\"next\":")
        if let next {
            let id = store.stops.ids[next]
            out.appendJSON(stringBytes: id.span)
        } else {
            out.append(ascii: "null")
        }
        out.append(ascii: "}\n")
        return out
    }
}
