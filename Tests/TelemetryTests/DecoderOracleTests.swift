import Foundation
import Telemetry
import TestSupport
import Testing

/// The decoder against rules written down a second time, over Foundation's JSON.
@Suite struct `Native reports against Foundation` {
    /// A field of the oracle: its bounds, and where the decoder puts it.
    struct Quantity {
        let name: String
        let bounds: ClosedRange<Double>
        let field: ReportFields
        let value: @Sendable (Report) -> Double
    }

    static let quantities = [
        Quantity(name: "speed_kmh", bounds: 0...1_000, field: .speed) { Double($0.speed_kmh) },
        Quantity(name: "heading_deg", bounds: 0...360, field: .heading) { Double($0.heading_deg) },
        Quantity(name: "accuracy_m", bounds: 0...1e6, field: .accuracy) { Double($0.accuracy_m) },
        Quantity(name: "altitude_m", bounds: -1e4...1e5, field: .altitude) { Double($0.altitude_m) },
        Quantity(name: "rpm", bounds: 0...1e5, field: .rpm) { Double($0.rpm) },
        Quantity(name: "fuel_pct", bounds: 0...100, field: .fuel) { Double($0.fuel_pct) },
        Quantity(name: "odometer_km", bounds: 0...1e8, field: .odometer) { $0.odometer_km },
        Quantity(name: "engine_hours", bounds: 0...1e7, field: .engineHours) { $0.engine_hours },
        Quantity(name: "battery_v", bounds: 0...1_000, field: .battery) { Double($0.battery_v) },
        Quantity(name: "coolant_c", bounds: -100...1_000, field: .coolant) { Double($0.coolant_c) },
        Quantity(name: "cargo_c", bounds: -273.15...1_000, field: .cargo) { Double($0.cargo_c) },
    ]

    /// A member's text, mostly sensible.
    static func value(of name: String, _ random: inout SplitMix64) -> String {
        func number(_ range: ClosedRange<Double>) -> String {
            let value = Double.random(in: range, using: &random)
            switch Int.random(in: 0...3, using: &random) {
            case 0: return "\(value)"
            case 1: return "\((value * 1e4).rounded() / 1e4)"
            case 2: return "\(Int(value))"
            default: return "\(Int(value * 1e3))e-3"
            }
        }
        switch Int.random(in: 0...60, using: &random) {
        case 0: return "null"
        case 1: return "\"12\""
        case 2: return "[1,{\"a\":[]}]"
        case 3: return "true"
        case 4: return number(-1e9...1e9)
        default: break
        }
        switch name {
        case "time": return "\(Int64.random(in: 1_700_000_000_000...1_800_000_000_000, using: &random))"
        case "lat": return number(-91...91)
        case "lon": return number(-182...182)
        case "satellites", "seq": return "\(Int.random(in: 0...900, using: &random))"
        case "ignition", "door_open": return ["true", "false", "0", "1"].randomElement(using: &random)!
        case "driver": return "\"D-\(Int.random(in: 0...99, using: &random))\""
        case "dtc": return "[\"P0420\"]"
        case "unknown", "latitude", "speed": return "{\"lat\":[\(number(0...1))]}"
        default:
            let bounds = quantities.first { $0.name == name }!.bounds
            return number(bounds.lowerBound * 1.01...bounds.upperBound * 1.01)
        }
    }

