import Foundation
import Geo
import TestSupport
import Testing

@testable import FleetService

@Suite struct TimeZonesTests {
    /// Zones with daylight saving on both hemispheres, odd offsets, changed rules, and none of it.
    private static let names = [
        "Asia/Taipei", "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
        "Asia/Kathmandu", "Europe/Moscow", "Asia/Pyongyang", "Europe/Istanbul", "Africa/Casablanca", "Pacific/Apia",
        "America/Caracas", "Asia/Tehran", "Antarctica/Troll",
    ]

    @Test(arguments: names) func `offsets are those of Foundation, at any time of a century`(_ name: String) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let zone = try #require(TimeZone(identifier: name))
        let rules = try #require(TimeZones.rules(named: name))
        for _ in 0..<2000 {
            // 2000 to 2090.
            let second = Int64.random(in: 946_684_800...3_786_912_000, using: &random)
            let expected = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
            #expect(Int(rules.offset_s(at: second * 1000)) == expected, "seed \(seed), \(second)")
        }
        for transition_ms in rules.transitions_ms {
            for offset_ms in [-1000, 0, 1000] as [Int64] {
                let date = Date(timeIntervalSince1970: Double(transition_ms + offset_ms) / 1000)
                #expect(Int(rules.offset_s(at: transition_ms + offset_ms)) == zone.secondsFromGMT(for: date), "\(date)")
            }
        }
    }

    @Test(arguments: ["", "Asia/Taipeh", "../../etc/passwd", "asia/taipei\u{0}", "+25:00"])
    func `names that do not exist`(_ name: String) {
        #expect(TimeZones.rules(named: name) == nil)
    }

    @Test func `a zone's table is made once, from any thread`() async {
        await withTaskGroup(of: TimeZoneRules?.self) { group in
            for _ in 0..<20 { group.addTask { TimeZones.rules(named: "Europe/Paris") } }
            var first: TimeZoneRules?
            for await rules in group {
                #expect(rules != nil)
                if let first { #expect(rules == first) } else { first = rules }
            }
        }
    }
}
