import BrokerHarness
import Foundation
import Locks
import MQTTTransport
import Synchronization
import Testing
import Wire

@Suite struct ReceiverTests {
    /// Creates the persistent session of `clientID` with its subscription, and leaves.
    private func makeSession(
        _ options: MQTTOptions, _ subscriptions: [MQTTSubscription]
    ) throws {
        let ledger = Ledger()
        let receiver = MQTTReceiver(options, subscriptions, ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        receiver.stop()
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `messages arrive in order, with everything that belongs to them`(
        version: MQTTOptions.ProtocolVersion
    ) throws {
        let broker = try MosquittoBroker()
        try broker.pub(["-t", "fleets/a/kept", "-m", "before", "-r", "-q", "1"])
        let ledger = Ledger()
        let receiver = MQTTReceiver(
            broker.options(clientID: "receiver", protocolVersion: version), [("fleets/#", 1), ("plain", 0)],
            ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() && ledger.seen.count == 1 })
        #expect(ledger.seen.first?.isRetained == true)
        #expect(ledger.seen.first?.payload == "before")

        try publishNumbers(0..<500, topic: "fleets/a/n", to: broker)
        try broker.pub(["-t", "plain", "-m", "", "-q", "1"])
        #expect(eventually { ledger.seen.count == 502 })
        let numbered = ledger.seen.filter { $0.topic == "fleets/a/n" }
        #expect(isRun(numbered.map(\.payload), from: 0, to: 500))
        #expect(numbered.allSatisfy { $0.qos == 1 && $0.packetID > 0 && !$0.isRetained })
        #expect(ledger.seen.last { $0.topic == "plain" }?.qos == 0)
        #expect(ledger.batches.first?.kinds.first == .resumed)

        receiver.stop()
        #expect(ledger.states.last == .disconnected(nil))
        #expect(receiver.statistics.messages == 502)
        #expect(receiver.statistics.reconnects == 0)
        #expect(!receiver.statistics.isConnected)
    }

    @Test func `response topic and correlation data reach the batch`() throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = MQTTReceiver(broker.options(clientID: "receiver"), [("queries/+", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        try broker.pub([
            "-V", "5", "-q", "1", "-t", "queries/1", "-m", "where?", "-D", "publish", "response-topic", "answers/me",
            "-D", "publish", "correlation-data", "c-17", "-D", "publish", "user-property", "a", "b",
        ])
        #expect(eventually { !ledger.seen.isEmpty })
        let query = try #require(ledger.seen.first)
        #expect(query.payload == "where?")
        #expect(query.responseTopic == "answers/me")
        #expect(query.correlation == Array("c-17".utf8))
        receiver.stop()
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `what is not committed when the process dies comes again, all of it`(
        version: MQTTOptions.ProtocolVersion
    ) throws {
        let broker = try MosquittoBroker()
        let options = broker.options(clientID: "receiver", protocolVersion: version)
        try makeSession(options, [("n", 1)])
        try publishNumbers(0..<1_000, topic: "n", to: broker)

        // The first process commits some 450, acknowledges them, and dies with the next batch in hand.
        let first = Ledger()
        let dying = MQTTReceiver(
            options: options, subscriptions: [("n", 1)], limits: BatchLimits(maxMessages: 151), clock: wallClock_ms,
            handler: { batch in
                guard first.seen.count < 450 || batch.isEmpty else { return .stop }
                first.commit(batch)
                return .committed
            }, onStateChange: first.note)
        try dying.start()
        #expect(eventually { first.states.last.map { if case .disconnected = $0 { true } else { false } } ?? false })
        dying.stop()
        let committed = first.seen.count
        #expect((450..<601).contains(committed))

        let second = Ledger()
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: second)
        for batch in first.batches { receiver.seed(from: batch) }
        try receiver.start()
        #expect(eventually { second.seen.count >= 1_000 - committed })
        receiver.stop()
        #expect(second.has(.connected(sessionPresent: true)))
        #expect(isRun(second.payloads, from: committed, to: 1_000))
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `what is committed but not acknowledged comes again and is dropped, and nothing else`(
        version: MQTTOptions.ProtocolVersion
    ) throws {
        let broker = try MosquittoBroker()
        let options = broker.options(clientID: "receiver", protocolVersion: version)
        try makeSession(options, [("n", 1)])
        try publishNumbers(0..<1_000, topic: "n", to: broker)

        // The batch reaches the disk, and the process dies before it can acknowledge.
        let first = Ledger()
        let dying = MQTTReceiver(
            options: options, subscriptions: [("n", 1)], limits: BatchLimits(maxMessages: 451), clock: wallClock_ms,
            handler: { batch in
                first.commit(batch)
                return batch.seen.isEmpty ? .committed : .stop
            }, onStateChange: first.note)
        try dying.start()
        #expect(eventually { first.states.last.map { if case .disconnected = $0 { true } else { false } } ?? false })
        dying.stop()
        let committed = first.seen.count
        #expect((1...451).contains(committed))

        let second = Ledger()
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: second)
        for batch in first.batches { receiver.seed(from: batch) }
        try receiver.start()
        #expect(eventually { second.seen.count >= 1_000 - committed })
        // They are acknowledged now: later messages arrive, and nothing comes a third time.
        try publishNumbers(1_000..<1_010, topic: "n", to: broker)
        #expect(eventually { second.seen.count >= 1_010 - committed })
        #expect(receiver.statistics.redeliveriesDropped == UInt64(committed))
        receiver.stop()
        #expect(isRun(second.payloads, from: committed, to: 1_010))

        let third = Ledger()
        let last = MQTTReceiver(options, [("n", 1)], ledger: third, limits: BatchLimits(idleTick_ms: 50))
        try last.start()
        #expect(eventually { third.isSubscribed() && third.emptyCalls > 0 })
        last.stop()
        #expect(third.seen.isEmpty)
    }

    /// Whether `payloads` are exactly these numbers, in order.
    private func isRun(_ payloads: [String], from first: Int, to end: Int) -> Bool {
        payloads == (first..<end).map { "\($0)" }
    }

    @Test func `a session that the broker has forgotten clears the redelivery filter`() throws {
        let broker = try MosquittoBroker()
        var options = broker.options(clientID: "receiver")
        options.cleanStart = true
        var batch = MessageBatch()
        // What the broker will send under the packet ids 1 … 3 of a fresh session, as if an earlier session had had it.
        for number in 0..<3 {
            batch.append(
                receivedTime_ms: 0, topic: Array("n".utf8), payload: Array("\(number)".utf8),
                packetID: UInt16(number + 1))
        }
        let ledger = Ledger()
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        receiver.seed(from: batch)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        try publishNumbers(0..<3, topic: "n", to: broker)
        #expect(eventually { ledger.seen.count == 3 })
        receiver.stop()
        #expect(receiver.statistics.redeliveriesDropped == 0)
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `the broker restarts while a batch is in hand: session kept, nothing lost, nothing twice`(
        version: MQTTOptions.ProtocolVersion
    ) throws {
        let broker = try MosquittoBroker()
        let options = broker.options(clientID: "receiver", protocolVersion: version)
        try makeSession(options, [("n", 1)])
        try publishNumbers(0..<2_000, topic: "n", to: broker)
        let ledger = Ledger()
        let restarts = Guarded(0)
        let receiver = MQTTReceiver(
            options: options, subscriptions: [("n", 1)], limits: BatchLimits(maxMessages: 300, idleTick_ms: 50),
            clock: wallClock_ms,
            handler: { batch in
                // The commit succeeds, but the acknowledgements find no connection.
                ledger.commit(batch)
                let isThird = ledger.batches.count == 3 && restarts.withLock { $0 } == 0
                if isThird {
                    restarts.withLock { $0 += 1 }
                    #expect(throws: Never.self) { try broker.restart() }
                }
                return .committed
            }, onStateChange: ledger.note)
        try receiver.start()
        #expect(eventually { ledger.seen.count >= 2_000 })
        try publishNumbers(2_000..<2_010, topic: "n", to: broker)
        #expect(eventually { ledger.seen.count >= 2_010 })
        receiver.stop()
        #expect(isRun(ledger.payloads, from: 0, to: 2_010))
        #expect(receiver.statistics.redeliveriesDropped > 0)
        #expect(receiver.statistics.reconnects == 1)
        #expect(ledger.batches.count { $0.kinds.first == .resumed } == 2)
        #expect(ledger.batches.allSatisfy { !$0.kinds.dropFirst().contains(.resumed) })
        #expect(ledger.states.count { $0 == .connected(sessionPresent: true) } == 2)
    }

    @Test func `nothing is acknowledged while the handler works`() throws {
        let broker = try MosquittoBroker()
        let options = broker.options(clientID: "receiver")
        try makeSession(options, [("n", 1)])
        try publishNumbers(0..<50, topic: "n", to: broker)
        let isInHand = Atomic(false)
        let mayGo = Atomic(false)
        let ledger = Ledger()
        let receiver = MQTTReceiver(
            options: options, subscriptions: [("n", 1)], clock: wallClock_ms,
            handler: { batch in
                guard !batch.seen.isEmpty else { return .committed }
                isInHand.store(true, ordering: .releasing)
                while !mayGo.load(ordering: .acquiring) { usleep(1_000) }
                ledger.commit(batch)
                return .committed
            }, onStateChange: ledger.note)
        try receiver.start()
        #expect(eventually { isInHand.load(ordering: .acquiring) })
        // A second client takes the session over: it gets all that the first has in hand.
        let second = Ledger()
        let thief = MQTTReceiver(options, [("n", 1)], ledger: second)
        try thief.start()
        #expect(eventually { second.seen.count >= 50 })
        #expect(isRun(second.payloads, from: 0, to: 50))
        receiver.requestStop()
        mayGo.store(true, ordering: .releasing)
        receiver.stop()
        thief.stop()
    }

    @Test func `a second client with the same id is recognised where the broker says so, and suspected where not`()
        throws
    {
        var options = MQTTOptions(clientID: "receiver", backOff: .init(initial_ms: 60_000, max_ms: 60_000))
        let said = Ledger()
        let scripted = try ScriptedBroker { packet in
            packet.type == 1 ? [[0x20, 3, 0, 0, 0], [0xE0, 2, 0x8E, 0]] : []
        }
        options.port = scripted.port
        let told = MQTTReceiver(options, [("n", 1)], ledger: said)
        try told.start()
        #expect(eventually { said.lastError?.code == .sessionTakenOver })
        #expect(said.lastError?.description.contains("same client id") == true)
        told.stop()

        // mosquitto 2.0 closes without a word.
        let broker = try MosquittoBroker()
        options.port = broker.port
        let ledger = Ledger()
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        let thief = MQTTReceiver(options, [("n", 1)], ledger: Ledger())
        try thief.start()
        #expect(eventually { ledger.lastError?.code == .connectionLost })
        #expect(ledger.lastError?.description.contains("same client id") == true)
        receiver.stop()
        thief.stop()
    }

    @Test func `with nothing arriving the handler gets empty batches`() throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = MQTTReceiver(
            broker.options(clientID: "receiver"), [("n", 1)], ledger: ledger, limits: BatchLimits(idleTick_ms: 20))
        try receiver.start()
        #expect(eventually { ledger.emptyCalls >= 5 })
        receiver.stop()
        #expect(receiver.statistics.batches == 1, "only the one with the mark of the connection")
    }

    @Test func `large payloads pass whole, of larger ones the beginning does`() throws {
        let broker = try MosquittoBroker()
        let directory = try TemporaryDirectory()
        let ledger = Ledger()
        let receiver = MQTTReceiver(
            broker.options(clientID: "receiver", protocolVersion: .v311), [("n", 1)], ledger: ledger,
            limits: BatchLimits(maxBytes: 10_000, maxPayload_bytes: 2 << 20))
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        for (name, size) in [("large", 2 << 20), ("larger", (2 << 20) + 1)] {
            let file = directory.path + "/" + name
            try Data(repeating: 0x61, count: size).write(to: URL(fileURLWithPath: file))
            try broker.pub(["-t", "n", "-f", file, "-q", "1"])
        }
        try broker.pub(["-t", "n", "-m", "end", "-q", "1"])
        #expect(eventually { ledger.payloads.last == "end" })
        receiver.stop()
        #expect(ledger.payloads.map(\.count) == [2 << 20, 65_537, 3])
        #expect(receiver.statistics.oversizedCut == 1)
    }

    @Test(arguments: [(MQTTOptions.ProtocolVersion.v5, UInt8(0x87)), (.v311, 0x80), (.v5, 0)])
    func `a subscription that the broker refuses is named`(
        version: MQTTOptions.ProtocolVersion, answer: UInt8
    ) throws {
        let broker = try ScriptedBroker { packet in
            switch packet.type {
            case 1: [version == .v5 ? [0x20, 3, 0, 0, 0] : [0x20, 2, 0, 0]]
            case 8:
                [
                    [0x90, version == .v5 ? 4 : 3] + packet.body[0..<2] + (version == .v5 ? [0] : [])
                        + [packet.contains("secret/#") ? answer : 1]
                ]
            default: []
            }
        }
        let ledger = Ledger()
        let receiver = MQTTReceiver(
            MQTTOptions(port: broker.port, clientID: "receiver", protocolVersion: version),
            [("allowed/#", 1), ("secret/#", 1)], ledger: ledger)
        try receiver.start()
        #expect(
            eventually {
                ledger.states.contains {
                    guard case .subscriptionRefused("secret/#", let error) = $0 else { return false }
                    return error.code == .subscriptionRefused && error.message.contains("secret/#")
                        && (answer != 0x87 || error.message.contains("not authorized"))
                        && (answer != 0 || error.message.contains("QoS 0"))
                }
            })
        #expect(!ledger.isSubscribed())
        receiver.stop()
    }

    @Test func `stopping is quick while the broker is away, while it hangs, and before anything was started`() throws {
        let port = LocalBroker.freePort()
        let silent = try SilentServer()
        for (port, code) in [(port, MQTTError.Code.unreachable), (silent.port, .timedOut)] {
            let ledger = Ledger()
            var options = MQTTOptions(port: port, clientID: "receiver")
            options.connectTimeout_ms = code == .timedOut ? 300 : 60_000
            options.backOff = .init(initial_ms: 60_000, max_ms: 60_000)
            let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
            try receiver.start()
            #expect(eventually { ledger.lastError?.code == code })
            let start = Date()
            receiver.stop()
            #expect(Date().timeIntervalSince(start) < 1)
            #expect(receiver.statistics.failedAttempts == 1)
        }
        let ledger = Ledger()
        let options = MQTTOptions(port: silent.port, clientID: "receiver", connectTimeout_ms: 60_000)
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { silent.acceptedCount >= 2 })
        let start = Date()
        receiver.stop()
        #expect(Date().timeIntervalSince(start) < 1)
        MQTTReceiver(options, [("n", 1)], ledger: Ledger()).stop()
    }

    @Test func `a broker that hangs without closing is noticed by the keep-alive`() throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        var options = broker.options(clientID: "receiver")
        options.keepAlive_s = 5
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        broker.broker.signal(SIGSTOP)
        #expect(eventually(within: 20_000) { ledger.lastError?.code == .timedOut })
        broker.broker.signal(SIGCONT)
        #expect(eventually { ledger.isSubscribed(times: 2) })
        receiver.stop()
    }