    /// Whether Foundation read true or false, which it calls numbers too.
    static func isBool(_ value: Any) -> Bool {
        (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
    }

    static func payload(_ random: inout SplitMix64) -> String {
        var names =
            ["satellites", "seq", "ignition", "door_open", "driver", "dtc", "unknown", "latitude", "speed"]
            + quantities.map(\.name)
        names.shuffle(using: &random)
        names = Array(names.prefix(Int.random(in: 0...5, using: &random)))
        for name in ["time", "lat", "lon"] where Int.random(in: 0...20, using: &random) > 0 { names.append(name) }
        names.shuffle(using: &random)
        let space = Int.random(in: 0...1, using: &random) == 0 ? "" : " "
        return "{" + names.map { "\"\($0)\":\(space)\(value(of: $0, &random))" }.joined(separator: ",\(space)") + "}"
    }

    /// Whether the report may be used, by the rules of the documentation.
    static func isUsable(_ object: [String: Any]) -> Bool {
        func number(_ name: String, _ bounds: ClosedRange<Double>) -> Bool? {
            guard let value = object[name], !(value is NSNull) else { return nil }
            guard let number = value as? NSNumber, !isBool(value) else { return false }
            return bounds.contains(number.doubleValue)
        }
        func matches(_ name: String, _ test: (Any) -> Bool) -> Bool? {
            guard let value = object[name], !(value is NSNull) else { return nil }
            return test(value)
        }
        func isFlag(_ value: Any) -> Bool {
            guard let number = value as? NSNumber else { return false }
            return isBool(value) || number.doubleValue == 0 || number.doubleValue == 1
        }
        func isWhole(_ value: Any) -> Bool {
            guard let number = value as? NSNumber, !isBool(value) else { return false }
            return number.doubleValue == number.doubleValue.rounded() && number.doubleValue >= 0
        }
        var answers: [Bool?] = quantities.map { number($0.name, $0.bounds) }
        let position = [number("lat", -90...90), number("lon", -180...180)]
        answers += position
        answers += [matches("ignition", isFlag), matches("door_open", isFlag), matches("driver") { $0 is String }]
        answers.append(matches("dtc") { ($0 as? [Any])?.allSatisfy { $0 is String } ?? false })
        answers.append(matches("satellites") { isWhole($0) && ($0 as? NSNumber)!.doubleValue <= 1_000 })
        let observations = answers.compactMap { $0 }.count
        answers.append(matches("seq", isWhole))
        let time = number("time", 946_684_800_000...4_102_444_799_999)
        return time == true && !answers.contains(false) && (position[0] == nil) == (position[1] == nil)
            && observations > 0
    }

    @Test func `random reports are used, refused and valued the same`() throws {
        let seed: UInt64 = 5_005
        var random = SplitMix64(seed: seed)
        var used = 0
        for round in 0..<6_000 {
            let payload = Self.payload(&random)
            let comment: Comment = "seed \(seed), round \(round): \(payload)"
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(payload.utf8)) as? [String: Any], comment)
            let buffer = try decode(payload)
            #expect(buffer.reports.count == (Self.isUsable(object) ? 1 : 0), comment)
            #expect(buffer.reports.count + buffer.problems.count == 1, comment)
            guard let report = buffer.reports.first else { continue }
            used += 1
            check(report, object, comment)
        }
        #expect(used > 2_000)
    }

    private func check(_ report: Report, _ object: [String: Any], _ comment: Comment) {
        func number(_ name: String) -> Double? { (object[name] as? NSNumber)?.doubleValue }
        #expect(Double(report.time_ms) == number("time")?.rounded(.towardZero), comment)
        #expect(report.fields.contains(.position) == (number("lat") != nil), comment)
        if let latitude = number("lat"), let longitude = number("lon") {
            #expect(abs(Double(report.latitude_e7) - latitude * 1e7) <= 0.500001, comment)
            #expect(abs(Double(report.longitude_e7) - longitude * 1e7) <= 0.500001, comment)
        }
        for quantity in Self.quantities {
            let expected = number(quantity.name)
            #expect(report.fields.contains(quantity.field) == (expected != nil), comment)
            if let expected, expected != 360 || quantity.field != .heading {
                #expect(abs(quantity.value(report) - expected) <= abs(expected) * 1e-7, comment)
            }
        }
        #expect(report.satellites == Int32(number("satellites") ?? 0), comment)
        #expect(report.sequence == Int64(number("seq") ?? 0), comment)
        #expect(report.ignition == ((object["ignition"] as? NSNumber)?.boolValue ?? false), comment)
        #expect(report.doorOpen == ((object["door_open"] as? NSNumber)?.boolValue ?? false), comment)
        #expect(report.fields.contains(.driver) == (object["driver"] is String), comment)
        #expect(report.fields.contains(.dtc) == (object["dtc"] is [Any]), comment)
    }
}
