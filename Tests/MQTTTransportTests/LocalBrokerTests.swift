import BrokerHarness
import Foundation
import MQTTTransport
import Testing

@Suite struct LocalBrokerTests {
    /// The recommended configuration, beside the sources.
    private static let recommended = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Config/mosquitto.conf").path

    @Test func `a broker starts, answers, keeps its port over a restart, and leaves nothing behind`() throws {
        let directory: String
        let process: Int32
        do {
            let broker = try MosquittoBroker()
            directory = broker.broker.directory
            let port = broker.port
            try broker.pub(["-t", "a/b", "-m", "kept", "-r", "-q", "1"])
            try broker.restart()
            #expect(broker.port == port)
            #expect(try broker.sub(["-t", "a/b", "-C", "1", "-W", "5"]) == ["kept"])
            process = try #require(broker.broker.processID)
            #expect((broker.broker.residentMemory_bytes ?? 0) > 100_000)
            broker.kill()
            #expect(!broker.broker.isRunning)
            try broker.start()
            #expect(broker.port == port)
        }
        #expect(!FileManager.default.fileExists(atPath: directory))
        #expect(kill(process, 0) == -1, "the broker still runs")
    }

    @Test func `the recommended configuration works, from a copy, and keeps messages`() throws {
        let broker = try MosquittoBroker(configuration: Self.recommended)
        let result = try BrokerProbe(options: broker.options(clientID: "check"), count: 3_000).run()
        #expect(result.received == 3_000)
        #expect(result.isRetainAvailable && result.receiveMaximum == 65_535)
        #expect(!broker.log.lowercased().contains("error"), "\(broker.log)")
    }

    @Test func `a configuration that mosquitto refuses is reported with its words`() throws {
        do throws(MQTTError) {
            _ = try LocalBroker(.init(extraLines: ["no_such_setting 1"]))
            Issue.record("it started")
        } catch {
            #expect(error.code == .brokerNotStarted)
            #expect(error.message.contains("no_such_setting"), "\(error)")
        }
        do throws(MQTTError) {
            _ = try LocalBroker(.init(configurationFile: "/nowhere/mosquitto.conf"))
            Issue.record("it started")
        } catch {
            #expect(error.message.contains("/nowhere/mosquitto.conf"))
        }
    }

    @Test func `a port that is taken is an error when it was asked for`() throws {
        let silent = try SilentServer()
        do throws(MQTTError) {
            _ = try LocalBroker(.init(port: silent.port))
            Issue.record("it started")
        } catch {
            #expect(error.message.contains("Address already in use"), "\(error)")
        }
    }
}
