import BrokerHarness
import Foundation
import MQTTTransport
import Testing

@Suite struct BrokerProbeTests {
    @Test func `mosquitto's defaults lose messages, and the probe says how many`() throws {
        let broker = try MosquittoBroker(.brokerDefaults)
        var stages: [BrokerProbe.Stage] = []
        let result = try BrokerProbe(options: broker.options(clientID: "check"), count: 3_000)
            .run { stage, _ in if stages.last != stage { stages.append(stage) } }
        #expect(result.losesMessages)
        #expect(result.published == 3_000)
        #expect(result.received + result.missing == 3_000)
        // 1,000 in the queue, 20 on their way.
        #expect((1_000...1_100).contains(result.received), "\(result)")
        #expect(result.receiveMaximum == 20)
        #expect(stages == [.connecting, .publishing, .receiving, .cleaningUp])
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `with our settings nothing is missing, and nothing stays behind`(
        version: MQTTOptions.ProtocolVersion
    ) throws {
        let broker = try MosquittoBroker(extraLines: ["sys_interval 1"])
        let result = try BrokerProbe(options: broker.options(clientID: "check", protocolVersion: version), count: 3_000)
            .run()
        #expect(!result.losesMessages, "\(result)")
        #expect(result.received == 3_000)
        if version == .v5 {
            #expect(result.version?.contains("2.0") == true)
            #expect(result.imposedSessionExpiry_s == nil)
        }
        // No session is left behind.
        #expect(
            try eventually {
                try broker.sub(["-t", "$SYS/broker/clients/disconnected", "-C", "1", "-W", "5"]).first == "0"
            })
    }

    @Test func `a broker that is not there, and one that does not let us`() throws {
        let none = BrokerProbe(options: MQTTOptions(port: LocalBroker.freePort(), clientID: "check"))
        #expect(throws: MQTTError.self) { try none.run() }
        let directory = try TemporaryDirectory()
        let acl = directory.path + "/acl"
        try Data("topic readwrite other/#\n".utf8).write(to: URL(fileURLWithPath: acl))
        let broker = try MosquittoBroker(extraLines: ["acl_file \(acl)"])
        do throws(MQTTError) {
            _ = try BrokerProbe(options: broker.options(clientID: "check"), count: 10).run()
            Issue.record("the probe ran without the right to publish")
        } catch {
            #expect(error.code == .notAuthorised, "\(error)")
        }
        let silent = try SilentServer()
        let start = Date()
        let stuck = BrokerProbe(options: MQTTOptions(port: silent.port, clientID: "check"), timeout_ms: 500)
        #expect(throws: MQTTError.self) { try stuck.run() }
        #expect(Date().timeIntervalSince(start) < 8)
    }
}
