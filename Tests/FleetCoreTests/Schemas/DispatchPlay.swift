import Testing
import Wire

@testable import FleetCore

/// Days on which everything happens that dispatch is told of; the ordinary one is `OrdinaryDay`.
enum DispatchPlay {
    /// The groups whose events the desk writes.
    static let groups: Set<String> = [
        "delivery", "route", "eta", "finance", "cargo", "dispatch", "driver", "command", "sms",
    ]

    /// What all of them publish, each in a world of its own.
    static let outcomes =
        (messages() + troubles() + detour() + corrections() + proposals() + commands())
        .filter { $0.kind != .roadQuestion }

    private static func frame(_ kind: FrameKind, _ payload: [UInt8], _ world: inout World) {
        world.take(Frame(kind: kind, received_ms: world.now_ms, payload: payload))
    }

    /// The ordinary day with messages to its customers: one is confirmed, one failed, and nothing is heard of the rest.
    static func messages() -> [Outcome] {
        var world = World()
        frame(.messages, MessageRules.sample.json(), &world)
        // Somebody who was not asked.
        world.send("dispatch/customers/C3", #"{"phone":"+886912345679"}"#)
        world.order("O3", at: 500, customer: "C3", window(until: 7200))
        world.route("R3", "V3", ["O3"])
        let day = OrdinaryDay()
        for frame in day.script.frames { world.take(frame) }
        let told = world.takeOutcomes()
        let requests = told.filter { $0.topic.contains("/sms/requests/") }.map { Event($0).id }
        for (request, status) in zip(requests, ["delivered", "undelivered"]) {
            world.send(
                "sms/receipts/\(request)", "{\"status\":\"\(status)\",\"code\":\"30005\"}", received: day.end + 10)
        }
        world.tick(day.end + 7200)
        // All are forgotten in the end, and their states with them.
        world.tick(day.end + 60 * 3600)
        return told + world.takeOutcomes()
    }

    /// Deliveries that do not go as planned.
    static func troubles() -> [Outcome] {
        var world = World()
        for number in 1...8 { world.order("T\(number)", at: Double(number) * 1000, "\"hazmat\":true", received: 0) }
        world.order("T1", at: 1000, window(until: 60), received: 0)
        world.route("R1", "V1", (1...8).map { "T\($0)" }, "\"return_to_depot\":true", received: 1)
        world.route("R2", "V2", [], received: 2)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 500)
        world.order("T1", at: 1000, window(until: 7200), received: now)
        // One is moved to another vehicle, one is cancelled and delivered all the same.
        world.route("R2", "V2", ["T8"], received: now)
        world.route("R1", "V1", (1...7).map { "T\($0)" }, "\"return_to_depot\":true", received: now)
        world.order("T7", at: 7000, "\"status\":\"cancelled\",\"reason\":\"customer called\"", received: now)
        now = world.drive("V1", from: (now, 500), to: 1000)
        now = world.stand("V1", at: 1000, from: now, for: 120)
        world.driver("V1", "partially_delivered", at: now, "\"stop\":\"T1\",\(items(1))")
        // The second is passed over for the third; the fourth is left without a word.
        now = world.drive("V1", from: (now, 1000), to: 3000)
        now = world.stand("V1", at: 3000, from: now, for: 120)
        world.driver("V1", "failed", at: now, "\"stop\":\"T3\",\"reason\":\"customer_absent\"")
        now = world.drive("V1", from: (now, 3000), to: 4000)
        now = world.stand("V1", at: 4000, from: now, for: 120)
        now = world.drive("V1", from: (now, 4000), to: 5000)
        world.tick(now + 1)
        now = world.stand("V1", at: 5000, from: now, for: 120)
        let far = "\"lat\":\(north(5900)),\"lon\":\(centre.lon),\"accuracy_m\":8"
        world.driver("V1", "delivered", at: now, "\"stop\":\"T5\",\(far),\(items(2))")
        world.driver("V1", "refused", at: now + 1, "\"stop\":\"T6\",\"reason\":\"wrong_product\"")
        world.driver("V1", "delivered", at: now + 2, "\"stop\":\"T7\",\(items(2))")
        world.driver("V1", "returned", at: now + 3, "\"items\":[{\"product\":\"EMPTY-20\",\"quantity\":3}]")
        world.driver("V1", "incident", at: now + 4, "\"driver\":\"D1\",\"reason\":\"flat tyre\"")
        world.driver("V1", "sos", at: now + 5)
        world.tick(now + 300)
        // The route is taken back with what is left on it.
        world.send("dispatch/routes/R1", "", received: now + 310)
        world.tick(now + 320)
        return world.takeOutcomes()
    }

