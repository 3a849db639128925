import BrokerHarness
import FleetService
import Foundation
import Testing

/// What was published live is what a replay says, of the journal as of a capture that `mosquitto_sub` made.
@Suite struct LiveReplayTests {
    @Test func `a journal gives the events that were published`() throws {
        let stage = try Stage(features: Capture.fences, settings: ["rules.max_speed_kmh=200"])
        let watcher = try Watcher(stage.broker, ["fleets/+/events/#"])
        let capture = Capture(seed: 11, vehicles: 3, rounds: 40)
        try publish(capture, stage.broker)
        try stage.broker.publish(["{}"], on: "fleets/demo/vehicles/last/status")
        try stage.service.wait("the last message") { stage.service.status?.input.deadLetters ?? 0 > 0 }
        try stage.service.wait("everything is published") { stage.service.status?.output.outboxDepth == 0 }
        let live = watcher.messages
        #expect(live.count > 20)
        // Beside the running process, and after it; on another number of shards.
        for isRunning in [true, false] {
            if !isRunning { #expect(stage.service.stop() == 0) }
            let outcome = try run(
                Programs.fleetstream, ["replay", "--journal", stage.service.store, "--shards", "5"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let replayed = outcome.messages.filter(\.isEvent)
            #expect(replayed.map(\.id).sorted() == live.map(\.id).sorted(), "running: \(isRunning)")
        }
        // Other fences in place of those of the journal: those of dispatch stay.
        let empty = try stage.folder.write(Fences.collection([]), to: "none.geojson")
        let outcome = try run(
            Programs.fleetstream, ["replay", "--journal", stage.service.store, "--geofences", empty])
        let named = Set(outcome.messages.filter(\.isEvent).compactMap { $0.string("geofence") })
        #expect(named.isSubset(of: ["extra"]), "\(named)")
    }

    @Test(arguments: ["%j", "%J"])
    func `a capture of a simulated fleet gives the events that were published`(_ format: String) throws {
        let stage = try Stage(features: Capture.fences)
        let events = try Watcher(stage.broker, ["fleets/+/events/#"])
        let capture = try stage.broker.startSub(["-t", "fleets/#", "-q", "1", "-F", format])
        try stage.service.wait("the capture has begun") {
            try stage.broker.pub(["-t", "fleets/probe", "-m", "{}"])
            return capture.output.contains("fleets/probe")
        }
        let fences = stage.folder.file("Geofences")
        let simulator = try run(
            Programs.fleetsim,
            [
                "--vehicles", "10", "--duration", "6", "--speedup", "60", "--seed", "4", "--port",
                "\(stage.broker.port)", "--geofences", fences, "--quiet",
            ])
        #expect(simulator.status == 0, "\(simulator.errors)")
        try stage.broker.publish(["{}"], on: "fleets/last/vehicles/last/status")
        try stage.service.wait("the last message") {
            capture.output.contains("fleets/last/dead-letters") && stage.service.status?.output.outboxDepth == 0
        }
        let live = events.messages.eventIDs
        #expect(!live.isEmpty)
        let file = try stage.folder.write(capture.output, to: "capture.jsonl")
        let outcome = try run(Programs.fleetstream, ["replay", "--geofences", fences, file])
        #expect(outcome.status == 0)
        let replayed = outcome.messages.eventIDs
        #expect(
            replayed == live,
            "\(live.subtracting(replayed).count) only live, \(replayed.subtracting(live).count) only replayed")
    }

    /// Publishes a capture in order, moved to the present, over one connection a topic and run of messages.
    private func publish(_ capture: Capture, _ broker: MosquittoBroker) throws {
        let offset_ms = now_ms() - (capture.messages.last?.time_ms ?? 0) - 1000
        var batches: [(topic: String, payloads: [String])] = []
        // Vehicle after vehicle: they do not influence one another.
        let topics = Set(capture.messages.map(\.topic)).filter { $0.contains("/telemetry") }.sorted()
        for topic in topics {
            let payloads = capture.messages.filter { $0.topic == topic && $0.payload.contains(#""speed_kmh""#) }.map {
                shifted($0.payload, by: offset_ms)
            }
            batches.append((topic, payloads))
        }
        let fence = Fences.square("extra", at: Place(east_m: 600, north_m: 600), half_m: 500)
        try broker.publish([fence], on: "fleets/demo/dispatch/geofences/extra")
        for batch in batches { try broker.publish(batch.payloads, on: batch.topic) }
    }

    /// A report with its time moved.
    private func shifted(_ payload: String, by offset_ms: Int64) -> String {
        let digits = payload.dropFirst(#"{"time":"#.count).prefix { $0.isNumber }
        return payload.replacing(digits, with: "\((Int64(digits) ?? 0) + offset_ms)", maxReplacements: 1)
    }
}
