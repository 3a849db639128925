import FleetCore
import Foundation
import FoundationNetworking
import Testing

@testable import FleetService

@Suite struct `What a router sent back` {
    private func outcome(
        _ body: String, _ status: Int = 200, kind: RoadAnswer.Source = .osrm, points: Int = 2
    ) -> RoadMachine.Outcome {
        RoadResponse(status: status, body: Array(body.utf8)).outcome(kind, points: points, utc_ms: 0)
    }

    private func reason(_ outcome: RoadMachine.Outcome) -> String {
        switch outcome {
        case .answer: "answer"
        case .no(let failure): "no \(failure.reason.name)"
        case .fault(let failure): "fault \(failure.reason.name)"
        case .putOff: "put off"
        }
    }

    private static let osrm = """
        {"code":"Ok","routes":[{"geometry":{"coordinates":[[121.5,25.0],[121.501,25.0],[121.501,25.002]],
        "type":"LineString"},"legs":[{"steps":[],"distance":323.2,"duration":30.1,"summary":"","weight":30}],
        "distance":323.2,"duration":30.1,"weight_name":"routability","weight":30.1}],"waypoints":[]}
        """

    /// The lines (38.5,-120.2) (40.7,-120.95) and (40.7,-120.95) (42.9,-121.7), encoded by another program.
    private static let valhalla = """
        {"trip":{"locations":[],"legs":[
        {"maneuvers":[],"summary":{"time":300.5,"length":12.345},"shape":"_izlhA~rlgdF_{geC~ywl@"},
        {"summary":{"time":100,"length":1.0},"shape":"_ecslA~meueF_{geC~ywl@"}],
        "summary":{"time":400.5,"length":13.345},"status_message":"Found route between points","status":0,
        "units":"kilometers","language":"en-US"}}
        """

    @Test func `is read as OSRM writes it`() {
        let expected = RoadAnswer(
            source: .osrm, distance_m: 323.2, duration_s: 30.1, legs: [.init(distance_m: 323.2, duration_s: 30.1)],
            path: [.at(0, 0), .at(1, 0), .at(1, 2)])
        #expect(outcome(Self.osrm) == .answer(expected))
        #expect(reason(outcome(Self.osrm, points: 3)) == "fault invalid", "a leg is missing")
    }

