import Testing
import Wire

@testable import FleetCore

@Suite struct `The desk` {
    @Test func `an ordinary day is told from end to end`() throws {
        let told = try outcomes(of: OrdinaryDay().script.frames, shards: 1)
        #expect(
            dispatchLines(told) == [
                "delivery.assigned O1 @3", "delivery.assigned O2 @3", "cargo.loaded R1 @80", "delivery.loaded O1 @80",
                "delivery.loaded O2 @80", "delivery.en_route O1 @100", "route.departed_depot R1 @100",
                "delivery.en_route O2 @100", "delivery.approaching O1 @100", "delivery.arrived O1 @380",
                "delivery.service_started O1 @440", "delivery.delivered O1 @560", "finance.cod_collected O1 @560",
                "delivery.departed O1 @590", "delivery.approaching O2 @590", "delivery.arrived O2 @880",
                "delivery.service_started O2 @940", "delivery.delivered O2 @1060", "finance.cod_collected O2 @1060",
                "delivery.departed O2 @1090", "route.returned_to_depot R1 @1480", "route.completed R1 @1480",
                "finance.cod_summary D1 @1600",
            ])
    }
}

/// What once stopped the process.
@Suite struct `A trip whose stop has lost its place` {
    @Test func `is planned without it`() throws {
        var script = Script()
        script.customer("C1", "\"place\":{\"lat\":\(north(2000)),\"lon\":\(centre.lon)}", received: 0)
        script.send("dispatch/orders/O1", "{\"customer\":\"C1\",\"items\":[]}", received: 1)
        script.order("O2", at: 3000, received: 2)
        script.route("R1", "V1", ["O1", "O2"], received: 3)
        script.driver("V1", "loaded", at: 5, "\"route\":\"R1\"")
        let now = script.drive("V1", from: (10, 0), to: 1000)
        // The customer's place was all that was known of the first stop.
        script.send("dispatch/customers/C1", "", received: now)
        script.driver("V1", "delivered", at: now + 1, "\"stop\":\"O2\"")
        script.driver("V1", "failed", at: now + 2, "\"stop\":\"O1\",\"reason\":\"no_access\"")
        script.tick(now + 60)
        let told = try outcomes(of: script.frames, shards: 1)
        #expect(dispatchLines(told).contains("delivery.delivered O2 @\(Int(now) + 1)"))
    }
}
