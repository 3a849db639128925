import Foundation
import Geo
import Signing
import TestSupport
import Testing
import Wire

@testable import Window

/// 20 November 2026, 08:00 UTC: 16:00 in Taipei.
private let now_ms: Int64 = 1_795_161_600_000
private let minute_ms: Int64 = 60_000

/// A site with customers' links, asked as a browser asks.
private struct LinkStage {
    let inbox = FleetInbox(wakeUp: EventSignal())
    let site: Site
    let keys: LinkKeys

    init(hasTokens: Bool = false, at time_ms: Int64 = now_ms) throws {
        let key = (0..<32).map { String(format: "%02x", $0 * 5 + 3) }.joined()
        keys = try LinkKeys(text: Array(key.utf8), named: "keys")
        var options = Site.Options()
        options.links = Site.CustomerLinks(keys: keys, localTime: TimeZoneRules(fixedOffset_s: 28_800))
        options.now_ms = { time_ms }
        if hasTokens { options.tokens = try BearerTokens(text: Array("0123456789abcdef0".utf8)[...], named: "tokens") }
        site = Site(
            options, inbox: inbox,
            probes: WindowProbes(readiness: { [] }, metrics: { _ in }, status: { Array("{}".utf8) }))
    }

    func put(_ kind: String, _ id: String, _ json: String, fleet: String = "a") {
        inbox.putState(topic: Array("fleets/\(fleet)/state/\(kind)/\(id)".utf8), payload: Array(json.utf8))
    }

    func vehicle(_ id: String, lat: Double = 25.01, age_ms: Int64 = 5000, online: Bool = true) {
        let time = RFC3339.string(now_ms - age_ms)
        put(
            "vehicles", id,
            #"{"vehicle":"\#(id)","state":"\#(online ? "online" : "offline")","position":{"lat":\#(lat),"lon":121.51234567},"time":"\#(time)","last_seen":"\#(time)"}"#
        )
    }

    func stop(_ id: String, _ status: String, fleet: String = "a", vehicle: String = "TRUCK-77", more: String = "") {
        put(
            "stops", id,
            #"{"stop":"\#(id)","order":"ORDER-\#(id)","route":"ROUTE-5","vehicle":"\#(vehicle)","driver":"DRIVER-9","customer":"CUSTOMER-\#(id)","status":"\#(status)","position":{"lat":25.02,"lon":121.51}\#(more)}"#,
            fleet: fleet)
    }

    func token(_ stop: String, fleet: String = "a", expires_ms: Int64 = now_ms + 86_400_000) -> String {
        keys.token(for: LinkSubject(fleet: Array(fleet.utf8), stop: Array(stop.utf8)), expires_ms: expires_ms)
    }

    func respond(_ target: String, _ headers: [String: String] = [:], method: HTTPRequest.Method = .get) throws
        -> HTTPResponse
    {
        site.respond(to: try request(target, headers, method: method))
    }

    func request(_ target: String, _ headers: [String: String] = [:], method: HTTPRequest.Method = .get) throws
        -> HTTPRequest
    {
        var request = HTTPRequest()
        let taken = try HTTPTarget(Array(target.utf8)[...], parameters_max: 32)
        request.method = method
        request.path = taken.path
        request.parameters = taken.parameters
        for (name, value) in headers.merging(["host": "track.gas.example"], uniquingKeysWith: { one, _ in one }) {
            request.headers.append(HTTPRequest.Header(name: Array(name.utf8), value: Array(value.utf8)))
        }
        return request
    }

    func text(_ target: String, _ headers: [String: String] = [:]) throws -> String {
        guard case .bytes(let body) = try respond(target, headers).body else { return "" }
        return String(decoding: body, as: UTF8.self)
    }

    func json(_ stop: String) throws -> [String: Any] {
        let text = try text("/t/\(token(stop)).json")
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any], "\(text)")
    }
}

private func eta(_ p50_min: Int64, _ p90_min: Int64) -> String {
    let (p50, p90) = (RFC3339.string(now_ms + p50_min * minute_ms), RFC3339.string(now_ms + p90_min * minute_ms))
    return #","eta":{"p50":"\#(p50)","p90":"\#(p90)","updated":"\#(RFC3339.string(now_ms))"}"#
}

@Suite struct `A customer's link` {
    @Test func `shows the status and when the vehicle comes, in the language of the browser`() throws {
        let stage = try LinkStage()
        stage.stop("s1", "en_route", more: eta(23, 41))
        let path = "/t/\(stage.token("s1"))"
        let english = try stage.text(path, ["accept-language": "en-GB,en;q=0.9,zh;q=0.5"])
        #expect(english.contains("On the way") && english.contains("20 Nov 16:20–16:45"), "\(english)")
        #expect(english.contains("lang=\"en\"") && english.contains("?lang=zh"))
        let chinese = try stage.text(path, ["accept-language": "fr, zh-TW;q=0.9, en;q=0.2"])
        #expect(chinese.contains("配送中") && chinese.contains("11月20日 16:20–16:45"), "\(chinese)")
        #expect(try stage.text(path + "?lang=zh", ["accept-language": "en"]) == chinese)
        #expect(try stage.text(path, ["accept-language": "zh;q=0, en;q=0.1"]) == english)
        for strange in ["", ",,;;q=", "zh;q=NaN", "*", String(repeating: "x;q=2,", count: 1000)] {
            #expect(try stage.text(path, ["accept-language": strange]) == english, "\(strange.prefix(20))")
        }
    }

