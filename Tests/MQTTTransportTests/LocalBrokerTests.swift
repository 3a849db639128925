import BrokerHarness
import Foundation
import MQTTTransport
import Testing

@Suite struct LocalBrokerTests {
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
        }
        #expect(!FileManager.default.fileExists(atPath: directory))
        #expect(kill(process, 0) == -1, "the broker still runs")
    }
}
