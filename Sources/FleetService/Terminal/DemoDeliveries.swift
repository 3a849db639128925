import FleetCore
import Wire

/// The deliveries of the demonstration, and its newest events, from what the processor publishes: retained states of stops,
/// events, requests for text messages. Pure: it neither connects nor looks at a clock.
package struct DemoDeliveries: Sendable {
    /// A stop, as its retained state has it.
    private struct Stop: Sendable {
        var row: DemoSnapshot.Arrival
        var status: String
        /// A vehicle is to come there.
        var isExpected: Bool
        /// The vehicle has not left the depot: the time is that of the plan.
        var isWaiting: Bool { status != "en_route" && status != "departed" }
    }

    /// Beyond this many, the oldest events are forgotten.
    package static let eventsMax = 64
    /// Beyond this many stops, no further ones are taken in.
    package static let stopsMax = 100_000

    private var stops: [String: Stop] = [:]
    /// Newest last.
    private var events: [DemoSnapshot.Event] = []

    package init() {}

    /// Takes one message. What is none of the three is passed over.
    package mutating func take(topic: [UInt8], payload: [UInt8]) {
        let levels = String(decoding: topic, as: UTF8.self).split(separator: "/", omittingEmptySubsequences: false)
        if levels.count >= 3, levels.suffix(3).dropLast() == ["state", "stops"] {
            takeStop(String(levels[levels.count - 1]), payload)
        } else if let event = Self.event(payload) {
            events.append(event)
            if events.count > 2 * Self.eventsMax { events.removeFirst(events.count - Self.eventsMax) }
        }
    }

    /// Newest first.
    package var newestEvents: [DemoSnapshot.Event] { events.suffix(Self.eventsMax).reversed() }

    /// Counts, and the next `limit` arrivals by their expected times. O(n log n) of the stops.
    package func summary(arrivals limit: Int) -> DemoSnapshot.Deliveries {
        var summary = DemoSnapshot.Deliveries()
        for stop in stops.values {
            summary.byStatus[stop.status, default: 0] += 1
            if stop.isExpected, stop.row.isAtRisk { summary.atRisk += 1 }
        }
        // Those under way first, then by time and by name, so that the order does not depend on the dictionary's.
        let expected = stops.values.filter { $0.isExpected && $0.row.p50_ms != nil }
        let sorted = expected.sorted {
            ($0.isWaiting ? 1 : 0, $0.row.p50_ms ?? 0, $0.row.stop) < (
                $1.isWaiting ? 1 : 0, $1.row.p50_ms ?? 0, $1.row.stop
            )
        }
        summary.next = sorted.prefix(limit).map(\.row)
        return summary
    }

    // MARK: - Stops

    private mutating func takeStop(_ name: String, _ payload: [UInt8]) {
        guard !payload.isEmpty else {
            stops[name] = nil
            return
        }
        guard let node = try? JSONNode.parse(payload.span), let status = node["status"]?.string,
            stops[name] != nil || stops.count < Self.stopsMax
        else { return }
        var row = DemoSnapshot.Arrival(stop: name)
        row.customer = node["customer"]?.string ?? ""
        row.vehicle = node["vehicle"]?.string ?? ""
        row.p50_ms = node["eta"]?["p50"].flatMap(Self.time)
        row.p90_ms = node["eta"]?["p90"].flatMap(Self.time)
        row.windowFrom_ms = node["window"]?["from"].flatMap(Self.time)
        row.windowTo_ms = node["window"]?["to"].flatMap(Self.time)
        row.isAtRisk = node["at_risk"]?.bool ?? false
        row.isEmergency = node["priority"]?.string == "emergency"
        stops[name] = Stop(row: row, status: status, isExpected: node["eta"] != nil)
    }

    private static func time(_ node: JSONNode) -> Int64? {
        node.string.flatMap { RFC3339.parse(Array($0.utf8).span) }
    }

    // MARK: - Events

    /// What would only repeat others: the arrivals show forecasts, and a request itself tells that it was made.
    private static let passedOver = [
        "fleetstream.eta.updated", "fleetstream.sms.requested", "fleetstream.sms.delivered",
    ]

    /// An event as it was published, as a line of the list.
    private static func event(_ payload: [UInt8]) -> DemoSnapshot.Event? {
        guard let node = try? JSONNode.parse(payload.span), let data = node["data"], let type = node["type"]?.string,
            !passedOver.contains(type), let time_ms = node["time"].flatMap(time)
        else { return nil }
        let parts = type.split(separator: ".").map(String.init)
        guard parts.count >= 2 else { return nil }
        var event = DemoSnapshot.Event(
            time_ms: time_ms, vehicle: data["vehicle"]?.string ?? "", type: parts[parts.count - 1])
        switch parts[parts.count - 2] {
        case "geofence":
            event.about = data["geofence_name"]?.string ?? data["geofence"]?.string ?? ""
        case "sms":
            event.type = "sms " + event.type
            event.about = words(data, ["kind", "to", "reason", "text"])
        case "delivery":
            event.about = words(data, ["stop", "customer", "reason"])
        case "command":
            event.type = "command " + event.type
            event.about = words(data, ["command", "reason"])
        default:
            event.about = words(data, ["stop", "route", "driver", "geofence_name", "reason"])
        }
        return event
    }

    /// Members that are texts, one after the other. Of telephone numbers so much is shown that one can be recognised.
    private static func words(_ data: JSONNode, _ members: [String]) -> String {
        members.compactMap { member in
            guard let text = data[member]?.string, !text.isEmpty else { return nil }
            if member == "to" { return text.contains("•") ? text : PhoneNumber.masked(Array(text.utf8)) }
            return PhoneNumber.masking(text)
        }.joined(separator: "  ")
    }
}
