import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// The window of a real process, from outside.
@Suite(.serialized) struct `The window` {
    private let stage: Stage
    private let port: Int

    init() throws {
        let noGo = Fences.square("no-go", at: Place(), properties: #""name":"Old town","kind":"no_go""#)
        stage = try Stage(features: [noGo], settings: ["window.listen=127.0.0.1:0"])
        let url = try #require(stage.service.status?.window)
        port = try #require(url.split(separator: ":").last.flatMap { Int($0) })
    }

    /// Sends bytes and reads until the other side closes.
    private func exchange(_ text: String) -> String {
        let client = TCPClient(port: port)
        client.send(text)
        return client.readAll()
    }

    private func get(_ target: String, _ headers: String = "") -> String {
        exchange("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(headers)\r\n")
    }

    private func status(_ answer: String) -> Int { Int(answer.dropFirst(9).prefix(3)) ?? 0 }

    private func body(_ answer: String) -> String {
        answer.range(of: "\r\n\r\n").map { String(answer[$0.upperBound...]) } ?? ""
    }

    @Test func `a vehicle's state, events and geofences are there`() throws {
        try stage.broker.publish(
            Report.drive(throughTheYard_m, from: now_ms() - 300_000), of: "T-1")
        try stage.service.wait("the vehicle is shown", for: 15) { status(get("/api/vehicles/T-1")) == 200 }
        try stage.service.wait("its events are shown", for: 15) {
            get("/api/events").contains("geofence.prohibited_entered")
        }
        #expect(body(get("/geofences.geojson")).contains("\"id\":\"no-go\""))
        #expect(body(get("/api/vehicles/near?lat=25&lon=121.5")).contains("T-1"))
        #expect(status(get("/readyz")) == 200 && status(get("/healthz")) == 200)
    }

    @Test func `after a restart the vehicles are still there`() throws {
        try stage.broker.publish(Report.drive([0, 50], from: now_ms() - 60_000), of: "T-9")
        try stage.service.wait("the vehicle is shown", for: 15) { status(get("/api/vehicles/T-9")) == 200 }
        #expect(stage.service.stop() == 0)
        try stage.service.start(["--set", "window.listen=127.0.0.1:\(port)"])
        try stage.service.wait("the vehicle is shown again", for: 15) { status(get("/api/vehicles/T-9")) == 200 }
    }

    @Test func `Prometheus reads what it says, and what the rules and the dashboard ask for is there`() throws {
        try stage.broker.publish(
            ["{", #"{"time":\#(now_ms()),"lat":0,"lon":0}"#], on: "fleets/demo/vehicles/T-2/telemetry")
        try stage.service.wait("dead letters are counted", for: 15) {
            let metrics = get("/metrics")
            return metrics.contains("\nfleetstream_dead_letters_total 1\n")
                && metrics.contains("\nfleetstream_rejections_total{reason=\"null_island\"} 1\n")
        }
        let metrics = body(get("/metrics"))
        let outcome = try run("promtool", ["check", "metrics"], input: metrics)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
        let folder = Programs.checkout.path + "/Config/monitoring"
        for arguments in [
            ["check", "config", folder + "/prometheus.yml"], ["check", "rules", folder + "/alerts.yml"],
            ["test", "rules", folder + "/alerts-test.yml"],
        ] {
            let outcome = try run("promtool", arguments)
            #expect(outcome.status == 0, "\(arguments): \(outcome.output)\(outcome.errors)")
        }
        let known = Set(
            metrics.split(separator: "\n").filter { !$0.hasPrefix("#") }.map {
                String($0.prefix { $0 != "{" && $0 != " " })
            })
        for file in ["alerts.yml", "grafana-dashboard.json"] {
            let text = try String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8)
            let words = text.matches(of: /\b(?:fleetstream|process)_[a-z_]+\b/).map { String(text[$0.range]) }
            #expect(words.count > 5)
            for word in Set(words) {
                let isThere = known.contains(word) || metrics.contains("# TYPE \(word) ")
                #expect(isThere, "\(file): \(word)")
            }
        }
    }

    @Test func `the dashboard is one`() throws {
        let data = try Data(
            contentsOf: URL(fileURLWithPath: Programs.checkout.path + "/Config/monitoring/grafana-dashboard.json"))
        let dashboard = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(dashboard["panels"] as? [[String: Any]])
        #expect(panels.count > 10 && Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
        for panel in panels {
            let place = try #require(panel["gridPos"] as? [String: Int])
            #expect((place["x"] ?? 99) + (place["w"] ?? 99) <= 24)
            let targets = try #require(panel["targets"] as? [[String: Any]])
            for target in targets {
                let expression = try #require(target["expr"] as? String)
                #expect(expression.contains("$instance"), "\(expression)")
            }
        }
    }

    @Test func `hostile requests are refused with the right status`() throws {
        let cases: [(text: String, status: Int)] = [
            ("GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET /etc/passwd HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 404),
            ("GET /api/vehicles/a%0d%0aX-Evil:%201 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nX: a\rX-Evil: 1\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", 421),
            ("GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n", 414),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "a", count: 20_000))\r\n", 431),
            ("GET / HTTP/1.1\r\n" + String(repeating: "X: a\r\n", count: 200), 431),
            ("POST /api/vehicles HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 405),
            ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc", 413),
            ("\u{16}\u{3}\u{1}\u{2}\u{0}", 400),
        ]
        for (text, expected) in cases {
            let answer = exchange(text)
            #expect(status(answer) == expected, "\(text.prefix(60)): \(answer.prefix(100))")
            #expect(!answer.contains("\nX-Evil") && !answer.contains("root:"))
        }
        #expect(status(get("/healthz")) == 200)
    }

    @Test func `ten thousand idle connections keep nobody out, and nothing of them stays`() throws {
        let limits = (all: 1024, refusals: 64)
        let descriptors = {
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(self.stage.service.processID ?? 0)/fd"))?
                .count ?? 0
        }
        let room = IdleConnections.raiseDescriptorLimit()
        try #require(room >= 2_000, "the hard limit of descriptors is too low (ulimit -Hn)")
        let before = descriptors()
        let idle = IdleConnections()
        // 250 of an address, which is less than each may have.
        for number in 0..<min(10_000, room) {
            #expect(idle.open(port: port, from: "127.0.\(1 + number / 250).1"), "\(number)")
            if number % 1000 == 999 {
                #expect(descriptors() <= before + limits.all + limits.refusals + 8, "after \(number)")
            }
        }
        try stage.broker.publish(Report.drive([0, 50], from: now_ms() - 60_000), of: "T-4")
        try stage.service.wait("others are served", for: 20) { status(get("/healthz")) == 200 }
        try stage.service.wait("the vehicle is shown", for: 20) { status(get("/api/vehicles/T-4")) == 200 }
        #expect(descriptors() <= before + limits.all + limits.refusals + 8)
        #expect(get("/metrics").contains("\nfleetstream_window_refused_total "))
        idle.closeAll()
        try stage.service.wait("the descriptors are free again", for: 20) { descriptors() <= before + 2 }
    }

    @Test func `slow readers do not hold up the engine`() throws {
        let slow = (0..<100).map { _ in TCPClient(port: port) }
        for client in slow { client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\nGET /st") }
        try stage.broker.publish(Report.drive([0, 50, 100], from: now_ms() - 60_000), of: "T-3")
        try stage.service.wait("the vehicle is shown", for: 15) { status(get("/api/vehicles/T-3")) == 200 }
        withExtendedLifetime(slow) {}
    }

    @Test func `a dispatcher sees it in a browser`() throws {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("browser.py")
            .path
        let outcome = try run(
            "python3", [script, "http://127.0.0.1:\(port)", "\(stage.broker.port)", "--deliveries"], input: "",
            timeout_s: 180)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\(stage.service.log.suffix(1000))")
    }
}

/// A connection on loopback.
final class TCPClient {
    private let descriptor: Int32

    init(port: Int) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(port).bigEndian
        inet_pton(AF_INET, "127.0.0.1", &target.sin_addr)
        _ = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        var limit = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func send(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    func readAll() -> String {
        var answer: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            guard count > 0 else { return String(decoding: answer, as: UTF8.self) }
            answer += piece[..<count]
        }
    }
}
