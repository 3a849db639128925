import Testing
import Wire

@testable import FleetCore

/// What dispatch and a driver send, in the words of tests. Times are seconds after `epoch_ms` (08:00 in Taipei).
extension FrameTaker {
    mutating func customer(_ id: String, _ more: String = "", received: Double? = nil) {
        let members = more.isEmpty ? "" : ",\(more)"
        send(
            "dispatch/customers/\(id)",
            "{\"phone\":\"+886912345678\",\"consent\":{\"sms\":true},\"language\":\"en\",\"kind\":\"household\"\(members)}",
            received: received)
    }

    /// An order at a place so many metres north of the centre.
    mutating func order(
        _ id: String, at metres: Double, customer: String? = nil, _ more: String = "", received: Double? = nil
    ) {
        let members = more.isEmpty ? "" : ",\(more)"
        let who = customer.map { ",\"customer\":\"\($0)\"" } ?? ""
        send(
            "dispatch/orders/\(id)",
            """
            {"place":{"lat":\(north(metres)),"lon":\(centre.lon),"radius_m":60},\
            "items":[{"product":"LPG-20","quantity":2}]\(who)\(members)}
            """, received: received)
    }

    /// A route from the depot at the centre; stops have their orders' ids.
    mutating func route(
        _ id: String, _ vehicle: String, _ orders: [String], _ more: String = "", received: Double? = nil
    ) {
        let members = more.isEmpty ? "" : ",\(more)"
        let stops = orders.map { "{\"order\":\"\($0)\"}" }.joined(separator: ",")
        send(
            "dispatch/routes/\(id)",
            """
            {"vehicle":"\(vehicle)","driver":"D1","depot":{"lat":\(centre.lat),"lon":\(centre.lon),"radius_m":100},\
            "stops":[\(stops)]\(members)}
            """, received: received)
    }

    mutating func driver(
        _ vehicle: String, _ action: String, at seconds: Double, _ more: String = "", received: Double? = nil
    ) {
        let members = more.isEmpty ? "" : ",\(more)"
        send(
            "vehicles/\(vehicle)/driver", "{\"action\":\"\(action)\",\"time\":\(milliseconds(seconds))\(members)}",
            received: received ?? seconds)
    }

    /// Reports every ten seconds while the vehicle drives north at a steady speed; ticks between them.
    mutating func drive(
        _ vehicle: String, from start: (seconds: Double, metres: Double), to metres: Double, speed_kmh: Double = 36
    ) -> Double {
        let step = speed_kmh / 3.6 * 10 * (metres < start.metres ? -1 : 1)
        var (seconds, place) = start
        while step > 0 ? place < metres : place > metres {
            report(
                vehicle, at: seconds, north(place), centre.lon, accuracy: 5,
                more: ",\"speed_kmh\":\(speed_kmh),\"heading_deg\":\(step > 0 ? 0 : 180)")
            seconds += 10
            place += step
        }
        return seconds
    }

    /// Reports every ten seconds while the vehicle stands.
    mutating func stand(_ vehicle: String, at metres: Double, from seconds: Double, for duration: Double) -> Double {
        var now = seconds
        while now < seconds + duration {
            report(vehicle, at: now, north(metres), centre.lon, accuracy: 5, more: ",\"speed_kmh\":0")
            now += 10
        }
        return now
    }
}

/// One vehicle, two orders, everything as it should be.
struct OrdinaryDay {
    var script = Script()
    var end = 0.0

    init(proofs: Bool = true) {
        script.customer("C1", received: 0)
        script.customer("C2", received: 0)
        let window =
            "\"window\":{\"from\":\(milliseconds(0)),\"to\":\(milliseconds(3600))},\"cod\":{\"amount\":1600,\"currency\":\"TWD\"}"
        script.order("O1", at: 3000, customer: "C1", window, received: 1)
        script.order("O2", at: 6000, customer: "C2", window, received: 2)
        script.route("R1", "V1", ["O1", "O2"], "\"return_to_depot\":true", received: 3)
        script.driver("V1", "shift_started", at: 10, "\"driver\":\"D1\"")
        var now = script.stand("V1", at: 0, from: 20, for: 60)
        script.driver("V1", "loaded", at: now, "\"route\":\"R1\",\"items\":[{\"product\":\"LPG-20\",\"quantity\":4}]")
        now = script.drive("V1", from: (now, 0), to: 3000)
        now = serve("O1", at: 3000, from: now, proofs)
        now = script.drive("V1", from: (now, 3000), to: 6000)
        now = serve("O2", at: 6000, from: now, proofs)
        now = script.drive("V1", from: (now, 6000), to: 0, speed_kmh: 54)
        now = script.stand("V1", at: 0, from: now, for: 120)
        script.driver(
            "V1", "shift_ended", at: now, "\"driver\":\"D1\",\"cash\":{\"amount\":3000,\"currency\":\"TWD\"}")
        script.tick(now + 30)
        end = now + 30
    }

    private mutating func serve(_ stop: String, at metres: Double, from start: Double, _ proofs: Bool) -> Double {
        var now = script.stand("V1", at: metres, from: start, for: 180)
        if proofs {
            script.driver(
                "V1", "delivered", at: now,
                """
                "stop":"\(stop)","driver":"D1","lat":\(north(metres)),"lon":\(centre.lon),\
                "proof":{"recipient":"Lin","photo":"p-1"},"items":[{"product":"LPG-20","quantity":2}],\
                "cod":{"amount":1600,"currency":"TWD","method":"cash"}
                """)
        }
        now = script.stand("V1", at: metres, from: now, for: 20)
        return now
    }
}

extension Event {
    /// Type, what it is about, and when: what most tests of dispatch compare.
    var dispatchLine: String {
        let about = ["stop", "route", "driver", "order"].compactMap { data[$0]?.string }.first ?? ""
        let why = reason.map { " \($0)" } ?? ""
        return "\(type) \(about)\(why) @\(Int(time.rounded()))"
    }
}

/// The events of dispatch among outcomes, each in a line; forecasts and trips left out where `all` is false.
func dispatchLines(_ outcomes: [Outcome], all: Bool = false) -> [String] {
    let others = ["vehicle.", "geofence.", "condition.", "safety.", "system."] + (all ? [] : ["eta.", "sms."])
    return outcomes.filter { $0.kind == .event }.map { Event($0) }
        .filter { event in !others.contains { event.type.hasPrefix($0) } }.map(\.dispatchLine)
}
