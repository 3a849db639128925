import BrokerHarness
import FleetSimulation
import Foundation
import Testing

/// Runs against a real mosquitto. One after another: each is a broker and many connections.
@Suite(.serialized) struct BrokerRunTests {
    private func prepared(
        _ broker: MosquittoBroker, _ scenario: Scenario, _ arguments: String...
    ) throws -> PreparedRun {
        let options = try CommandOptions(arguments: ["--quiet", "--port", "\(broker.port)"] + arguments)
        return try PreparedRun(options: options, scenario: scenario)
    }

    /// What a subscriber of everything received.
    private struct Received {
        var topic: String
        var length: Int
        var payload: String
    }

    private func messages(_ subscriber: Tool) -> [Received] {
        subscriber.lines.compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let length = Int(parts[1]), parts[0] != "ready" else { return nil }
            return Received(topic: parts[0], length: length, payload: parts[2])
        }
    }

    /// What it received once there are `count` messages, and what comes shortly after.
    private func messages(_ subscriber: Tool, count: Int) -> [Received] {
        _ = eventually { messages(subscriber).count >= count }
        usleep(300_000)
        return messages(subscriber)
    }

    /// Starts a subscriber of everything, and waits until it hears something.
    private func subscribe(_ broker: MosquittoBroker) throws -> Tool {
        let subscriber = try broker.startSub(["-t", "#", "-q", "1", "-F", "%t %l %p"])
        let isListening = try eventually {
            try broker.pub(["-t", "ready", "-m", "ready"])
            return !subscriber.lines.isEmpty
        }
        #expect(isListening)
        return subscriber
    }

    @Test(arguments: ["per-vehicle", "3"], ["0", "1"])
    func `what a subscriber receives is what was acknowledged`(connections: String, qos: String) throws {
        let broker = try MosquittoBroker()
        let subscriber = try subscribe(broker)
        var scenario = Scenario.small(seed: 1)
        scenario.coverage.lossesPerHour = 60
        scenario.coverage.lossMean_s = 5
        scenario.faults.duplicateShare = 0.05
        let run = try prepared(
            broker, scenario, "--vehicles", "8", "--rate", "100", "--duration", "2", "--connections", connections,
            "--qos", qos)
        let result = try BrokerRun(run).run { false }
        #expect(result.isComplete)
        #expect(result.delivery.sent == result.counts.totalMessages)
        #expect(result.delivery.acknowledged == result.delivery.sent)
        #expect(result.counts.reports >= 196 && result.counts.reports <= 208)
        let messages = messages(subscriber, count: result.delivery.acknowledged)
        #expect(messages.count == result.delivery.acknowledged)
        #expect(messages.count { $0.topic.hasSuffix("/status") } == (connections == "per-vehicle" ? 16 : 0))
        #expect(messages.count { $0.topic.contains("/dispatch/vehicles/") } == 8)
    }

    @Test func `a sped-up run ends now, and a lost connection is the broker's last will`() throws {
        let broker = try MosquittoBroker()
        let subscriber = try subscribe(broker)
        var scenario = Scenario.small(seed: 2)
        scenario.coverage.scheduledStart_s = 60
        scenario.coverage.scheduledDuration_s = 300
        scenario.coverage.tunnels = false
        scenario.reports.parkedInterval_s = 15
        let run = try prepared(
            broker, scenario, "--vehicles", "5", "--duration", "5", "--speedup", "100")
        let result = try BrokerRun(run).run { false }
        let end_s = Date().timeIntervalSince1970
        #expect(result.isComplete)
        #expect(result.counts[MessageKind.lastWill] == 5)
        #expect(result.counts.buffered > 50)
        let wills = result.counts[MessageKind.lastWill]
        let messages = messages(subscriber, count: result.delivery.acknowledged + wills)
        #expect(messages.count == result.delivery.acknowledged + wills)
        let vehicle = try #require(messages.first { $0.topic.hasSuffix("/status") }).topic
        let statuses = messages.filter { $0.topic == vehicle }.map(\.payload)
        #expect(statuses == ["true", "false", "true", "false"].map { "{\"online\":\($0)}" })
        for message in messages where message.topic.hasSuffix("/telemetry") {
            let value = try JSONSerialization.jsonObject(with: Data(message.payload.utf8))
            let reports = try value as? [[String: Any]] ?? [#require(value as? [String: Any])]
            for report in reports {
                let time = try #require(report["time"] as? String)
                let fix = try Date(time, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))
                #expect(fix.timeIntervalSince1970 <= end_s)
                #expect(fix.timeIntervalSince1970 > end_s - 600)
            }
        }
    }

    @Test func `dispatch, vehicles that obey, receipts, and the truth in a file`() throws {
        let broker = try MosquittoBroker()
        let subscriber = try subscribe(broker)
        let folder = try TemporaryDirectory()
        let truth = folder.path + "/truth.ndjson"
        var scenario = Scenario.distributor(seed: 6, orders: 12)
        scenario.dispatch?.faults = Scenario.DispatchFaults()
        let run = try prepared(
            broker, scenario, "--vehicles", "3", "--duration", "6", "--speedup", "600", "--sms-gateway", "--truth",
            truth, "--connections", "2")
        var calls = 0
        let result = try BrokerRun(run).run {
            calls += 1
            if calls == 300 {
                let vehicle = VehicleIdentity(number: 1, world: run.world, scenario: run.scenario).id
                try? broker.pub(["-t", "fleets/demo/vehicles/\(vehicle)/commands/C-7", "-m", #"{"command":"lock"}"#])
                try? broker.pub(["-t", "fleets/demo/sms/requests/normal", "-m", #"{"id":"0a"}"#])
            }
            return false
        }
        #expect(result.isComplete)
        #expect(result.counts[MessageKind.order] >= 12 && result.counts[MessageKind.driverAction] > 20)
        #expect(result.counts[MessageKind.commandResult] == 2)
        #expect(result.counts[MessageKind.receipt] == 2)
        let messages = messages(subscriber, count: result.delivery.acknowledged + 2)
        #expect(messages.count { $0.topic.hasSuffix("/commands/C-7/result") } == 2)
        #expect(messages.count { $0.topic.hasSuffix("/sms/receipts/0a") } == 2)
        let lines = try String(contentsOfFile: truth, encoding: .utf8).split(separator: "\n")
        #expect(try lines.count { try TestObject($0.utf8)["truth"] == "visit" } >= 5)
    }

    @Test func `a broker that restarts costs nothing at QoS 1`() throws {
        let broker = try MosquittoBroker()
        let run = try prepared(broker, .small(seed: 3), "--vehicles", "6", "--rate", "60", "--duration", "4")
        var calls = 0
        let result = try BrokerRun(run).run {
            calls += 1
            if calls == 150 { try? broker.restart() }
            return false
        }
        #expect(result.isComplete)
        #expect(result.delivery.reconnects > 0)
        // Reports, and perhaps more than once that they are online.
        #expect(result.delivery.acknowledged >= result.counts.totalMessages)
    }

    @Test func `being asked to stop drains in good order`() throws {
        let broker = try MosquittoBroker()
        let run = try prepared(broker, .small(seed: 3), "--vehicles", "4", "--rate", "100")
        var calls = 0
        let result = try BrokerRun(run).run {
            calls += 1
            return calls > 200
        }
        #expect(result.isComplete)
        #expect(result.counts.reports > 10)
        let retained = try broker.sub(["-t", "fleets/demo/vehicles/+/status", "-C", "4", "-W", "5", "-F", "%p"])
        #expect(retained == [String](repeating: "{\"online\":false}", count: 4))
    }

    @Test func `hostile messages reach the broker as they are`() throws {
        let broker = try MosquittoBroker()
        let subscriber = try subscribe(broker)
        var scenario = Scenario.small(seed: 4)
        scenario.faults.malformed = [Double](repeating: 0.2, count: MalformedKind.allCases.count)
        let run = try prepared(broker, scenario, "--vehicles", "5", "--rate", "50", "--duration", "2")
        let result = try BrokerRun(run).run { false }
        #expect(result.isComplete)
        let messages = messages(subscriber, count: result.delivery.acknowledged)
        #expect(messages.count == result.delivery.acknowledged)
        #expect(messages.count { $0.length == 0 } == result.counts[MalformedKind.empty])
        #expect(messages.count { $0.length > 65_536 } == result.counts[MalformedKind.oversized])
        #expect(messages.count { $0.topic.contains("//") } == result.counts[MalformedKind.badTopic])
    }

    @Test func `TLS and passwords, given in files`() throws {
        let certificates = try Certificates()
        let secure = try MosquittoBroker(.tls(certificates, requiresClientCertificate: true))
        let overTLS = try prepared(
            secure, .small(seed: 5), "--vehicles", "3", "--rate", "30", "--duration", "1", "--host", "localhost",
            "--ca", certificates.authority, "--cert", certificates.client, "--key", certificates.clientKey)
        #expect(try BrokerRun(overTLS).run { false }.isComplete)

        let guarded = try MosquittoBroker(.passwords(["sim": "s3cret"]))
        let folder = try TemporaryDirectory()
        try Data("s3cret\n".utf8).write(to: URL(filePath: folder.path + "/right"))
        try Data("wrong\n".utf8).write(to: URL(filePath: folder.path + "/wrong"))
        let right = try prepared(
            guarded, .small(seed: 5), "--vehicles", "3", "--rate", "30", "--duration", "1", "--user", "sim",
            "--password-file", folder.path + "/right")
        #expect(try BrokerRun(right).run { false }.isComplete)
        let wrong = try prepared(
            guarded, .small(seed: 5), "--vehicles", "3", "--user", "sim", "--password-file", folder.path + "/wrong")
        #expect(throws: SimulationError.self) { _ = try BrokerRun(wrong).run { false } }
    }

    @Test func `more connections than the system allows are refused before the first`() throws {
        #expect(throws: SimulationError.self) { try BrokerRun.checkDescriptors(connections: 100_000_000) }
        try BrokerRun.checkDescriptors(connections: 10)
    }

    @Test func `a broker that is not there ends the run with a reason`() throws {
        let options = try CommandOptions(arguments: ["--port", "1", "--vehicles", "2"])
        let run = try PreparedRun(options: options, scenario: .small(seed: 1))
        var asked = 0
        // The user gives up before the time-out does.
        #expect(throws: SimulationError.self) {
            _ = try BrokerRun(run).run {
                asked += 1
                return asked > 5
            }
        }
        #expect(asked == 6)
    }
}
