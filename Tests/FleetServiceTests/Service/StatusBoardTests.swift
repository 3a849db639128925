import FleetCore
import Foundation
import Testing
import Wire

@testable import FleetService

@Suite struct StatusBoardTests {
    /// What an engine makes of reports of one vehicle.
    private func output(_ processor: inout Processor, messages: Int, from first: Int) -> BatchOutput {
        var batch = MessageBatch()
        for number in first..<first + messages {
            let time_ms = 1_795_000_000_000 + Int64(number) * 1000
            batch.append(
                receivedTime_ms: time_ms, topic: Array("fleets/a/vehicles/T-\(number)/telemetry".utf8),
                payload: Array(#"{"time":\#(time_ms),"lat":25,"lon":121}"#.utf8))
        }
        return processor.apply(batch)
    }

    @Test func `counts add up, and rates and lags are those of the last batches`() {
        var processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: { _ in nil })
        let board = StatusBoard()
        for round in 0..<50 {
            board.committed(
                output(&processor, messages: 2, from: round * 2), lag_ms: Double(round),
                now_s: 1000 + Double(round) / 10)
        }
        let status = board.snapshot(now: Date(timeIntervalSince1970: 1006))
        #expect(status.input.messages == 100 && status.input.reports == 100)
        #expect(status.events == ["vehicle.online": 100])
        #expect(status.input.lag_ms_p50 == 24 && status.input.lag_ms_p99 == 48)
        #expect(status.input.messagesPerSecond == 80 / 5)
    }

    @Test func `what a part says of itself stays until it says something else`() {
        let board = StatusBoard()
        board.update { $0.state = "store_full" }
        board.update { $0.broker.reconnects = 3 }
        let status = board.snapshot(now: Date(timeIntervalSince1970: 5))
        #expect(status.state == "store_full" && status.broker.reconnects == 3)
        #expect(status.now == Date(timeIntervalSince1970: 5))
        #expect(status.input.lag_ms_p99 == 0 && status.input.messagesPerSecond == 0)
    }

    @Test func `a rate is that of the last five whole seconds`() {
        var meter = RateMeter()
        #expect(meter.perSecond(now_s: 99.5) == 0)
        meter.add(10, now_s: 100.1)
        meter.add(10, now_s: 100.9)
        #expect(meter.perSecond(now_s: 100.95) == 0)
        #expect(meter.perSecond(now_s: 101) == 4)
        meter.add(5, now_s: 104.5)
        #expect(meter.perSecond(now_s: 105.2) == 5)
        #expect(meter.perSecond(now_s: 106.0) == 1)
        #expect(meter.perSecond(now_s: 500) == 0)
        // A clock that steps back loses nothing and invents nothing.
        meter.add(5, now_s: 499.5)
        #expect(meter.perSecond(now_s: 500.5) <= 1)
        #expect(meter.perSecond(now_s: 1e9) == 0)
    }

    @Test func `a status survives its way as JSON`() throws {
        var status = ServiceStatus()
        status.events = ["geofence.entered": 3]
        status.broker.lastError = "no \"route\""
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        #expect(try decoder.decode(ServiceStatus.self, from: try encoder.encode(status)) == status)
    }

    @Test func `the socket answers, is replaced when left behind, and is not taken from a living process`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("s-\(UUID().uuidString.prefix(8))")
            .path
        let server = try StatusServer(path: path) { Array("first".utf8) }
        #expect(StatusClient.ask(path) == Array("first\n".utf8))
        #expect(throws: StatusError.self) { try StatusServer(path: path) { [] } }
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        server.stop()
        #expect(StatusClient.ask(path) == nil)
        try Data("left behind".utf8).write(to: URL(fileURLWithPath: path))
        #expect(StatusClient.ask(path) == nil)
        let second = try StatusServer(path: path) { Array("second".utf8) }
        #expect(StatusClient.ask(path) == Array("second\n".utf8))
        second.stop()
        #expect(throws: StatusError.self) {
            try StatusServer(path: "/tmp/" + String(repeating: "x", count: 200)) { [] }
        }
    }
}
