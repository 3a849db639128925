import BrokerHarness
import Foundation
import MQTTTransport
import Synchronization
import TestSupport

/// Numbered reports of several vehicles that drive to and fro through fences, all within the last hour.
struct NumberedFleet: Sendable {
    struct Message: Sendable {
        var topic: String
        var payload: String
    }

    let messages: [Message]
    let fences: [String]

    private static let step_s: Int64 = 3
    /// So many of a vehicle, at that step, stay within the hour.
    private static let reportsPerVehicle = 1000
    /// A fence every so many metres of each vehicle's street.
    private static let spacing_m = 1500.0
    private static let fencesPerStreet = 4

    /// - Parameter count: reports over all vehicles, of which there are as many as it takes, and at least 50.
    init(seed: UInt64, count: Int) {
        var random = SplitMix64(seed: seed)
        let vehicles = max(50, (count + Self.reportsPerVehicle - 1) / Self.reportsPerVehicle)
        let rounds = (count + vehicles - 1) / vehicles
        let start_ms = now_ms() - 60_000 - Int64(rounds) * Self.step_s * 1000
        var east_m = (0..<vehicles).map { _ in Double.random(in: 0...4000, using: &random) }
        var speed_m = (0..<vehicles).map { _ in Double.random(in: 40...60, using: &random) }
        var messages: [Message] = []
        messages.reserveCapacity(count)
        for round in 0..<rounds {
            for vehicle in 0..<vehicles where messages.count < count {
                east_m[vehicle] += speed_m[vehicle] + .random(in: -10...10, using: &random)
                if east_m[vehicle] > 5500 || east_m[vehicle] < -500 { speed_m[vehicle] = -speed_m[vehicle] }
                let place = Place(
                    east_m: east_m[vehicle], north_m: Double(vehicle) * 500 + .random(in: -20...20, using: &random))
                let json = Report(place: place, time_ms: start_ms + Int64(round) * Self.step_s * 1000).json.dropLast()
                messages.append(
                    Message(
                        topic: "fleets/demo/vehicles/T-\(vehicle)/telemetry",
                        payload: "\(json),\"seq\":\(messages.count)}"))
            }
        }
        self.messages = messages
        fences = (0..<vehicles).flatMap { vehicle in
            (0..<Self.fencesPerStreet).map { number in
                Fences.square(
                    "f-\(vehicle)-\(number)",
                    at: Place(east_m: Double(number) * Self.spacing_m, north_m: Double(vehicle) * 500))
            }
        }
    }

    /// The same messages as a capture.
    var capture: String {
        let time_ms = now_ms()
        return messages.map { #"{"tst":\#(time_ms),"topic":"\#($0.topic)","payload":\#($0.payload)}"# }
            .joined(separator: "\n") + "\n"
    }

    /// The ids of all events of an undisturbed replay.
    func expectedEvents(fences: String, in folder: Folder) throws -> Set<String> {
        let file = try folder.write(capture, to: "capture.jsonl")
        let outcome = try run(
            Programs.fleetstream,
            ["replay", "--geofences", fences, "--set", "rules.offline_after_s=86400", file], timeout_s: 120)
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
        return outcome.messages.eventIDs
    }
}

/// Publishes a fleet's messages in order at QoS 1 by `MQTTPublisher`, as far as the test allows.
final class NumberedPublisher: Sendable {
    /// The messages that may be published by now.
    private final class Source: OutgoingSource {
        let messages: [NumberedFleet.Message]
        let allowed = Atomic<Int>(0)
        let confirmedCount = Atomic<Int>(0)

        init(_ messages: [NumberedFleet.Message]) { self.messages = messages }

        func next(after id: Int64, limit: Int) -> [OutgoingMessage] {
            let first = Int(id)
            let end = min(allowed.load(ordering: .acquiring), messages.count, first + limit)
            guard first < end else { return [] }
            return (first..<end).map { index in
                OutgoingMessage(
                    id: Int64(index) + 1, topic: Array(messages[index].topic.utf8),
                    payload: Array(messages[index].payload.utf8))
            }
        }

        func confirmed(_ ids: [Int64]) { confirmedCount.add(ids.count, ordering: .relaxed) }
        func rejected(_ id: Int64, reason: MQTTError) {}
    }

    private let source: Source
    private let publisher: MQTTPublisher