    /// A route with a path, which its vehicle leaves and finds again.
    static func detour() -> [Outcome] {
        var world = World()
        world.order("O1", at: 4000, received: 0)
        let path = "\"path\":{\"type\":\"LineString\",\"coordinates\":[[\(centre.lon),\(centre.lat)],"
        world.route("R1", "V1", ["O1"], path + "[\(centre.lon),\(north(4000))]]}", received: 1)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1000)
        for step in 0..<10 {
            let place = north(1000 + Double(step) * 100)
            world.report("V1", at: now, place, centre.lon + 0.003, accuracy: 5, more: ",\"speed_kmh\":36")
            now += 10
        }
        now = world.drive("V1", from: (now, 2000), to: 3000)
        world.tick(now)
        return world.takeOutcomes()
    }

    /// What is told is taken back: the order was cancelled before the vehicle came, and the route was not completed.
    static func corrections() -> [Outcome] {
        var world = World()
        world.order("O1", at: 1000, received: 0)
        world.order("O2", at: 2000, received: 0)
        world.order("O3", at: 3000, received: 0)
        world.route("R1", "V1", ["O1", "O2"], received: 1)
        var now = world.stand("V1", at: 0, from: 20, for: 60)
        now = world.drive("V1", from: (now, 0), to: 1000)
        now = world.stand("V1", at: 1000, from: now, for: 90)
        let cancelled = milliseconds(now - 80)
        world.order("O1", at: 1000, "\"status\":\"cancelled\",\"updated\":\(cancelled)", received: now)
        now = world.drive("V1", from: (now, 1000), to: 2000)
        now = world.stand("V1", at: 2000, from: now, for: 90)
        world.driver("V1", "delivered", at: now, "\"order\":\"O2\"")
        world.route("R1", "V1", ["O1", "O2", "O3"], received: now + 10)
        return world.takeOutcomes()
    }

    /// An emergency, and a question for suitable vehicles.
    static func proposals() -> [Outcome] {
        var world = World()
        let permit = "\"hazmat_permit\":{\"until\":\(milliseconds(1e7))}"
        world.send("dispatch/vehicles/V1", "{\"capacity\":60,\(permit)}", received: 0)
        world.send(
            "dispatch/drivers/D1",
            "{\"licence\":{\"hazmat\":true},\"remaining_driving_s\":14400,\"updated\":\(milliseconds(0))}", received: 0)
        world.order("O1", at: 4000, received: 0)
        world.route("R1", "V1", ["O1"], received: 1)
        _ = world.stand("V1", at: 0, from: 20, for: 30)
        world.customer("C1", received: 60)
        world.order("E1", at: -500, customer: "C1", "\"priority\":\"emergency\",\"hazmat\":true", received: 61)
        let suitable = "{\"suitable\":{\"lat\":\(north(900)),\"lon\":\(centre.lon),\"k\":3,\"hazmat\":true}}"
        world.query("q1", suitable, received: 62)
        return world.takeOutcomes()
    }

    /// Commands in every state.
    static func commands() -> [Outcome] {
        var world = World()
        var rules = CommandRules()
        rules.immobilisers = ["ops"]
        frame(.commands, rules.json(), &world)
        func ask(_ id: String, _ command: String, _ more: String = "") {
            world.send("dispatch/commands/\(id)", "{\"vehicle\":\"V1\",\"command\":\"\(command)\"\(more)}")
        }
        func answer(_ id: String, _ status: String) {
            world.send("vehicles/V1/commands/\(id)/result", "{\"status\":\"\(status)\"}")
        }
        ask("c1", "position")
        answer("c1", "accepted")
        answer("c1", "done")
        ask("c2", "lock")
        answer("c2", "refused")
        ask("c3", "temperature", ",\"parameters\":{\"setpoint_c\":4}")
        answer("c3", "failed")
        ask("c4", "immobilise", ",\"reason\":\"stolen\",\"requested_by\":\"ops\"")
        world.tick(600)
        return world.takeOutcomes()
    }

    private static func window(until seconds: Double) -> String {
        "\"window\":{\"from\":\(milliseconds(0)),\"to\":\(milliseconds(seconds))}"
    }

    private static func items(_ quantity: Int) -> String {
        "\"items\":[{\"product\":\"LPG-20\",\"quantity\":\(quantity),\"serials\":[\"TW-1\"]}]"
    }
}