    @Test func `discard mode counts and acknowledges`() throws {
        let broker = try MosquittoBroker()
        let options = broker.options(clientID: "null")
        try makeSession(options, [("n", 1)])
        try publishNumbers(0..<3_000, topic: "n", to: broker)
        let receiver = MQTTReceiver(discarding: options, subscriptions: [("n", 1)])
        try receiver.start()
        #expect(eventually { receiver.statistics.messages == 3_000 })
        receiver.stop()
        let ledger = Ledger()
        let after = MQTTReceiver(options, [("n", 1)], ledger: ledger, limits: BatchLimits(idleTick_ms: 50))
        try after.start()
        #expect(eventually { ledger.emptyCalls > 0 })
        after.stop()
        #expect(ledger.seen.count == 0, "everything was acknowledged")
    }

    @Test func `the last will is published when the process is gone, not when it says goodbye`() throws {
        let broker = try MosquittoBroker()
        let watcher = Ledger()
        let watching = MQTTReceiver(broker.options(clientID: "watcher"), [("status", 1)], ledger: watcher)
        try watching.start()
        #expect(eventually { watcher.isSubscribed() })
        var options = broker.options(clientID: "receiver")
        options.lastWill = .init(topic: "status", payload: Array("gone".utf8), qos: 1, retain: true)
        let polite = Ledger()
        let first = MQTTReceiver(options, [("n", 1)], ledger: polite)
        try first.start()
        #expect(eventually { polite.isSubscribed() })
        first.stop()
        try broker.pub(["-t", "status", "-m", "between", "-q", "1"])
        #expect(eventually { watcher.payloads == ["between"] })

        let dying = MQTTReceiver(
            options: options, subscriptions: [("n", 1)], clock: wallClock_ms,
            handler: { $0.seen.isEmpty ? .committed : .stop })
        try dying.start()
        #expect(eventually { dying.statistics.isConnected })
        #expect(
            try eventually {
                try broker.pub(["-t", "n", "-m", "die", "-q", "1"])
                return watcher.payloads == ["between", "gone"]
            })
        dying.stop()
        watching.stop()
    }

    @Test func `settings that cannot work are refused at the start`() {
        func message(_ change: (inout MQTTOptions) -> Void, _ filter: String = "a/#", qos: UInt8 = 1) -> String {
            var options = MQTTOptions(clientID: "c")
            change(&options)
            let receiver = MQTTReceiver(options, [(filter, qos)], ledger: Ledger())
            do throws(MQTTError) {
                try receiver.start()
                receiver.stop()
                return "accepted"
            } catch {
                return error.code == .invalidOptions ? error.description : "another error: \(error)"
            }
        }
        #expect(message { $0.host = "" }.contains("host is empty"))
        #expect(message { $0.port = 0 }.contains("port 0"))
        #expect(message { $0.port = 65_536 }.contains("port 65536"))
        #expect(message { $0.keepAlive_s = 4 }.contains("keep-alive of 4 s"))
        #expect(message { $0.clientID = "" }.contains("client id"))
        #expect(message { $0.clientID = "a\0b" }.contains("zero byte"))
        #expect(message { $0.password = "p" }.contains("user name"))
        #expect(message { $0.tls = .init(caFile: "/nowhere/ca.crt") }.contains("CA file /nowhere/ca.crt"))
        #expect(message { $0.tls = .init(certificateFile: "/nowhere/c.crt") }.contains("together"))
        #expect(message { $0.lastWill = .init(topic: "a/#", payload: []) }.contains("last will's topic"))
        #expect(message({ _ in }, "a/#/b").contains("\"a/#/b\" is not a valid topic filter"))
        #expect(message({ _ in }, "").contains("is not a valid topic filter"))
        #expect(message({ _ in }, "a", qos: 2).contains("QoS 2"))
    }
}
