import Foundation
import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Text of events` {
    @Test(arguments: seeds(40)) func `base64 as Foundation writes it`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let bytes = (0..<random.int(0...200)).map { _ in UInt8.random(in: 0...255, using: &random) }
        var out: [UInt8] = []
        out.append(base64: bytes)
        #expect(String(decoding: out, as: UTF8.self) == Data(bytes).base64EncodedString(), "seed \(seed)")
    }

    @Test func `base64 of one, two and three bytes`() {
        for bytes: [UInt8] in [[], [255], [255, 254], [255, 254, 253], [0, 0, 0, 0]] {
            var out: [UInt8] = []
            out.append(base64: bytes)
            #expect(out == Array(Data(bytes).base64EncodedString().utf8))
        }
    }

    @Test(arguments: [0, 1, 9, 10, 999_999_999_999, 1_000_000_000_000, Int64.max])
    func `decimals have at least their width`(_ value: Int64) {
        var out: [UInt8] = []
        out.append(decimal: value, width: 12)
        let text = String(decoding: out, as: UTF8.self)
        #expect(Int64(text) == value)
        #expect(text.count == max(12, String(value).count))
    }

    @Test func `texts of sequences sort as the numbers do`() {
        let texts = [1, 2, 9, 10, 99, 100, 123_456, 999_999_999_999].map { (number: Int64) -> String in
            var out: [UInt8] = []
            out.append(decimal: number, width: 12)
            return String(decoding: out, as: UTF8.self)
        }
        #expect(texts == texts.sorted())
    }

    @Test func `a quantity that JSON cannot say is left out`() {
        var out: [UInt8] = []
        for value in [Double.nan, .infinity, -.infinity, 1e300] { out.member("x", value, decimals: 3) }
        #expect(out.isEmpty)
        out.member("x", -1.25, decimals: 1)
        #expect(String(decoding: out, as: UTF8.self) == ",\"x\":-1.3")
    }
}

@Suite struct `Settings as JSON` {
    private func read(_ json: [UInt8]) -> Settings? { Settings(json: json.span) }
    private func read(_ json: String) -> Settings? { read(Array(json.utf8)) }

    @Test func `the defaults come back`() {
        #expect(read(Settings().json()) == Settings())
    }

    @Test func `every setting comes back`() {
        var settings = Settings()
        settings.registeredOnly = true
        settings.offlineAfter_s = 11
        settings.reorderWindow_s = 12
        settings.futureTolerance_s = 13
        settings.maxSpeed_kmh = 14.25
        settings.teleportConfirmFixes = 15
        settings.assumedAccuracy_m = 0.1
        settings.crossingMaxGap_s = 17
        settings.crossingMaxDistance_m = 1e-3
        settings.stateInterval_s = 19
        settings.trackFixes = 20
        settings.maxVehicles = 21
        settings.clockSkew_s = 22
        settings.correctsClockSkew = true
        settings.stopRadius_m = 23.5
        settings.referenceWait_s = 24
        settings.approach_s = 25
        settings.proofWait_s = 26
        settings.deliveryRetention_h = 27
        settings.timeZone = "America/Los_Angeles"
        #expect(read(settings.json()) == settings)
        #expect(Mirror(reflecting: settings).children.count == 21, "a new setting belongs into this test")
    }

    @Test func `missing keys keep their default, unknown ones and wrong types are passed over`() {
        #expect(read("{}") == Settings())
        #expect(
            read(#"{"of_a_newer_version":[1],"track_fixes":1.5,"registered_only":1,"max_speed_kmh":"x"}"#) == Settings()
        )
        #expect(read(#"{"track_fixes":7}"#)?.trackFixes == 7)
    }

    @Test(arguments: ["", "[]", "null", "7", "{", "{\"a\":}"]) func `what is no object is refused`(_ text: String) {
        #expect(read(text) == nil)
    }

    @Test func `numbers that would overflow a time are not taken over`() {
        let settings = read(#"{"offline_after_s":1e18,"reorder_window_s":-5,"future_tolerance_s":9e18}"#)
        #expect(settings == Settings())
    }
}

@Suite struct `Event identity` {
    private func hash(_ type: EventType, _ fleet: String, _ parts: [String], _ numbers: [Int64] = []) -> Hash128 {
        var identity = EventIdentity()
        identity.begin(type, fleet: Array(fleet.utf8))
        for part in parts { identity.add(part.utf8) }
        for number in numbers { identity.add(number) }
        return identity.hash()
    }

    @Test func `no two different lists of parts have one id`() {
        var seen: Set<Hash128> = []
        let cuts = [["abc", "d"], ["ab", "cd"], ["a", "bcd"], ["", "abcd"], ["abcd", ""], ["abcd"]]
        for type in EventType.allCases {
            for parts in cuts {
                for fleet in ["f", "fa", ""] { #expect(seen.insert(hash(type, fleet, parts)).inserted) }
            }
            #expect(seen.insert(hash(type, "f", ["abcd"], [0])).inserted)
            #expect(seen.insert(hash(type, "f", ["abcd"], [0, 0])).inserted)
        }
    }

    /// The rest of a longer name as the first part does not make the shorter one the same.
    @Test func `a type is not confused with a longer one`() {
        for type in EventType.allCases {
            for other in EventType.allCases where other != type {
                let (short, long) = (type.qualifiedName, other.qualifiedName)
                guard long.hasPrefix(short) else { continue }
                let rest = String(long.dropFirst(short.count))
                #expect(hash(type, "f", [rest, "a"]) != hash(other, "f", ["a"]))
                #expect(hash(type, "f", [rest + "a"]) != hash(other, "f", ["a"]))
            }
        }
    }

    @Test func `the id of a known happening never changes`() {
        #expect(
            hash(.geofenceEntered, "acme", ["V1", "depot"], [epoch_ms])
                == hash(.geofenceEntered, "acme", ["V1", "depot"], [epoch_ms]))
        #expect(hash(.geofenceEntered, "acme", ["V1"]) != hash(.geofenceExited, "acme", ["V1"]))
    }

    @Test func `types have distinct names and keep their numbers`() {
        #expect(Set(EventType.allCases.map(\.qualifiedName)).count == EventType.allCases.count)
        #expect(EventType.vehicleOnline.rawValue == 0)
        #expect(EventType.geofenceOutsideHours.rawValue == 8)
        #expect(EventType.geofenceProhibitedEntered.qualifiedName == "geofence.prohibited_entered")
    }
}
