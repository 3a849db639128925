import FleetCore
import Foundation
import Testing
import Window
import Wire

@testable import FleetService

@Suite struct `What the window tells of the service` {
    private func running() -> ServiceStatus {
        var status = ServiceStatus()
        status.state = "running"
        status.broker.isConnected = true
        status.now = Date(timeIntervalSince1970: 1000)
        return status
    }

    private func failing(_ status: ServiceStatus, _ measured: ServiceMetrics = ServiceMetrics()) -> [String] {
        WindowHost.readiness(status, measured, lag_s_max: 5).filter { !$0.isPassed }
            .map { "\($0.name): \($0.reason)" }
    }

    @Test func `it is ready when broker, store and lag are well`() {
        #expect(failing(running()).isEmpty)
        var status = running()
        status.broker.isConnected = false
        #expect(failing(status) == ["broker: not connected yet"])
        status.broker.lastError = "refused"
        #expect(failing(status) == ["broker: refused"])
        status = running()
        status.state = "store_full"
        status.reason = "no room"
        #expect(failing(status) == ["running: store_full: no room", "store: no room"])
        status = ServiceStatus()
        #expect(failing(status).first == "running: starting")
    }

    @Test func `it is not ready when it is behind, or stuck`() {
        var measured = ServiceMetrics()
        measured.committed(lag_s: 6, now_s: 999)
        #expect(failing(running(), measured) == ["lag: 6.0 s behind, more than 5.0 s"])
        measured.committed(lag_s: 0.1, now_s: 999)
        #expect(failing(running(), measured).isEmpty)
        var later = running()
        later.now = Date(timeIntervalSince1970: 1020)
        #expect(failing(later, measured) == ["lag: 19.0 s behind, more than 5.0 s"])
    }

    /// What an engine makes of some messages of one vehicle.
    private func output(_ payloads: [String]) -> BatchOutput {
        var processor = Processor(topicRoot: "fleets", shardCount: 2, resolveTimeZone: { _ in nil })
        var batch = MessageBatch()
        for (index, payload) in payloads.enumerated() {
            batch.append(
                receivedTime_ms: 1_795_000_000_000 + Int64(index), topic: Array("fleets/a/vehicles/T/telemetry".utf8),
                payload: Array(payload.utf8))
        }
        return processor.apply(batch)
    }

    @Test func `rejections and dead letters are counted by reason, shards by number`() {
        var measured = ServiceMetrics()
        let output = output([
            #"{"time":1795000000000,"lat":25,"lon":121}"#, #"{"time":1795000000001,"lat":0,"lon":0}"#,
            #"{"time":1795009000000,"lat":25,"lon":121}"#, "{",
        ])
        measured.worked(messages: 4, output)
        measured.shards = [ShardLoad(number: 0, items: 3, busy_s: 0.5), ShardLoad(number: 1, items: 1, busy_s: 0.25)]
        #expect(measured.rejections == ["null_island": 1, "future_time": 1])
        #expect(measured.deadLetters.count == 1 && measured.deadLetters.values.reduce(0, +) == 1)
        var text = MetricsText()
        MetricsPage.append(running(), output.counters, measured, to: &text)
        let page = String(decoding: text.bytes, as: UTF8.self)
        for line in [
            "fleetstream_messages_total{format=\"native\"} 4", "fleetstream_messages_total{format=\"owntracks\"} 0",
            "fleetstream_fixes_total{result=\"rejected\"} 2", "fleetstream_rejections_total{reason=\"null_island\"} 1",
            "fleetstream_shard_busy_seconds_total{shard=\"1\"} 0.25", "fleetstream_broker_connected 1",
            "fleetstream_events_total{type=\"vehicle.position_rejected\"} 2",
            "fleetstream_batch_messages_bucket{le=\"4\"} 1", "fleetstream_message_results_total{result=\"used\"} 3",
            "fleetstream_message_results_total{result=\"dead_letter\"} 1",
            "fleetstream_sms_requests_total{kind=\"arriving\"} 0",
            "fleetstream_sms_total{result=\"delivered\"} 0",
            "fleetstream_eta_error_seconds_bucket{horizon_min=\"5-15\",le=\"+Inf\"} 0",
            "fleetstream_eta_error_seconds_count{horizon_min=\"60+\"} 0",
            "fleetstream_eta_after_p90_total{horizon_min=\"0-5\"} 0",
        ] { #expect(page.contains("\n\(line)\n"), "\(line)") }
        // What a client can choose is nowhere in it.
        #expect(!page.contains("fleets/") && !page.contains("vehicles/T"))
    }

    @Test func `a message whose parts are refused is one dead letter`() {
        var measured = ServiceMetrics()
        let parts = #"[{"time":"x","lat":1,"lon":1},{"time":"y","lat":1,"lon":1}]"#
        let output = output([parts, parts, #"{"time":1795000000000,"lat":25,"lon":121}"#])
        measured.worked(messages: 3, output)
        #expect(output.counters.deadLetters > 2)
        #expect(measured.results.deadLetter == 2 && measured.results.used == 1 && measured.results.skipped == 0)
    }

    @Test func `reasons are limited in number`() {
        var measured = ServiceMetrics()
        for _ in 0..<3 { measured.worked(messages: 1, output(["{"])) }
        #expect(measured.deadLetters.count == 1)
        #expect(measured.deadLetters.values.first == 3)
    }
}
