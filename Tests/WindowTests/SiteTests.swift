import Foundation
import Testing

@testable import Window

/// A site with vehicles, events, stops and geofences of two fleets, asked without a network.
struct SiteStage {
    let inbox: FleetInbox
    let site: Site

    init(tokens: String? = nil, vehicles_max: Int = 1000) throws {
        inbox = FleetInbox(wakeUp: EventSignal())
        var options = Site.Options()
        options.epoch = 77
        options.vehicles_max = vehicles_max
        options.tokens = try tokens.map { try BearerTokens(text: Array($0.utf8)[...], named: "tokens") }
        site = Site(
            options, inbox: inbox,
            probes: WindowProbes(
                readiness: { [ReadinessCheck("broker", isPassed: true)] },
                metrics: { $0.single("fleetstream_up", .gauge, "Is it.", 1) }, status: { Array("{}".utf8) }))
    }

    func state(_ vehicle: String, fleet: String = "a", lat: Double = 25, speed_kmh: Double = 30, group: String = "van")
    {
        inbox.putState(
            topic: Array("fleets/\(fleet)/state/vehicles/\(vehicle)".utf8),
            payload: Array(
                #"{"vehicle":"\#(vehicle)","state":"online","group":"\#(group)","position":{"lat":\#(lat),"lon":121.5},"speed_kmh":\#(speed_kmh)}"#
                    .utf8))
    }

    func event(_ text: String, fleet: String = "a", topic: String = "events/geofence/entered") {
        inbox.putEvent(topic: Array("fleets/\(fleet)/\(topic)".utf8), payload: Array(text.utf8))
    }

    func get(_ target: String, headers: [String: String] = ["host": "localhost:8080"]) -> HTTPResponse {
        var request = HTTPRequest()
        guard let taken = try? HTTPTarget(Array(target.utf8)[...], parameters_max: 32) else {
            return HTTPResponse(HTTPRefusal(.badRequest, "target"))
        }
        request.path = taken.path
        request.parameters = taken.parameters
        for (name, value) in headers {
            request.headers.append(HTTPRequest.Header(name: Array(name.utf8), value: Array(value.utf8)))
        }
        return site.respond(to: request)
    }

    func text(_ target: String) -> String {
        guard case .bytes(let body) = get(target).body else { return "" }
        return String(decoding: body, as: UTF8.self)
    }

    func json(_ target: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text(target).utf8)) as? [String: Any], "\(target)")
    }

    func ids(_ target: String) throws -> [String] {
        let list = try #require(try json(target)["vehicles"] as? [[String: Any]])
        return list.compactMap { ($0["vehicle"] as? [String: Any] ?? $0)["id"] as? String }
    }
}

@Suite struct `The window's paths` {
    @Test func `vehicles come in pages, in order, each once`() throws {
        let stage = try SiteStage()
        for number in 0..<25 { stage.state("v\(String(format: "%02d", (number * 7) % 25))") }
        var all: [String] = []
        var target = "/api/vehicles?limit=10"
        while true {
            all += try stage.ids(target)
            guard let next = try stage.json(target)["next"] as? String else { break }
            target = "/api/vehicles?limit=10&after=\(next)"
        }
        #expect(all == (0..<25).map { "v\(String(format: "%02d", $0))" })
        stage.state("v1x")
        #expect(try stage.ids("/api/vehicles?limit=1&after=v19") == ["v1x"])
    }

    @Test func `vehicles are filtered by state, group and text`() throws {
        let stage = try SiteStage()
        stage.state("Truck-1", group: "gas")
        stage.state("Truck-2", speed_kmh: 0)
        stage.state("Van-3", group: "Gas-B")
        #expect(try stage.ids("/api/vehicles?state=moving") == ["Truck-1", "Van-3"])
        #expect(try stage.ids("/api/vehicles?state=parked") == ["Truck-2"])
        #expect(try stage.ids("/api/vehicles?group=gas") == ["Truck-1"])
        #expect(try stage.ids("/api/vehicles?text=TRUCK") == ["Truck-1", "Truck-2"])
        #expect(try stage.ids("/api/vehicles?text=gas&state=moving") == ["Truck-1", "Van-3"])
        #expect(stage.get("/api/vehicles?state=flying").status == .badRequest)
        for limit in ["0", "-1", "1001", "x", "1.5"] {
            #expect(stage.get("/api/vehicles?limit=\(limit)").status == .badRequest, "\(limit)")
        }
    }

