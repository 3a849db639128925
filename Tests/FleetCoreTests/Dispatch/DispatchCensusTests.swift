import Testing
import Wire

@testable import FleetCore

@Suite struct `What the desks have on their tables` {
    /// After the frames that were received until a time, in seconds after the epoch of the tests.
    private func census(_ script: Script, until seconds: Double = 1e9, restart: Bool = false) throws -> DispatchCensus {
        var census = DispatchCensus()
        let frames = script.frames.filter { $0.received_ms <= milliseconds(seconds) }
        let last = frames.count - 1
        _ = try outcomes(
            of: frames, shards: 2, restart: { restart && $0 == last ? 3 : nil },
            inspect: { census = $0.processor.desks.census() })
        return census
    }

    private func counts(_ census: DispatchCensus) -> [String: Int] { census.deliveries.filter { $0.value != 0 } }

    @Test func `without dispatch there is nothing, but every status`() {
        let census = DispatchCensus()
        #expect(census.deliveries.count == DispatchCensus.statuses.count)
        #expect(census.deliveries.values.allSatisfy { $0 == 0 })
        #expect(Array(DispatchCensus.statuses.prefix(4)) == ["planned", "assigned", "loaded", "en_route"])
        #expect(DispatchCensus.statuses.contains("reschedule_requested"))
    }

    @Test func `a day moves through the statuses`() throws {
        let script = OrdinaryDay().script
        #expect(counts(try census(script, until: 2)) == ["planned": 2])
        #expect(counts(try census(script, until: 3)) == ["assigned": 2])
        #expect(try census(script, until: 3).onTrip == 0)
        let underWay = try census(script, until: 300)
        #expect(counts(underWay) == ["en_route": 2])
        #expect(underWay.onTrip == 1)
        #expect(counts(try census(script, until: 700)) == ["delivered": 1, "en_route": 1])
        let end = try census(script)
        #expect(counts(end) == ["delivered": 2])
        #expect(end.onTrip == 0 && end.waitingForReference == 0 && end.openCommands == 0)
    }

    @Test func `a restart changes no figure`() throws {
        let script = OrdinaryDay().script
        for seconds in stride(from: 0.0, through: 1600, by: 100) {
            #expect(try census(script, until: seconds) == census(script, until: seconds, restart: true), "\(seconds) s")
        }
    }

    @Test func `what refers to nothing, and a command without an answer, are waited for`() throws {
        var script = Script()
        script.route("R1", "V1", ["O-unknown"], received: 0)
        script.driver("V1", "delivered", at: 1, "\"stop\":\"S-unknown\"")
        script.send("dispatch/commands/K1", #"{"vehicle":"V1","command":"position"}"#, received: 2)
        let waiting = try census(script)
        #expect(waiting.waitingForReference == 2)
        #expect(waiting.openCommands == 1)
        script.send(
            "vehicles/V1/commands/K1/result", #"{"status":"done"}"#, received: 3)
        #expect(try census(script).openCommands == 0)
    }

    @Test func `all fleets count together`() throws {
        var script = Script()
        for fleet in ["acme", "beta"] {
            script.fleet = fleet
            script.order("O1", at: 100, received: 0)
        }
        #expect(counts(try census(script)) == ["planned": 2])
    }

    @Test func `a request for a message is under way until its receipt`() throws {
        var script = Script()
        script.take(Frame(kind: .messages, received_ms: epoch_ms, payload: MessageRules.sample.json()))
        for frame in OrdinaryDay().script.frames { script.take(frame) }
        let requests = try outcomes(of: script.frames, shards: 1).filter {
            $0.kind == .event && Event($0).type == "sms.request"
        }
        let before = try census(script)
        #expect(before.messagesUnderWay == requests.count)
        let first = try #require(requests.first)
        script.send("sms/receipts/\(Event(first).id)", #"{"status":"delivered"}"#, received: 1700)
        #expect(try census(script).messagesUnderWay == requests.count - 1)
    }
}
