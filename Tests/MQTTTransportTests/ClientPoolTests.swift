import BrokerHarness
import Foundation
import MQTTTransport
import Testing
import Wire

@Suite struct ClientPoolTests {
    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `two hundred clients publish at both QoS, each in order`(version: MQTTOptions.ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = MQTTReceiver(broker.options(clientID: "receiver"), [("t/#", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })

        let pool = MQTTClientPool()
        let options = broker.options(clientID: "", protocolVersion: version, cleanStart: true)
        let clients = (0..<200).map { pool.add(clientID: "tracker-\($0)", options: options) }
        #expect(clients == Array(0..<200))
        #expect(pool.waitUntilConnected(200, timeout_ms: 20_000))
        for round in 0..<10 {
            for client in clients {
                let qos: UInt8 = round == 9 ? 0 : 1
                #expect(
                    pool.publish(client, topic: Array("t/\(client)".utf8), payload: Array("\(round)".utf8), qos: qos))
            }
        }
        #expect(pool.drain(timeout_ms: 20_000))
        let counters = pool.counters
        #expect(counters.accepted == 2_000 && counters.delivered == 2_000 && counters.acknowledged == 1_800)
        #expect(counters.failed == 0 && counters.connected == 200)
        #expect(eventually { ledger.seen.count == 2_000 })
        let byTopic = Dictionary(grouping: ledger.seen, by: \.topic)
        #expect(byTopic.count == 200)
        #expect(byTopic.values.allSatisfy { $0.map(\.payload) == (0..<10).map { "\($0)" } })
        pool.close()
        receiver.stop()
        #expect(eventually { broker.log.components(separatedBy: "tracker-").count > 200 })
    }

    @Test func `a client says no when too much is unfinished, and comes back over a restart of the broker`() throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = MQTTReceiver(broker.options(clientID: "receiver"), [("t", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        let pool = MQTTClientPool(limits: .init(maxUnfinishedPerConnection: 10))
        let client = pool.add(clientID: "tracker", options: broker.options(clientID: "", cleanStart: true))
        #expect(pool.waitUntilConnected(1, timeout_ms: 10_000))
        broker.stop()
        #expect(eventually { pool.counters.connected == 0 })
        let accepted = (0..<20).count { pool.publish(client, topic: Array("t".utf8), payload: Array("\($0)".utf8)) }
        #expect(accepted == 10)
        #expect(!pool.drain(timeout_ms: 50))
        try broker.start()
        #expect(pool.drain(timeout_ms: 20_000))
        #expect(eventually { ledger.payloads == (0..<10).map { "\($0)" } })
        #expect(pool.counters.reconnects == 1)
        #expect(pool.counters.failedAttempts > 0)
        #expect(!pool.publish(7, topic: [0x74], payload: []), "there is no client 7")
        pool.close()
        receiver.stop()
    }

    @Test func `a client that drops out leaves its last will, one that says goodbye does not`() throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = MQTTReceiver(broker.options(clientID: "receiver"), [("status/+", 1), ("t", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        let pool = MQTTClientPool()
        let options = broker.options(clientID: "", cleanStart: true)
        for index in 0..<2 {
            pool.add(
                clientID: "tracker-\(index)", options: options,
                lastWill: .init(topic: "status/\(index)", payload: Array("offline".utf8)))
        }
        #expect(pool.waitUntilConnected(2, timeout_ms: 10_000))
        pool.goOffline(0, graceful: true)
        pool.goOffline(1, graceful: false)
        #expect(eventually { ledger.seen.map(\.topic) == ["status/1"] })
        // What is published while away at QoS 1 goes out later; at QoS 0 it is lost.
        #expect(pool.publish(1, topic: Array("t".utf8), payload: Array("kept".utf8), qos: 1))
        #expect(pool.publish(1, topic: Array("t".utf8), payload: Array("lost".utf8), qos: 0))
        #expect(eventually { pool.counters.failed == 1 })
        pool.goOnline(0)
        pool.goOnline(1)
        #expect(pool.waitUntilConnected(2, timeout_ms: 10_000))
        #expect(pool.drain(timeout_ms: 10_000))
        #expect(eventually { ledger.payloads == ["offline", "kept"] })
        pool.close()
        receiver.stop()
        #expect(ledger.payloads == ["offline", "kept"], "closing is a goodbye")
    }

    @Test func `options that cannot work break one client, and connecting keeps to its rate`() throws {
        let broker = try MosquittoBroker()
        let pool = MQTTClientPool(limits: .init(connectsPerSecond: 20))
        let options = broker.options(clientID: "", cleanStart: true)
        var bad = options
        bad.keepAlive_s = 2
        let broken = pool.add(clientID: "bad", options: bad)
        for index in 0..<20 { pool.add(clientID: "tracker-\(index)", options: options) }
        #expect(eventually { pool.counters.connected > 0 })
        #expect(pool.counters.connected < 20)
        #expect(pool.waitUntilConnected(20, timeout_ms: 20_000))
        #expect(eventually { pool.counters.lastError?.code == .invalidOptions })
        #expect(pool.publish(broken, topic: [0x74], payload: []))
        #expect(eventually { pool.counters.failed == 1 })
        pool.close()
    }
}