    @Test func `is the page of one delivery without scripts, and nobody keeps it`() throws {
        let stage = try LinkStage(hasTokens: true)
        stage.stop("s1", "en_route", more: eta(5, 9))
        for method in [HTTPRequest.Method.get, .head] {
            let request = try stage.request("/t/\(stage.token("s1"))", method: method)
            let response = stage.site.respond(to: request)
            let encoded = response.encoded(for: request, closes: false)
            let head = String(decoding: encoded.head, as: UTF8.self)
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(head.contains("\r\nCache-Control: private, no-store\r\n"))
            #expect(head.contains("\r\nX-Robots-Tag: noindex, nofollow\r\n"))
            #expect(head.contains("default-src 'none'; style-src 'sha256-\(CustomerPage.styleHash)'"))
            #expect(head.contains("\r\nReferrer-Policy: no-referrer\r\n"))
            #expect(encoded.body.isEmpty == (method == .head))
        }
        let html = try stage.text("/t/\(stage.token("s1"))")
        #expect(html.contains("<style>\(CustomerPage.style)</style>"))
        #expect(!html.contains("<script") && !html.contains("src="))
        let hash = try #require(SHA256.hash(Array(CustomerPage.style.utf8)))
        #expect(Data(hash).base64EncodedString() == CustomerPage.styleHash)
        // The rest of the window asks for its token as before.
        #expect(try stage.respond("/api/stops").status == .unauthorized)
    }

    @Test func `renews itself until all is over`() throws {
        let stage = try LinkStage()
        for (status, word) in [
            ("assigned", "Scheduled"), ("en_route", "On the way"), ("servicing", "The driver is here"),
            ("departed", "Being confirmed"), ("weird", "Scheduled"),
        ] {
            stage.stop("s1", status)
            let html = try stage.text("/t/\(stage.token("s1"))")
            #expect(html.contains("http-equiv=\"refresh\"") && html.contains(word), "\(status)")
        }
        for (status, word) in [
            ("delivered", "Delivered"), ("failed", "Could not"), ("cancelled", "Cancelled"),
            ("reschedule_requested", "rescheduled"), ("refused", "Not accepted"), ("partially_delivered", "in part"),
        ] {
            stage.stop("s1", status, more: #","ended":"2026-11-20T07:30:00Z""# + eta(5, 10))
            let html = try stage.text("/t/\(stage.token("s1"))")
            #expect(!html.contains("http-equiv=\"refresh\"") && html.contains(word), "\(status)")
            #expect(html.contains("20 Nov 15:30") && !html.contains("Expected"))
        }
    }

    @Test func `is JSON for a portal`() throws {
        let stage = try LinkStage()
        stage.stop(
            "s1", "en_route",
            more: eta(-20, 2) + #","window":{"from":"2026-11-20T14:00:00+08:00","to":"2026-11-20T18:00:00+08:00"}"#)
        let json = try stage.json("s1")
        #expect(json["status"] as? String == "on_the_way")
        // What was expected before now is expected now.
        #expect(
            json["eta"] as? [String: String] == ["from": "2026-11-20T08:00:00.000Z", "to": "2026-11-20T08:05:00.000Z"])
        #expect(
            json["window"] as? [String: String] == [
                "from": "2026-11-20T06:00:00.000Z", "to": "2026-11-20T10:00:00.000Z",
            ])
        #expect(Set(json.keys) == ["status", "eta", "window", "link_expires"])
        let path = "/t/\(stage.token("s1"))"
        for accept in ["application/json", "application/json, text/html;q=0.9", "text/html;q=0.1,application/json"] {
            #expect(try stage.text(path, ["accept": accept]) == stage.text(path + ".json"), "\(accept)")
        }
        for accept in ["text/html,application/xhtml+xml,application/json;q=0.8", "*/*", "", "application/json;q=0"] {
            #expect(try stage.text(path, ["accept": accept]).hasPrefix("<!doctype html>"), "\(accept)")
        }
    }

