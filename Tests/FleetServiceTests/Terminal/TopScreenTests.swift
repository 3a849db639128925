import FleetCore
import Foundation
import TestSupport
import Testing
import Window

@testable import FleetService

@Suite struct `Screen of top` {
    static let status: ServiceStatus = {
        var status = ServiceStatus()
        status.version = "fleetstream 0.1.0"
        status.pid = 4711
        status.started = Date(timeIntervalSince1970: 1_795_132_800)
        status.now = Date(timeIntervalSince1970: 1_795_132_925)
        status.state = "running"
        status.broker.address = "mqtt://127.0.0.1:1883"
        status.broker.isConnected = true
        status.vehicles = .init(total: 50, online: 48, moving: 37, insideGeofences: 12)
        status.geofences = 21
        status.input.messages = 1_234_567
        status.input.messagesPerSecond = 49.96
        status.input.lag_ms_p50 = 4.24
        status.input.lag_ms_p99 = 31
        status.events = ["geofence.entered": 1204, "vehicle.online": 50, "delivery.arrived": 88]
        status.dispatch.deliveries = ["delivered": 140, "en_route": 12, "assigned": 3]
        status.dispatch.atRisk = 2
        status.dispatch.vehiclesOnTrip = 8
        status.dispatch.messagesWaiting = 4
        status.dispatch.messagesUnderWay = 1
        status.dispatch.openCommands = 2
        status.dispatch.waitingForReference = 5
        status.output.published = 2408
        status.store.path = "/var/lib/fleetstream.sqlite"
        return status
    }()

    private func plain(_ status: ServiceStatus, trouble: String? = nil, _ width: Int, _ height: Int) -> [String] {
        TopScreen.lines(status, trouble: trouble, width: width, height: height).map { $0.rendered(.plain) }
    }

    @Test func `it shows what status shows`() {
        let lines = plain(Self.status, 120, 40)
        #expect(lines.count == 40)
        #expect(lines.last == "q or Ctrl-C ends this view, not the process.")
        for row in StatusText.rows(Self.status) {
            let line = StatusText.padded(row.label) + row.text
            #expect(lines.contains(line), "\(line)")
            #expect(StatusText.text(Self.status).contains(line + "\n"))
        }
        #expect(lines.contains("deliveries    155: 3 assigned, 12 en_route, 140 delivered; 2 at risk"))
        #expect(
            lines.contains("dispatch      8 vehicles on a trip, 2 commands open, 5 waiting for an order or customer"))
        #expect(lines.contains("messages      4 waiting to be sent, 1 without a receipt"))
        #expect(lines.contains { $0.contains("delivery.arrived 88") && $0.contains("vehicle.online 50") })
    }

    @Test func `without dispatch there are zeros`() {
        let text = StatusText.text(ServiceStatus())
        #expect(text.contains("\ndeliveries    0\n"))
        #expect(!text.contains("roads"))
    }

    @Test func `the road router has a row where one is configured`() {
        var status = Self.status
        var roads = RoadStatistics()
        roads.questions = 20
        roads.answers = 17
        roads.cacheHits = 9
        roads.failures = ["timeout": 2, "no_route": 1]
        roads.latency_ms_p99 = 120.4
        status.dispatch.roads = roads
        let text = "20 ways asked for, 17 found, 9 in the cache, not found: no_route 1, timeout 2, p99 120 ms"
        #expect(StatusText.rows(status).contains(StatusText.Row("roads", text)))
        status.dispatch.roads?.breaker = "open"
        status.dispatch.roads?.lastError = "refused"
        let trouble = StatusText.Row("roads", text + ", LEFT ALONE — refused", isTrouble: true)
        #expect(StatusText.rows(status).contains(trouble))
    }

    @Test func `trouble stands on top`() {
        let lines = plain(Self.status, trouble: "nobody answers", 80, 24)
        #expect(lines.first == "! nobody answers")
        #expect(lines.count == 24)
        #expect(TopScreen.line(Self.status, trouble: "nobody answers").hasPrefix("nobody answers, running, "))
    }

    @Test func `it fits every window, with every text`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            var status = Self.status
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                status.events["group.\(random.next())"] = Int64.random(in: 0...Int64.max / 100, using: &random)
            }
            status.reason =
                ["", "磁碟已滿", "\u{1B}[2J", String(repeating: "x", count: 500)].randomElement(using: &random) ?? ""
            let width = Int.random(in: 0...140, using: &random)
            let height = Int.random(in: 0...60, using: &random)
            let lines = TopScreen.lines(status, trouble: nil, width: width, height: height)
            #expect(lines.count == (width > 0 ? height : 0), "seed \(seed)")
            for line in lines {
                #expect(line.columns <= width, "seed \(seed)")
                #expect(!line.rendered(.plain).contains("\u{1B}"), "seed \(seed)")
            }
        }
    }

    @Test func `a status of another version is none`() {
        #expect(ServiceStatus(json: Self.status.json) == Self.status)
        #expect(ServiceStatus(json: []) == nil)
        #expect(ServiceStatus(json: Array(#"{"version":"fleetstream 0.0.1"}"#.utf8)) == nil)
    }

    @Test func `the metrics have the same figures`() {
        var status = Self.status
        status.dispatch.roads = RoadStatistics()
        var page = MetricsText()
        MetricsPage.appendDispatch(status.dispatch, to: &page)
        let text = String(decoding: page.bytes, as: UTF8.self)
        for line in [
            #"fleetstream_deliveries{status="delivered"} 140"#, #"fleetstream_deliveries{status="failed"} 0"#,
            "fleetstream_deliveries_at_risk 2", "fleetstream_vehicles_on_trip 8",
            #"fleetstream_sms_open{where="waiting"} 4"#,
            "fleetstream_commands_open 2", "fleetstream_waiting_for_reference 5", "fleetstream_road_breaker_closed 1",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line) in \(text)")
        }
    }
}
