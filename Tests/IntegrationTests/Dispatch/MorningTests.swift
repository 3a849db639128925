import BrokerHarness
import FleetService
import Foundation
import Testing

/// The simulator's morning, scaled down and in a hurry, through a broker; and what really happened beside what was told.
@Suite(.serialized) struct MorningTests {
    /// Six vehicles and thirty orders: four hours in half a minute.
    private static let arguments = [
        "--scenario", "morning", "--vehicles", "6", "--orders", "30", "--seed", "7", "--quiet",
    ]
    private static let speedup = 500
    private static let duration_s = 30
    /// Fixes come every 10 to 60 s, and drivers tell their arrivals some seconds after it.
    private static let arrivalTolerance_ms: Int64 = 120_000

    @Test func `every order ends once and as it really did, and a replay tells the same`() throws {
        let sms = Programs.checkout.appendingPathComponent("Config/sms").path
        let stage = try Stage(settings: ["rules.state_interval_s=5", "sms_folder=\(sms)"])
        let watcher = try Watcher(
            stage.broker,
            [
                "fleets/demo/events/#", "fleets/demo/sms/requests/+", "fleets/demo/vehicles/+/driver",
            ])
        let file = stage.folder.file("truth.jsonl")
        let simulator = try run(
            Programs.fleetsim,
            Self.arguments + [
                "--speedup", "\(Self.speedup)", "--duration", "\(Self.duration_s)", "--truth", file, "--sms-gateway",
                "--port", "\(stage.broker.port)",
            ])
        #expect(simulator.status == 0, "\(simulator.errors)")
        try stage.broker.publish(["{}"], on: "fleets/last/vehicles/last/status")
        try stage.service.wait("the last message", for: 30) {
            let status = stage.service.status
            return try status?.output.outboxDepth == 0
                && sqlite(stage.service.store, "SELECT count(*) FROM dead_letters WHERE fleet='last'") == ["1"]
        }
        let live = watcher.messages
        compare(ToldDeliveries(live), try Truth(file: file), words: live)
        let requests = live.filter { $0.topic.contains("/sms/requests/") }
        let keys = Set(Dictionary(grouping: requests, by: \.id).keys).count
        #expect(Set(requests.compactMap { $0.string("dedupe_key") }).count == keys, "no message is requested twice")

        #expect(stage.service.stop() == 0)
        let outcome = try run(Programs.fleetstream, ["replay", "--journal", stage.service.store, "--shards", "3"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let replayed = outcome.messages.eventIDs
        let onlyLive = live.filter { $0.isEvent && !replayed.contains($0.id) }.map(\.topic)
        let onlyReplayed = outcome.messages.filter { $0.isEvent && !live.eventIDs.contains($0.id) }.map(\.topic)
        #expect(onlyLive == [] && onlyReplayed == [])
    }

    @Test func `a capture of a whole day is told as it really was`() throws {
        let folder = try Folder()
        let file = folder.file("truth.jsonl")
        let capture = try run(
            Programs.fleetsim, Self.arguments + ["--print", "--start", "2026-11-20T07:15:00+08:00", "--truth", file])
        #expect(capture.status == 0, "\(capture.errors)")
        let path = try folder.write(capture.output, to: "day.jsonl")
        let outcome = try run(Programs.fleetstream, ["replay", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        compare(ToldDeliveries(outcome.messages), try Truth(file: file), words: capture.messages)
    }

    /// - Parameter words: messages, those of drivers among them: of a few deliveries no word ever comes, and they stay open.
    private func compare(_ told: ToldDeliveries, _ truth: Truth, words: [Received]) {
        #expect(truth.outcomes.count >= 30 && truth.visits.count >= 25)
        let said = Set(
            words.filter { message in
                message.topic.hasSuffix("/driver")
                    && ToldDeliveries.endings.contains(message.json["action"] as? String ?? "")
            }.compactMap { $0.json["stop"] as? String ?? $0.json["order"] as? String })
        let untold = truth.visits.filter { !said.contains($0.stop) && !said.contains($0.order) }.map(\.order)
        #expect(untold.count <= 3, "\(said.sorted())")
        for (order, outcome) in truth.outcomes {
            let expected = untold.contains(order) ? [] : [outcome]
            #expect(told.endings(of: order) == expected, "\(order): \(lines(told, order))")
        }
        for visit in truth.visits where truth.outcomes[visit.order] == visit.outcome {
            let arrivals_ms = told.arrivals_ms(of: visit.order)
            #expect(arrivals_ms.count == 1, "\(visit.order): \(lines(told, visit.order))")
            let difference_ms = (arrivals_ms.first ?? 0) - visit.arrival_ms
            #expect(abs(difference_ms) <= Self.arrivalTolerance_ms, "\(visit.order): \(difference_ms) ms")
        }
        let invented = told.byOrder.keys.filter { truth.outcomes[$0] == nil && !told.endings(of: $0).isEmpty }
        #expect(invented == [], "orders that never ended")
    }

    private func lines(_ told: ToldDeliveries, _ order: String) -> String {
        (told.byOrder[order] ?? []).map { "\($0.name) \($0.json["time"] ?? "")" }.joined(separator: ", ")
    }
}