    @Test func `one vehicle has its state and its trail`() throws {
        let stage = try SiteStage()
        stage.state("t/1".replacing("/", with: "-"))
        let vehicle = try stage.json("/api/vehicles/t-1")
        #expect((vehicle["state"] as? [String: Any])?["vehicle"] as? String == "t-1")
        #expect(vehicle["trail"] as? [[Double]] == [])
        #expect(stage.get("/api/vehicles/none").status == .notFound)
    }

    @Test func `the nearest vehicles come first`() throws {
        let stage = try SiteStage()
        for number in 0..<20 { stage.state("v\(number)", lat: 25 + Double((number * 7) % 20) / 100) }
        let near = try stage.ids("/api/vehicles/near?lat=25&lon=121.5&k=3")
        #expect(near == ["v0", "v3", "v6"])
        #expect(stage.get("/api/vehicles/near?lat=95&lon=0").status == .badRequest)
        #expect(stage.get("/api/vehicles/near?lat=nan&lon=0").status == .badRequest)
        #expect(stage.get("/api/vehicles/near?lat=1&lon=0&k=101").status == .badRequest)
        // Without a place it is a vehicle of that name.
        #expect(stage.get("/api/vehicles/near").status == .notFound)
    }

    @Test func `events are told after a number or an id`() throws {
        let stage = try SiteStage()
        let id = "00000000000000000000000000000002"
        for number in 1...3 { stage.event(#"{"id":"0000000000000000000000000000000\#(number)","n":\#(number)}"#) }
        // Never shown: these hold people's numbers.
        stage.event("{}", topic: "sms/requests/normal")
        func numbers(_ target: String) throws -> [Int] {
            try #require(try stage.json(target)["events"] as? [[String: Any]]).compactMap { $0["number"] as? Int }
        }
        #expect(try numbers("/api/events") == [1, 2, 3])
        #expect(try numbers("/api/events?limit=2") == [2, 3])
        #expect(try numbers("/api/events?after=1&limit=1") == [2])
        #expect(try numbers("/api/events?after=\(id)") == [3])
        #expect(try numbers("/api/events?after=3") == [])
        #expect(try stage.json("/api/events?after=0&limit=2")["next"] as? Int == 2)
        #expect(try stage.json("/api/events?after=\(String(repeating: "f", count: 32))")["forgotten"] as? Bool == true)
        #expect(try stage.json("/api/events?after=99999999999999999999").isEmpty == false)
        #expect(stage.get("/api/events?after=x").status == .badRequest)
    }

    @Test func `stops are told as they were published`() throws {
        let stage = try SiteStage()
        for (id, vehicle) in [("s1", "v1"), ("s2", "v2"), ("s3", "v1")] {
            stage.inbox.putState(
                topic: Array("fleets/a/state/stops/\(id)".utf8),
                payload: Array(#"{"stop":"\#(id)","vehicle":"\#(vehicle)","status":"planned"}"#.utf8))
        }
        stage.inbox.putState(topic: Array("fleets/a/state/stops/s2".utf8), payload: [])
        stage.inbox.putState(topic: Array("fleets/a/state/stops/bad".utf8), payload: Array("{".utf8))
        func stops(_ target: String) throws -> [String] {
            try #require(try stage.json(target)["stops"] as? [[String: Any]]).compactMap { $0["stop"] as? String }
        }
        #expect(try stops("/api/stops") == ["s1", "s3"])
        #expect(try stops("/api/stops?after=s1") == ["s3"])
        #expect(try stops("/api/stops?vehicle=v1&limit=1") == ["s1"])
        #expect(try stage.json("/api/stops/s3")["vehicle"] as? String == "v1")
        #expect(stage.get("/api/stops/s2").status == .notFound)
    }

    @Test func `geofences are told once, until they change`() throws {
        let stage = try SiteStage()
        stage.state("v")
        stage.inbox.putGeofences(fleet: "a", featureCollection: Array("{\"features\":[1]}".utf8))
        let first = stage.get("/geofences.geojson")
        #expect(first.caching == .tagged("77-1"))
        #expect(stage.text("/geofences.geojson") == "{\"features\":[1]}")
        stage.inbox.putGeofences(fleet: "a", featureCollection: Array("{}".utf8))
        #expect(stage.get("/geofences.geojson").caching == .tagged("77-2"))
    }

    @Test func `paths of routes are told once, until they change`() throws {
        let stage = try SiteStage()
        stage.state("v")
        #expect(stage.text("/routes.geojson") == #"{"type":"FeatureCollection","features":[]}"#)
        stage.inbox.putRoutes(fleet: "a", featureCollection: Array("{\"features\":[1]}".utf8))
        #expect(stage.get("/routes.geojson").caching == .tagged("77-r1"))
        stage.inbox.putRoutes(fleet: "a", featureCollection: Array("{\"features\":[1]}".utf8))
        #expect(stage.get("/routes.geojson").caching == .tagged("77-r1"))
        stage.inbox.putRoutes(fleet: "a", featureCollection: Array("{}".utf8))
        #expect(stage.get("/routes.geojson").caching == .tagged("77-r2") && stage.text("/routes.geojson") == "{}")
        #expect(stage.text("/geofences.geojson") != "{}")
    }

    @Test func `health, readiness and metrics are there`() throws {
        let stage = try SiteStage()
        stage.state("v")
        #expect(stage.get("/healthz").status == .ok)
        #expect(stage.text("/readyz") == "{\"status\":\"ready\",\"checks\":{\"broker\":{\"ok\":true}}}\n")
        let metrics = stage.text("/metrics")
        #expect(metrics.contains("fleetstream_up 1\n") && metrics.contains("process_open_fds "))
        #expect(metrics.contains("fleetstream_vehicles_by_state{state=\"moving\"} 1\n"))
    }

    @Test(arguments: ["/nothing", "/api", "/api/x", "/healthz/x", "/index.html/x", "/api/vehicles/a/b", "/etc/passwd"])
    func `elsewhere is nothing`(target: String) throws {
        #expect(try SiteStage().get(target).status == .notFound)
    }

    @Test func `beyond the limit new vehicles are not kept`() throws {
        let stage = try SiteStage(vehicles_max: 2)
        for number in 0..<5 { stage.state("v\(number)") }
        #expect(try stage.ids("/api/vehicles") == ["v0", "v1"])
        #expect(stage.text("/metrics").contains("fleetstream_window_skipped_total 3\n"))
    }
}

@Suite struct `Who sees what` {
    private let all = "aaaaaaaaaaaaaaaaaaaa"
    private let one = "bbbbbbbbbbbbbbbbbbbb"

    @Test func `nothing of one fleet is visible to another`() throws {
        let stage = try SiteStage(tokens: "\(all)\n\(one) b\n")
        stage.state("of-a", fleet: "a")
        stage.state("of-b", fleet: "b")
        stage.event(#"{"of":"a"}"#, fleet: "a")
        func get(_ target: String, _ token: String?) -> HTTPResponse {
            stage.get(target, headers: token.map { ["host": "x", "authorization": "Bearer \($0)"] } ?? [:])
        }
        for target in [
            "/api/vehicles", "/api/fleets", "/stream", "/geofences.geojson", "/routes.geojson", "/metrics",
            "/api/status",
        ] {
            #expect(get(target, nil).status == .unauthorized, "\(target)")
            #expect(get(target, "cccccccccccccccccccc").status == .unauthorized, "\(target)")
        }
        #expect(get("/metrics", one).status == .forbidden && get("/api/status", one).status == .forbidden)
        #expect(get("/metrics", all).status == .ok)
        #expect(get("/api/vehicles", all).status == .badRequest)
        #expect(get("/api/vehicles?fleet=a", one).status == .notFound)
        #expect(get("/stream?fleet=a", one).status == .notFound)
        for target in ["/api/vehicles", "/api/fleets", "/api/events"] {
            guard case .bytes(let body) = get(target, one).body else { continue }
            let text = String(decoding: body, as: UTF8.self)
            #expect(!text.contains("of-a") && !text.contains(#""a""#), "\(target): \(text)")
        }
        // These say nothing of any fleet.
        #expect(get("/healthz", nil).status == .ok && get("/readyz", nil).status == .ok)
    }

    @Test(arguments: [
        ("localhost", HTTPStatus.ok), ("localhost:8080", .ok), ("LOCALHOST:1", .ok), ("127.0.0.1:8080", .ok),
        ("127.1.2.3", .ok), ("[::1]:8080", .ok), ("[::1]", .ok), ("evil.example", .misdirectedRequest),
        ("evil.example:8080", .misdirectedRequest), ("localhost.evil.example", .misdirectedRequest),
        ("10.0.0.1", .misdirectedRequest), ("127.0.0.1.evil.example", .misdirectedRequest), ("", .misdirectedRequest),
    ])
    func `without tokens only this machine's names are served`(host: String, status: HTTPStatus) throws {
        #expect(try SiteStage().get("/healthz", headers: ["host": host]).status == status)
    }
}
