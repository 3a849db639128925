import Telemetry
import Testing
import Wire

/// 2026-11-20T10:21:00Z: when the fixtures are received.
let received_ms: Int64 = 1_795_170_060_000

func decode(
    _ payload: [UInt8], as format: TelemetryFormat, namesVehicles: Bool = false, limits: DecodeLimits = DecodeLimits()
) throws(DecodeError) -> ReportBuffer {
    var buffer = ReportBuffer()
    try TelemetryDecoder(limits: limits).decode(
        payload.span, as: format, receivedTime_ms: received_ms, namesVehicles: namesVehicles, into: &buffer)
    return buffer
}

/// What a buffer holds, a line each.
func lines(_ buffer: ReportBuffer, of payload: [UInt8]) -> [String] {
    var lines: [String] = []
    for report in buffer.reports {
        var out: [UInt8] = []
        report.appendJSON(to: &out, payload: payload.span)
        lines.append(String(decoding: out, as: UTF8.self))
    }
    for status in buffer.statuses {
        var out: [UInt8] = []
        status.appendJSON(to: &out, payload: payload.span)
        lines.append(String(decoding: out, as: UTF8.self))
    }
    lines += buffer.problems.map(\.description)
    if buffer.otherTypes > 0 { lines.append("other \(buffer.otherTypes)") }
    return lines
}

@Suite struct `Dialects of trackers` {
    @Test(arguments: Fixture.all)
    func `a message becomes what its documentation says`(_ fixture: Fixture) throws {
        let buffer = try decode(fixture.bytes, as: fixture.format, namesVehicles: fixture.namesVehicles)
        #expect(lines(buffer, of: fixture.bytes) == fixture.lines)
    }

    @Test(arguments: Fixture.all)
    func `what a report is written as reads back as the same report`(_ fixture: Fixture) throws {
        let buffer = try decode(fixture.bytes, as: fixture.format, namesVehicles: fixture.namesVehicles)
        for report in buffer.reports {
            var out: [UInt8] = []
            report.appendJSON(to: &out, payload: fixture.bytes.span)
            let again = try decode(out)
            let first = try #require(again.reports.first, "\(again.problems)")
            var second: [UInt8] = []
            first.appendJSON(to: &second, payload: out.span)
            #expect(second == out)
            #expect(first.fields == report.fields)
        }
    }

    @Test func `seconds and milliseconds are told apart, as are strings and numbers`() throws {
        let times = [
            "1795170030": 1_795_170_030_000, "1795170030000": 1_795_170_030_000, "\"1795170030\"": 1_795_170_030_000,
            "1795170030.123456": 1_795_170_030_123, "946684800": 946_684_800_000, "4102444799": 4_102_444_799_000,
            "\"2026-11-20T18:20:30+0800\"": 1_795_170_030_000, "\"2026-11-20T10:20:30Z\"": 1_795_170_030_000,
        ]
        for (text, time_ms) in times {
            let payload = Array(#"{"_type":"location","lat":1,"lon":2,"tst":\#(text)}"#.utf8)
            #expect(try decode(payload, as: .owntracks).reports.first?.time_ms == Int64(time_ms), "\(text)")
        }
        for text in ["0", "-1", "946684799", "4102444800", "1e300", "\"soon\"", "[]", "true", "\"2026-11-20\"", "\"\""]
        {
            let payload = Array(#"{"_type":"location","lat":1,"lon":2,"tst":\#(text)}"#.utf8)
            let buffer = try decode(payload, as: .owntracks)
            #expect(buffer.reports.isEmpty && buffer.problems.first?.offset == 42, "\(text): \(buffer.problems)")
        }
    }

    @Test func `of duplicate keys the last counts`() throws {
        let payload = Array(
            #"{"_type":"card","lat":95,"lat":1,"lon":2,"tst":0,"tst":1795170030,"_type":"location","vel":5,"vel":6}"#
                .utf8)
        let report = try #require(try decode(payload, as: .owntracks).reports.first)
        #expect(report.latitude_e7 == 10_000_000 && report.speed_kmh == 6)
    }

    @Test(arguments: [TelemetryFormat.owntracks, .traccar, .teltonika, .flespi, .thingsboard, .thingsboardGateway])
    func `a payload that is not JSON is refused as a whole, with its place`(_ format: TelemetryFormat) {
        for (payload, offset) in [("{\"a\":tru}", 8), ("[{},{]", 5), ("17", 0), ("\"x\"", 0), ("{} {}", 3)] {
            #expect(throws: DecodeError.self, "\(payload)") {
                do throws(DecodeError) {
                    _ = try decode(Array(payload.utf8), as: format)
                } catch {
                    #expect(error.offset == offset, "\(payload): \(error)")
                    throw error
                }
            }
        }
    }

    @Test func `a payload's elements are limited`() {
        var limits = DecodeLimits()
        limits.elements = 3
        let point = #"{"ident":"A","timestamp":1795170030,"position.latitude":1,"position.longitude":2}"#
        for (format, payload) in [
            (TelemetryFormat.flespi, "[\(point),\(point),\(point),\(point)]"),
            (.thingsboardGateway, #"{"A":[{"lat":1,"lon":2},5],"B":7}"#),
        ] {
            do throws(DecodeError) {
                _ = try decode(Array(payload.utf8), as: format, limits: limits)
                Issue.record("\(format): too many elements were taken")
            } catch {
                #expect(error.reason == .tooManyElements, "\(error)")
            }
        }
    }

    @Test func `a refused payload leaves the buffer as it was`() throws {
        var buffer = ReportBuffer()
        let decoder = TelemetryDecoder()
        let good = Array(#"[{"ident":"A","timestamp":1795170030,"engine.rpm":1},{"ident":"B"}]"#.utf8)
        try decoder.decode(good.span, as: .flespi, receivedTime_ms: 0, into: &buffer)
        let before = (buffer.reports, buffer.otherTypes, buffer.hasIdentities)
        let bad = Array(#"[{"ident":"A","timestamp":1795170030,"engine.rpm":1},{"ident":"B"},7,"#.utf8)
        #expect(throws: DecodeError.self) {
            try decoder.decode(bad.span, as: .flespi, receivedTime_ms: 0, into: &buffer)
        }
        #expect(buffer.reports == before.0 && buffer.otherTypes == before.1 && buffer.hasIdentities == before.2)
        #expect(buffer.problems.isEmpty)
    }

    @Test func `a status is a format too`() throws {
        #expect(lines(try decode(Array("0".utf8), as: .status), of: []) == [#"{"status":"offline"}"#])
        #expect(lines(try decode(Array(#"{"online":true}"#.utf8), as: .status), of: []) == [#"{"status":"online"}"#])
    }
}
