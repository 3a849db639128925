import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What the desk writes is what the published schemas say, of every type that there is.
@Suite struct `Messages of dispatch` {
    @Test func `every event type of dispatch occurs`() {
        let types = Set(DispatchPlay.outcomes.filter { $0.kind == .event }.map { Event($0).type })
        let wanted = EventType.allCases.filter { DispatchPlay.groups.contains("\($0.group)") }.map(\.qualifiedName)
        #expect(wanted.filter { !types.contains($0) } == [])
    }

    @Test(.enabled(if: SchemaCheck.isAvailable)) func `all of them are as the schemas say`() throws {
        let outcomes = DispatchPlay.outcomes
        #expect(outcomes.contains { $0.topic.contains("/state/stops/") && $0.payload.isEmpty })
        let answer = try #require(try SchemaCheck.messages(outcomes.map { "\($0.topic) \($0.text)" }))
        #expect(answer.status == 0, "\(answer.text)")
        for name in ["event.json", "sms-request.json", "stop-state.json", "query-answer.json", "vehicle-command.json"] {
            #expect(answer.text.contains(" \(name)\n"), "none is of \(name): \(answer.text)")
        }
    }

    /// What the desk takes is valid, and what it refuses is not.
    @Test(.enabled(if: SchemaCheck.isAvailable), arguments: DispatchInputs.all)
    func `records that the desk takes and refuses`(_ input: DispatchInputs) throws {
        var world = World()
        world.send(input.topic, input.payload, received: 1_000)
        let letters = world.takeDeadLetters()
        #expect(letters.isEmpty == input.isValid, "\(letters.map { $0["detail"]?.string ?? "" })")
        let answer = try #require(try SchemaCheck.messages(["fleets/acme/\(input.topic) \(input.payload)"]))
        #expect((answer.status == 0) == input.isValid, "\(answer.text)")
    }
}

/// A record as dispatch or a driver's app sends it, and whether it can be used.
struct DispatchInputs: Sendable {
    var topic: String
    var payload: String
    var isValid: Bool

    private static let place = #""place":{"lat":25.04,"lon":121.51}"#

    private static let taken: [(String, [String])] = [
        (
            "dispatch/orders/O1",
            [
                "{\(place)}", #"{"customer":"C1"}"#, #"{"status":"cancelled"}"#,
                #"{"place":{"lat":25,"lon":121,"radius_m":5},"cod":{"amount":10.5},"items":[{"product":"P"}]}"#,
                #"{"customer":"C1","window":{"from":"2026-11-20T09:00:00+08:00"},"service_s":0,"version":0}"#,
            ]
        ),
        (
            "dispatch/routes/R1",
            [
                #"{"vehicle":"V1"}"#, #"{"vehicle":"V1","status":"cancelled"}"#,
                #"{"vehicle":"V1","stops":[{"order":"O1"},{"stop":"B1","kind":"break","service_s":1800}]}"#,
                #"{"vehicle":"V1","path":{"type":"LineString","coordinates":[]}}"#,
            ]
        ),
        (
            "dispatch/customers/C1",
            [
                "{}", #"{"phone":"0912","language":"xx","quiet_hours":{"from":"21:00","to":"24:00"}}"#,
                #"{"consent":{"sms":null,"voice":1},"sms_kinds":[]}"#,
            ]
        ),
        ("dispatch/vehicles/V1", [#"{"capacity":60,"hazmat_permit":{"until":1800000000000}}"#, #"{"class":"van"}"#]),
        ("dispatch/drivers/D1", ["{}", #"{"licence":{"hazmat":true},"remaining_driving_s":604800}"#]),
        (
            "dispatch/conditions/X1",
            [
                #"{"type":"Feature","geometry":{"type":"Point","coordinates":[121.5,25]},"properties":{"radius_m":500}}"#
            ]
        ),
        (
            "vehicles/V1/driver",
            [#"{"action":"sos","time":1795132800000}"#, #"{"action":"sang","time":1795132800000}"#]
        ),
    ]

    private static let refused: [(String, [String])] = [
        (
            "dispatch/orders/O1",
            [
                "{}", #"{"place":{"lat":91,"lon":121}}"#, #"{"place":{"lat":25,"lon":121,"radius_m":4}}"#,
                "{\(place),\"priority\":\"soon\"}", "{\(place),\"items\":[{\"quantity\":2}]}",
                "{\(place),\"items\":[{\"product\":\"P\",\"quantity\":1.5}]}", "{\(place),\"version\":-1}",
                "{\(place),\"cod\":{\"amount\":-1}}", "{\(place),\"cod\":{\"amount\":1,\"currency\":\"twd\"}}",
                "{\(place),\"service_s\":86401}", "{\(place),\"updated\":\"2026-11-20\"}", "{\(place),\"hazmat\":1}",
                #"{"customer":"a/b"}"#,
            ]
        ),
        (
            "dispatch/routes/R1",
            [
                "{}", #"{"status":"cancelled"}"#, #"{"vehicle":"V1","stops":[{}]}"#,
                #"{"vehicle":"V1","stops":[{"stop":"S1"}]}"#, #"{"vehicle":"V1","stops":[{"kind":"break"}]}"#,
                #"{"vehicle":"V1","path":{"type":"Point","coordinates":[]}}"#,
                #"{"vehicle":"V1","path":{"type":"LineString","coordinates":[[121.5]]}}"#,
            ]
        ),
        (
            "dispatch/customers/C1",
            [
                #"{"phone":912}"#, #"{"quiet_hours":{"from":"21:00"}}"#, #"{"quiet_hours":{"from":"25:00","to":"1"}}"#,
                #"{"sms_kinds":"all"}"#, #"{"vip":"yes"}"#,
            ]
        ),
        ("dispatch/vehicles/V1", [#"{"capacity":1.5}"#, #"{"capacity":1,"hazmat_permit":{}}"#]),
        ("dispatch/drivers/D1", [#"{"remaining_driving_s":604801}"#, #"{"licence":{"hazmat":"yes"}}"#]),
        (
            "dispatch/conditions/X1",
            [
                #"{"type":"Feature","geometry":{"type":"Point","coordinates":[121.5,25]},"properties":{}}"#,
                #"{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":"#
                    + #"{"radius_m":9,"speed_factor":0}}"#,
            ]
        ),
        (
            "vehicles/V1/driver",
            [
                #"{"action":"delivered","time":1795132800000}"#, #"{"action":"sos"}"#,
                #"{"action":"arrived","time":1795132800000,"order":"O1","accuracy_m":-1}"#,
                #"{"action":"shift_ended","time":1795132800000,"cash":{"currency":"TWD"}}"#,
            ]
        ),
    ]

    static let all: [DispatchInputs] =
        taken.flatMap { topic, texts in texts.map { DispatchInputs(topic: topic, payload: $0, isValid: true) } }
        + refused.flatMap { topic, texts in texts.map { DispatchInputs(topic: topic, payload: $0, isValid: false) } }
}
