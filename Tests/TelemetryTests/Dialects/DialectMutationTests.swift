import Telemetry
import TestSupport
import Testing
import Wire

@Suite struct `Dialects under mutation` {
    /// What must hold of a buffer whatever the payload was; the promise that is broken, or nil.
    private func brokenPromise(_ buffer: ReportBuffer, _ payload: [UInt8]) -> String? {
        for report in buffer.reports {
            let start = Int(report.offset)
            guard start >= 0, start < payload.count, payload[start] == UInt8(ascii: "{") else {
                return "a report points at its object"
            }
            guard report.latitude_e7.magnitude <= 900_000_000, report.longitude_e7.magnitude <= 1_800_000_000 else {
                return "a position is on the earth"
            }
            guard report.time_ms >= 946_684_800_000, report.time_ms < 4_102_444_800_000 else {
                return "a time is of this century"
            }
            guard report.heading_deg >= 0, report.heading_deg < 360, report.speed_kmh >= 0, report.speed_kmh <= 1000,
                report.fuel_pct >= 0, report.fuel_pct <= 100, report.odometer_km >= 0, report.satellites >= 0
            else { return "a sensor's value is possible" }
            for range in [report.identity, report.driver, report.dtc] where !range.isEmpty {
                guard range.lower >= 0, range.lower < range.upper, range.upper <= payload.count else {
                    return "a text stands within the payload"
                }
            }
            guard report.fields.contains(.driver) == (report.driverID(in: payload.span) != nil) else {
                return "a driver can be read"
            }
            guard report.fields.contains(.dtc) == (report.troubleCodes(in: payload.span) != nil) else {
                return "trouble codes can be read"
            }
            guard report.identity.isEmpty == (report.identityBytes(in: payload.span) == nil) else {
                return "an identity can be read"
            }
            var out: [UInt8] = []
            report.appendJSON(to: &out, payload: payload.span)
            guard let again = try? decode(out), let first = again.reports.first, first.fields == report.fields else {
                return "a report can be written and read again: \(String(decoding: out, as: UTF8.self))"
            }
        }
        for problem in buffer.problems where problem.offset < 0 || problem.offset >= payload.count {
            return "a problem points into the payload"
        }
        return nil
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `mutated messages never break a promise`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let fixtures = Fixture.all.filter { !$0.payload.isEmpty }
        for turn in 0..<4000 {
            let fixture = fixtures[Int(random.next() % UInt64(fixtures.count))]
            var payload = fixture.bytes
            for _ in 0...(random.next() % 4) { mutate(&payload, &random, fixtures) }
            // A third is read as another format than it is.
            let format =
                random.next() % 3 == 0 ? TelemetryFormat.allCases.randomElement(using: &random)! : fixture.format
            do throws(DecodeError) {
                let buffer = try decode(payload, as: format, namesVehicles: random.next() % 2 == 0)
                if let promise = brokenPromise(buffer, payload) {
                    Issue.record(
                        "seed \(seed), turn \(turn), \(format): \(promise): \(String(decoding: payload, as: UTF8.self))"
                    )
                    return
                }
            } catch {
                if error.offset < 0 || error.offset > payload.count {
                    Issue.record("seed \(seed), turn \(turn), \(format): an error points beyond the payload")
                    return
                }
            }
        }
    }

    private func mutate(_ payload: inout [UInt8], _ random: inout SplitMix64, _ fixtures: [Fixture]) {
        guard !payload.isEmpty else { return payload.append(UInt8(ascii: "{")) }
        let index = Int(random.next() % UInt64(payload.count))
        switch random.next() % 7 {
        case 0: payload[index] = UInt8(truncatingIfNeeded: random.next())
        case 1: payload.remove(at: index)
        case 2: payload.insert(Array("{}[]\",:-.0eE".utf8).randomElement(using: &random)!, at: index)
        case 3: payload.removeSubrange(index...)
        case 4:
            let words = [
                "null", "true", "-1", "1e999", "\"\"", "[]", "{}", "99999999999999999999", "\"\\ud800\"", "-0",
            ]
            payload.insert(contentsOf: Array(words.randomElement(using: &random)!.utf8), at: index)
        case 5:
            // A value, or a part of one, from another message.
            let other = fixtures[Int(random.next() % UInt64(fixtures.count))].bytes
            let start = Int(random.next() % UInt64(other.count))
            payload.insert(contentsOf: other[start..<min(start + 40, other.count)], at: index)
        default:
            let end = min(index + Int(random.next() % 24), payload.count)
            payload.insert(contentsOf: Array(payload[index..<end]), at: Int(random.next() % UInt64(payload.count)))
        }
    }

    @Test func `deep nesting is refused, not followed`() {
        for format in [TelemetryFormat.teltonika, .traccar, .thingsboardGateway] {
            for (open, close) in [(#"{"state":"#, "}"), (#"{"position":"#, "}"), (#"{"a":["#, "]}"), ("[", "]")] {
                let payload = Array(
                    (String(repeating: open, count: 200) + "1" + String(repeating: close, count: 200)).utf8)
                do throws(DecodeError) {
                    let buffer = try decode(payload, as: format)
                    Issue.record("\(format): \(open) was followed: \(buffer.reports.count) reports")
                } catch {
                    #expect(error.reason == .jsonNesting)
                }
            }
        }
    }
}
