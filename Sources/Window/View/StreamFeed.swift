import Wire

/// How far a viewer's knowledge of a fleet goes: the id of its last server-sent event, `epoch-vehicles-stops-events-fences-routes`.
struct StreamPosition: Sendable, Equatable {
    var vehicles: UInt64 = 0
    var stops: UInt64 = 0
    var events: UInt64 = 0
    var geofences: UInt64 = 0
    var routes: UInt64 = 0

    init() {}

    /// Nil where the id is none, or of another process: its numbers mean nothing here.
    init?(_ id: [UInt8], epoch: UInt64) {
        let numbers = id.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            .map { UInt64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 6, !numbers.contains(nil) else { return nil }
        let known = numbers.compactMap(\.self)
        guard known[0] == epoch else { return nil }
        vehicles = known[1]
        stops = known[2]
        events = known[3]
        geofences = known[4]
        routes = known[5]
    }

    func text(epoch: UInt64) -> String { "\(epoch)-\(vehicles)-\(stops)-\(events)-\(geofences)-\(routes)" }
}

/// One viewer's server-sent events: first everything, or what changed since the id that it came with, then what changes.
///
/// Nothing is queued for a viewer: it is told what changed since it was told last, each vehicle once. A slow one is told
/// less often. Only the window's thread touches it.
final class StreamFeed: ResponseStream, @unchecked Sendable {
    private static let heartbeat_ms: Int64 = 15_000
    /// Events that a new viewer is told of those before it came.
    private static let firstEvents = 100

    private let store: FleetStore
    private let shared: SharedPieces
    private let epoch: UInt64
    private var position: StreamPosition
    private var isResumed: Bool
    private var hasBegun = false
    private var last_ms: Int64 = 0

    init(_ store: FleetStore, _ shared: SharedPieces, epoch: UInt64, from lastID: [UInt8]?) {
        self.store = store
        self.shared = shared
        self.epoch = epoch
        var known = lastID.flatMap { StreamPosition($0, epoch: epoch) }
        // Numbers that were never given are no place to go on from.
        if let place = known,
            place.vehicles > store.vehicleChanges.version || place.stops > store.stops.changes.version
                || place.events > store.events.newest || place.geofences > store.geofencesVersion
                || place.routes > store.routesVersion
        {
            known = nil
        }
        isResumed = known != nil
        position = known ?? StreamPosition()
        if known == nil {
            let newest = store.events.newest
            position.events = newest > UInt64(Self.firstEvents) ? newest - UInt64(Self.firstEvents) : 0
        }
    }

    func fill(_ out: inout [UInt8], room: Int, now_ms: Int64) -> Bool {
        let before = position
        if !hasBegun {
            hasBegun = true
            out.append(ascii: "retry: 2000\nevent: begin\ndata: {\"resumed\":")
            out.append(ascii: isResumed ? "true" : "false")
            out.append(ascii: "}\n\n")
        }
        if store.geofencesVersion != position.geofences {
            position.geofences = store.geofencesVersion
            append("geofences", version: store.geofencesVersion, &out)
        }
        if store.routesVersion != position.routes {
            position.routes = store.routesVersion
            append("routes", version: store.routesVersion, &out)
        }
        appendVehicles(&out, room: room)
        if out.count < room { appendStops(&out, room: room - out.count) }
        if out.count < room { appendEvents(&out, room: room - out.count) }
        if position != before {
            out.append(ascii: "id: ")
            out.append(contentsOf: position.text(epoch: epoch).utf8)
            out.append(ascii: "\n\n")
        }
        if !out.isEmpty {
            last_ms = now_ms
        } else if now_ms - last_ms >= Self.heartbeat_ms {
            last_ms = now_ms
            out.append(ascii: ": still here\n\n")
        }
        return true
    }

    /// What a viewer is to load again.
    private func append(_ name: StaticString, version: UInt64, _ out: inout [UInt8]) {
        out.append(ascii: "event: ")
        out.append(ascii: name)
        out.append(ascii: "\ndata: {\"version\":")
        out.append(decimal: Int64(clamping: version))
        out.append(ascii: "}\n\n")
    }

    private func appendVehicles(_ out: inout [UInt8], room: Int) {
        guard store.vehicleChanges.version > position.vehicles else { return }
        let piece = shared.vehicles(of: store, after: position.vehicles, room: room)
        out.append(contentsOf: piece.bytes)
        position.vehicles = piece.end
    }

    private func appendStops(_ out: inout [UInt8], room: Int) {
        guard store.stops.changes.version > position.stops else { return }
        let end = out.count + room
        var isFirst = true
        out.append(ascii: "event: stops\ndata: {\"stops\":[")
        store.stops.changes.forEach(after: position.stops) { slot, change in
            if !isFirst { out.append(ascii: ",") }
            isFirst = false
            out.append(ascii: "{\"id\":")
            let id = store.stops.ids[slot]
            out.appendJSON(stringBytes: id.span)
            out.append(ascii: ",\"state\":")
            let payload = store.stops.payloads[slot]
            if payload.isEmpty { out.append(ascii: "null") } else { out.append(oneLine: payload) }
            out.append(ascii: "}")
            position.stops = change
            return out.count < end
        }
        out.append(ascii: "]}\n\n")
    }

    private func appendEvents(_ out: inout [UInt8], room: Int) {
        guard store.events.newest > position.events else { return }
        let end = out.count + room
        store.events.forEach(after: position.events) { number, payload in
            out.append(ascii: "event: event\ndata: {\"number\":")
            out.append(decimal: Int64(clamping: number))
            out.append(ascii: ",\"event\":")
            out.append(oneLine: payload)
            out.append(ascii: "}\n\n")
            position.events = number
            return out.count < end
        }
    }
}

/// Pieces of streams that many viewers are told: written once for all that stand at the same place.
final class SharedPieces {
    private struct Place: Hashable {
        var fleet: ObjectIdentifier
        var after: UInt64
        var version: UInt64
    }

    private static let pieces_max = 32
    private var pieces: [Place: (bytes: [UInt8], end: UInt64)] = [:]

    /// The vehicles that changed after a change, oldest first, as one event of the stream, as far as there is room; and the
    /// last change in it.
    func vehicles(of store: FleetStore, after: UInt64, room: Int) -> (bytes: [UInt8], end: UInt64) {
        let place = Place(fleet: ObjectIdentifier(store), after: after, version: store.vehicleChanges.version)
        if let known = pieces[place] { return known }
        var bytes = Array("event: vehicles\ndata: {\"vehicles\":[".utf8)
        var end = after
        store.vehicleChanges.forEach(after: after) { slot, change in
            if end != after { bytes.append(ascii: ",") }
            bytes.append(vehicle: store.vehicles[slot])
            end = change
            return bytes.count < room
        }
        bytes.append(ascii: "]}\n\n")
        if pieces.count >= Self.pieces_max { pieces.removeAll() }
        pieces[place] = (bytes, end)
        return (bytes, end)
    }
}