    @Test func `tells where the vehicle is while the stop is the next one only`() throws {
        let stage = try LinkStage()
        stage.vehicle("TRUCK-77")
        for (status, next, isShown) in [
            ("en_route", true, true), ("arrived", true, true), ("servicing", true, true), ("en_route", false, false),
            ("assigned", true, false), ("departed", true, false), ("delivered", true, false),
            ("cancelled", true, false), ("loaded", true, false),
        ] {
            stage.stop("s1", status, more: ",\"next\":\(next)")
            let vehicle = try stage.json("s1")["vehicle"] as? [String: Any]
            #expect((vehicle != nil) == isShown, "\(status) \(next)")
            #expect(try stage.text("/t/\(stage.token("s1"))").contains("openstreetmap") == isShown)
        }
        stage.stop("s1", "en_route", more: ",\"next\":true")
        let vehicle = try #require(try stage.json("s1")["vehicle"] as? [String: Any])
        #expect(vehicle["lat"] as? Double == 25.01 && vehicle["lon"] as? Double == 121.5123)
        #expect(vehicle["distance_m"] as? Int == 1100)
        #expect(Set(vehicle.keys) == ["lat", "lon", "distance_m", "time"])
        #expect(try stage.text("/t/\(stage.token("s1"))").contains("about 1.1 km away, 15:59"))
        stage.vehicle("TRUCK-77", age_ms: 11 * minute_ms)
        #expect(try stage.json("s1")["vehicle"] == nil)
        stage.vehicle("TRUCK-77", online: false)
        #expect(try stage.json("s1")["vehicle"] == nil)
    }

    @Test func `that is none is not found, for whatever reason in the same words`() throws {
        let stage = try LinkStage()
        stage.stop("s1", "en_route")
        stage.stop("gone", "delivered")
        stage.put("stops", "gone", "")
        let good = stage.token("s1")
        let wanted = try stage.respond("/t/\(String(repeating: "A", count: 32))")
        let words = try stage.text("/t/\(String(repeating: "A", count: 32))")
        #expect(wanted.status == .notFound && words.contains("not valid, or has expired"))
        let tokens = [
            stage.token("s1", expires_ms: now_ms), stage.token("s2"), stage.token("gone"),
            stage.token("s1", fleet: "b"), good + "A", String(good.dropLast()), good + ".jso", "x",
            String(good.dropLast()) + (good.hasSuffix("A") ? "B" : "A"), good + "/more",
            String(repeating: "A", count: 4000), "%E4%BD%A0", "%22%3Cscript%3E",
        ]
        for token in tokens {
            let response = try stage.respond("/t/\(token)")
            #expect(response.status == .notFound && response.caching == .personal, "\(token.prefix(60))")
            #expect(try stage.text("/t/\(token)") == words, "\(token.prefix(60))")
        }
        #expect(try stage.text("/t") == words)
        let none = try stage.text("/t/x.json")
        #expect(try tokens.prefix(4).allSatisfy { try stage.text("/t/\($0).json") == none })
        #expect(try stage.respond("/t/x.json").status == .notFound && none.hasPrefix("{\"error\""))
        #expect(try stage.respond("/t/\(good)").status == .ok)
    }

    @Test func `does not exist without keys`() throws {
        let stage = try SiteStage()
        #expect(stage.get("/t/\(String(repeating: "A", count: 32))").status == .notFound)
        #expect(stage.text("/t/x") == stage.text("/nothing"))
    }

    /// Whatever is the case with others, and whatever they are called: of them nothing is told.
    @Test(arguments: 1...30 as ClosedRange<UInt64>) func `says nothing of anybody else`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        func pick<T>(_ list: [T]) -> T { list[Int(random.next() % UInt64(list.count))] }
        let words = [
            "planned", "assigned", "loaded", "en_route", "arrived", "servicing", "departed", "delivered", "failed",
        ]
        let times = ["", eta(12, 17), #","arrived":"2026-11-20T07:00:00Z""#]
        let stage = try LinkStage()
        let mine = (pick(words), Bool.random(using: &random), pick(times))
        func place() {
            stage.stop("mine", mine.0, more: ",\"next\":\(mine.1)" + mine.2)
            stage.vehicle("TRUCK-77", lat: 25.015)
        }
        place()
        let html = try stage.text("/t/\(stage.token("mine"))")
        let json = try stage.text("/t/\(stage.token("mine")).json")
        let alone = [html, json]
        for index in 0..<20 {
            let fleet = pick(["a", "b"])
            stage.stop(
                "secret-\(index)", pick(words), fleet: fleet, vehicle: pick(["TRUCK-77", "TRUCK-88"]),
                more: ",\"next\":\(Bool.random(using: &random))" + pick(times))
            stage.vehicle("TRUCK-88", lat: 24.5)
        }
        stage.stop("mine", pick(words), fleet: "b", more: eta(100, 200))
        #expect(try [stage.text("/t/\(stage.token("mine"))"), stage.text("/t/\(stage.token("mine")).json")] == alone)
        for text in alone {
            for word in ["TRUCK", "DRIVER", "ROUTE", "ORDER", "CUSTOMER", "secret", "mine", "24.5", "25.02"] {
                #expect(!text.contains(word), "seed \(seed): \(word)")
            }
            #expect(text.contains("25.015") == (mine.1 && ["en_route", "arrived", "servicing"].contains(mine.0)))
        }
    }
}