    init(_ fleet: NumberedFleet, _ broker: MosquittoBroker) throws {
        source = Source(fleet.messages)
        // A small window: after a reconnect at most so many are repeated, fewer than a track remembers.
        publisher = MQTTPublisher(options: broker.options(clientID: "trackers"), window: 500, source: source)
        try publisher.start()
    }

    deinit { publisher.stop() }

    /// Messages up to this number may go.
    func allow(_ count: Int) {
        source.allowed.store(count, ordering: .releasing)
        publisher.wake()
    }

    func waitUntilConfirmed(_ count: Int, timeout_s: Double) throws {
        let isSo = eventually(within: Int(timeout_s * 1000)) {
            source.confirmedCount.load(ordering: .relaxed) >= count
        }
        guard isSo else {
            throw HarnessError(
                "the broker confirmed \(source.confirmedCount.load(ordering: .relaxed)) of \(count) messages")
        }
    }
}

/// A persistent `mosquitto_sub` that collects everything that is published, over restarts of the broker.
final class Collector {
    private let tool: Tool
    private let broker: MosquittoBroker
    private static let sentinel = "fleets/last/dead-letters"

    init(_ broker: MosquittoBroker) throws {
        self.broker = broker
        tool = try broker.startSub([
            "-i", "collector", "-c", "-q", "1", "-t", "fleets/+/events/#", "-t", "fleets/+/dead-letters", "-F", "%t %p",
        ])
        let isSubscribed = try eventually {
            try broker.pub(["-q", "1", "-t", "fleets/probe/dead-letters", "-m", "there"])
            return tool.output.contains("fleets/probe/")
        }
        guard isSubscribed else { throw HarnessError("mosquitto_sub does not receive: \(tool.output)") }
    }

    /// Sends a message that becomes a dead letter behind everything that was sent before, and waits for it.
    func waitForTheEnd(timeout_s: Double = 60) throws {
        try broker.pub(["-q", "1", "-t", "fleets/last/vehicles/last/status", "-m", "the end"])
        let isThere = eventually(within: Int(timeout_s * 1000)) {
            usleep(100_000)
            return tool.output.contains(Self.sentinel)
        }
        guard isThere else {
            throw HarnessError("the last message was not processed; mosquitto_sub: \(tool.exitStatus ?? -1)")
        }
    }

    /// Everything that came, in order, without what the test itself caused.
    var messages: [Received] {
        tool.output.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0] != Self.sentinel, !parts[0].hasPrefix("fleets/probe/") else { return nil }
            return Received(topic: String(parts[0]), payload: String(parts[1]))
        }
    }
}

/// What came against what was to come.
struct Comparison: CustomStringConvertible {
    var missing: Int
    var extra: Int
    var deadLetters: Int
    /// Ids that came with two different payloads.
    var contradictions: Int
    /// Vehicles whose events first came in another order than they were numbered.
    var disordered: Int
    var duplicates: Int
    var count: Int

    init(_ messages: [Received], expected: Set<String>) {
        var payloads: [String: String] = [:]
        var newest: [String: String] = [:]
        var disordered: Set<String> = []
        contradictions = 0
        duplicates = 0
        // What is told of the feed as a whole follows from when messages came, which is no part of what is compared.
        for message in messages where message.isEvent && !message.topic.contains("/events/system/") {
            let json = message.json
            let id = json["id"] as? String ?? ""
            if let known = payloads[id] {
                duplicates += 1
                if known != message.payload { contradictions += 1 }
                continue
            }
            payloads[id] = message.payload
            let vehicle = json["subject"] as? String ?? ""
            let sequence = json["sequence"] as? String ?? ""
            if let last = newest[vehicle], last >= sequence { disordered.insert(vehicle) }
            newest[vehicle] = sequence
        }
        let came = Set(payloads.keys)
        missing = expected.subtracting(came).count
        extra = came.subtracting(expected).count
        deadLetters = messages.count { $0.isDeadLetter }
        self.disordered = disordered.count
        count = came.count
    }

    var isPerfect: Bool { missing + extra + deadLetters + contradictions + disordered == 0 }

    var description: String {
        "\(count) events, \(missing) missing, \(extra) extra, \(duplicates) delivered again, \(contradictions) of them with "
            + "another payload, \(disordered) vehicles out of order, \(deadLetters) dead letters"
    }
}