    @Test func `is read as Valhalla writes it`() {
        guard case .answer(let answer) = outcome(Self.valhalla, kind: .valhalla, points: 3) else {
            Issue.record("\(outcome(Self.valhalla, kind: .valhalla, points: 3))")
            return
        }
        #expect(answer.source == .valhalla && answer.distance_m == 13_345 && answer.duration_s == 400.5)
        #expect(
            answer.legs == [.init(distance_m: 12_345, duration_s: 300.5), .init(distance_m: 1000, duration_s: 100)])
        // The second leg begins where the first ends: that point is there once.
        #expect(
            answer.path.map(\.latitude_e7) == [385_000_000, 407_000_000, 429_000_000])
        #expect(answer.path.first?.longitude_e7 == -1_202_000_000)
        #expect(reason(outcome(Self.valhalla, kind: .valhalla, points: 2)) == "fault invalid")
    }

    @Test func `kilometres that are miles are miles`() {
        let miles = Self.valhalla.replacing("kilometers", with: "miles")
        guard case .answer(let answer) = outcome(miles, kind: .valhalla, points: 3) else {
            Issue.record("no answer")
            return
        }
        #expect(answer.legs[1].distance_m == 1609.3)
    }

    @Test(arguments: [
        (#"{"code":"NoRoute","message":"Impossible route between points"}"#, 400, "no no_route"),
        (#"{"code":"NoSegment"}"#, 400, "no no_route"), (#"{"code":"InvalidQuery"}"#, 400, "no refused"),
        (#"{"code":"TooBig"}"#, 400, "no refused"), ("not found", 404, "no refused"), ("{}", 403, "no refused"),
        ("", 500, "fault refused"), ("{", 502, "fault refused"), ("", 429, "put off"), ("{}", 503, "put off"),
        ("", 200, "fault invalid"), ("<html>", 200, "fault invalid"), ("{}", 200, "fault invalid"),
        (#"{"code":"Ok","routes":[]}"#, 200, "fault invalid"), (#"{"code":"Ok"}"#, 200, "fault invalid"),
        ("", 301, "no refused"), ("", 0, "no refused"), (#"{"code":"NoRoute"}"#, 200, "no no_route"),
    ])
    func `means what OSRM says of it`(body: String, status: Int, expected: String) {
        #expect(reason(outcome(body, status)) == expected)
    }

    @Test(arguments: [
        (#"{"error_code":442,"error":"No path could be found for input","status_code":400}"#, 400, "no no_route"),
        (#"{"error_code":171,"error":"No suitable edges near location"}"#, 400, "no no_route"),
        (#"{"error_code":154,"error":"Path distance exceeds the max distance limit"}"#, 400, "no refused"),
        ("{}", 200, "fault invalid"), ("{}", 400, "no refused"),
        (#"{"trip":{"status":442,"status_message":"No path"}}"#, 200, "no no_route"),
        (#"{"trip":{"status":0,"legs":[],"summary":{"time":1,"length":1}}}"#, 200, "fault invalid"),
        (
            #"{"trip":{"status":0,"legs":[{"summary":{"time":1,"length":1},"shape":"???~"}],"summary":{"time":1,"length":1}}}"#,
            200, "fault invalid"
        ),
    ])
    func `means what Valhalla says of it`(body: String, status: Int, expected: String) {
        #expect(reason(outcome(body, status, kind: .valhalla)) == expected)
    }

    @Test(arguments: [
        ("\"distance\":323.2,\"duration\":30.1,\"weight_name\"", "\"distance\":999,\"duration\":30.1,\"weight_name\""),
        ("\"distance\":323.2", "\"distance\":-1"), ("121.501,25.002", "181,25"), ("121.501,25.002", "\"a\",25"),
        ("[121.501,25.0],[121.501,25.002]", "[121.501]"), (",[121.501,25.0],[121.501,25.002]", ""),
        ("\"duration\":30.1,\"summary\"", "\"duration\":null,\"summary\""), ("\"Ok\"", "7"),
    ])
    func `makes no sense where its numbers do not`(old: String, new: String) {
        #expect(Self.osrm.contains(old))
        #expect(reason(outcome(Self.osrm.replacing(old, with: new))) == "fault invalid")
    }

    @Test(arguments: roadSeeds(300)) func `hostile bytes are a fault, never a crash`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        for (body, kind) in [(Self.osrm, RoadAnswer.Source.osrm), (Self.valhalla, .valhalla)] {
            var bytes = Array(body.utf8)
            for _ in 0..<Int.random(in: 1...8, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                if Bool.random(using: &random) {
                    bytes[index] = .random(in: 0...255, using: &random)
                } else {
                    bytes.remove(at: index)
                }
            }
            let points = Int.random(in: 2...3, using: &random)
            let outcome = RoadResponse(status: 200, body: bytes).outcome(kind, points: points, utc_ms: 0)
            if case .answer(let answer) = outcome {
                #expect(answer.problem == nil && answer.fits(points: points), "seed \(seed)")
            }
        }
    }

    @Test func `a pause is given in seconds or as a date`() {
        #expect(RoadResponse.pause_ms("120", utc_ms: 0) == 120_000)
        #expect(RoadResponse.pause_ms(" 0 ", utc_ms: 0) == 0)
        #expect(RoadResponse.pause_ms("99999999999999999", utc_ms: 0) == 3_600_000)
        #expect(RoadResponse.pause_ms("-1", utc_ms: 0) == nil && RoadResponse.pause_ms("soon", utc_ms: 0) == nil)
        let date = "Wed, 21 Oct 2015 07:28:00 GMT"
        #expect(RoadResponse.pause_ms(date, utc_ms: 1_445_412_480_000 - 5000) == 5000)
        #expect(RoadResponse.pause_ms(date, utc_ms: 1_445_412_480_000 + 5000) == 0)
        #expect(RoadResponse.pause_ms(date, utc_ms: 0) == 3_600_000)
        let response = RoadResponse(status: 429, retryAfter: "7", body: [])
        #expect(
            response.outcome(.osrm, points: 2, utc_ms: 0)
                == .putOff(retryAfter_ms: 7000, detail: "the router answered 429"))
    }

    // MARK: - Polylines

    @Test(arguments: roadSeeds(100)) func `a polyline reads back as it was written`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let points = (0..<Int.random(in: 0...200, using: &random)).map { _ in
            RoadPoint.random(using: &random).rounded(to: 10)
        }
        let text = encoded(points)
        #expect(Polyline.decode(text.span, points_max: 200) == points, "seed \(seed)")
        if points.count > 1 { #expect(Polyline.decode(text.span, points_max: points.count - 1) == nil) }
        // Cut short it is a shorter line, or none.
        for length in 0..<text.count {
            let cut = Polyline.decode(text.span.extracting(0..<length), points_max: 200)
            #expect(cut.map { $0 == Array(points.prefix($0.count)) } ?? true, "seed \(seed)")
        }
    }

    @Test(arguments: ["?", "~~~~~~~~~~~~~~~~?", "_______________?", "??\u{7F}?", "??>?", "é?", "gfo}EtohhU_gfo}E?"])
    func `what is no polyline is none`(text: String) {
        #expect(Polyline.decode(Array(text.utf8).span, points_max: 10) == nil)
    }

    /// The description of the form, written from the other side.
    private func encoded(_ points: [RoadPoint]) -> [UInt8] {
        var text: [UInt8] = []
        var last = RoadPoint(latitude_e7: 0, longitude_e7: 0)
        for point in points {
            for (new, old) in [(point.latitude_e7, last.latitude_e7), (point.longitude_e7, last.longitude_e7)] {
                let step = Int64(new / 10) - Int64(old / 10)
                var rest = step < 0 ? ~(step << 1) : step << 1
                while rest >= 32 {
                    text.append(UInt8(32 | rest & 31) + 63)
                    rest >>= 5
                }
                text.append(UInt8(rest) + 63)
            }
            last = point
        }
        return text
    }
}

@Suite struct `What a router is sent` {
    @Test func `is what OSRM wants`() throws {
        var options = RoadOptions()
        options.url = "https://roads.example:8443/osrm"
        options.profile = "truck"
        let points = [RoadPoint(latitude_e7: 250_478_000, longitude_e7: 1_215_170_000), .at(1, 2)]
        let request = try #require(RoadRequest.make(options, points))
        #expect(
            request.url?.absoluteString
                == "https://roads.example:8443/osrm/route/v1/truck/121.517,25.0478;121.501,25.002"
                + "?overview=full&geometries=geojson&annotations=false&steps=false")
        #expect(request.httpMethod == "GET" && request.httpBody == nil)
    }

    @Test func `is what Valhalla wants`() throws {
        var options = RoadOptions()
        options.kind = .valhalla
        options.url = "http://roads.example"
        options.profile = "auto"
        let request = try #require(RoadRequest.make(options, [.at(0, 0), .at(1, 2)]))
        #expect(request.url?.absoluteString == "http://roads.example/route" && request.httpMethod == "POST")
        #expect(
            String(decoding: request.httpBody ?? Data(), as: UTF8.self)
                == #"{"locations":[{"lat":25,"lon":121.5,"type":"break"},{"lat":25.002,"lon":121.501,"type":"break"}],"#
                + #""costing":"auto","units":"kilometers","directions_type":"none"}"#)
    }
}
