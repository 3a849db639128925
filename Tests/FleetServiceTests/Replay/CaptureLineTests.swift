import Foundation
import TestSupport
import Testing

@testable import FleetService

@Suite struct CaptureLineTests {
    private func parse(_ text: String) throws -> CaptureLine { try CaptureLine(Array(text.utf8).span) }

    private func fault(_ text: String) -> CaptureLine.Fault? {
        do {
            _ = try parse(text)
            return nil
        } catch {
            return error as? CaptureLine.Fault
        }
    }

    /// A line that has everything.
    private static let full =
        #"{"tst":"2026-11-20T08:15:30.250000Z+0000","topic":"a/b\u0000\ud83d\ude9a","qos":1,"retain":1,"payloadlen":9,"mid":3,"properties":{"response-topic":"r/t","correlation-data":"c\"1","user-properties":[{"a":"b"}]},"payload":{"x":[1,"}",{}]}}"#

    @Test func `everything that mosquitto prints is read`() throws {
        let line = try parse(Self.full)
        #expect(line.time_ms == 1_795_162_530_250)
        #expect(line.topic == Array("a/b\u{0}\u{1F69A}".utf8))
        #expect(line.payload == Array(#"{"x":[1,"}",{}]}"#.utf8))
        #expect(line.responseTopic == Array("r/t".utf8))
        #expect(line.correlation == Array("c\"1".utf8))
        #expect(line.isRetained)
    }

    @Test(
        arguments: [
            (#""2026-11-20T08:15:30Z""#, 1_795_162_530_000), (#""2026-11-20T16:15:30.25+08:00""#, 1_795_162_530_250),
            (#""2026-11-20T16:15:30.250000Z+0800""#, 1_795_162_530_250),
            (#""2026-11-20T03:45:30.250000Z-0430""#, 1_795_162_530_250),
            (#""2026-11-20T08:15:30.250000Z+0000""#, 1_795_162_530_250),
            ("1795162530", 1_795_162_530_000), ("1795162530.25", 1_795_162_530_250),
            ("1795162530250", 1_795_162_530_250),
            ("1.79516253e9", 1_795_162_530_000), ("0", 0),
        ] as [(String, Int64)]) func `every form of a time`(_ text: String, _ expected: Int64) throws
    {
        #expect(try parse(#"{"tst":\#(text),"topic":"t","payload":1}"#).time_ms == expected)
    }

    @Test(arguments: [
        #""yesterday""#, #""""#, #""Z+0000""#, #""2026-11-20T08:15:30Z+00000""#, #""2026-11-20T08:15:30Z00000""#, "-1",
        "1e15",
        "1e400", "null", "true", "[1]", "{}", #""2026-02-30T00:00:00Z""#, #""éééééééé""#,
    ]) func `times that are none`(_ text: String) {
        #expect(fault(#"{"tst":\#(text),"topic":"t","payload":1}"#)?.detail.contains("tst") == true)
    }

    /// An empty one takes a retained message away.
    @Test(arguments: ["", "{}", #"{"status":"en_route"}"#]) func `what replay writes is read`(_ payload: String) throws
    {
        var written: [UInt8] = []
        written.appendReplayLine(
            time_ms: 1_795_162_530_250, topic: Array("fleets/a/state/stops/\"S\"".utf8)[...],
            payload: Array(payload.utf8)[...], isRetained: true)
        let line = try CaptureLine(written.span)
        #expect(line.time_ms == 1_795_162_530_250)
        #expect(line.topic == Array("fleets/a/state/stops/\"S\"".utf8))
        #expect(line.payload == Array(payload.utf8))
        #expect(line.isRetained)
    }

    @Test func `payloads as strings, values and null`() throws {
        func payload(_ text: String) throws -> String {
            String(decoding: try parse(#"{"topic":"t","payload":\#(text)}"#).payload, as: UTF8.self)
        }
        #expect(try payload(#""{\"a\": 1}""#) == #"{"a": 1}"#)
        #expect(try payload(#""\n\t\r\b\f\/\\\"\u00e9""#) == "\n\t\r\u{8}\u{c}/\\\"é")
        #expect(try payload("null") == "")
        #expect(try payload(#""null""#) == "null")
        #expect(try payload("nope") == "nope")
        #expect(try payload("online") == "online")
        #expect(try payload("1e5") == "1e5")
        #expect(try payload(#"  [ 1 , { "a" : "]" } ]  "#) == #"[ 1 , { "a" : "]" } ]"#)
        #expect(try payload(#""\ud83d""#) == "\u{FFFD}")
        #expect(try payload(#""\ud83d\u0041""#) == "\u{FFFD}A")
        #expect(try payload(#""\u12""#) == #"\u12"#)
        #expect(try payload(#""\x""#) == #"\x"#)
        #expect(try payload(#""""#) == "")
    }

    @Test func `bytes that are not UTF-8 come through as they are`() throws {
        var bytes = Array(#"{"topic":"t","payload":""#.utf8)
        bytes += [0xC3, 0x28, 0xFF, 0x00]
        bytes += Array(#""}"#.utf8)
        #expect(try CaptureLine(bytes.span).payload == [0xC3, 0x28, 0xFF, 0x00])
    }

    @Test(arguments: [
        "", " ", "x", "[]", "{", "{}", #"{"topic":"t"}"#, #"{"payload":1}"#, #"{"topic":1,"payload":1}"#,
        #"{"topic":"t","payload":1} x"#, #"{"topic":"t","payload":1,}"#, #"{"topic" "t","payload":1}"#,
        #"{"topic":"t","payload":}"#, #"{"topic":"t","payload":[}"#, #"{"topic":"t","payload":"\"#, "\"",
    ]) func `lines that are none`(_ text: String) throws {
        let found = try #require(fault(text))
        #expect(!found.detail.isEmpty)
        #expect((0...text.utf8.count).contains(found.offset))
    }

    @Test func `every truncation is a fault, and none a crash`() throws {
        let bytes = Array(Self.full.utf8)
        for length in 0..<bytes.count {
            let piece = Array(bytes[..<length])
            #expect(throws: CaptureLine.Fault.self, "\(length) bytes") { _ = try CaptureLine(piece.span) }
        }
    }

    @Test func `random bytes and random changes never crash`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        let alphabet = Array(#"{}[]":,\u0a1eTZ+-. ntf"#.utf8) + [0, 0x1F, 0x80, 0xC3, 0xFF]
        for round in 0..<20_000 {
            var bytes: [UInt8]
            if round.isMultiple(of: 2) {
                bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                    alphabet.randomElement(using: &random) ?? 0
                }
            } else {
                bytes = Array(Self.full.utf8)
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[place] = alphabet.randomElement(using: &random) ?? 0
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: place)
                    }
                }
            }
            do { _ = try CaptureLine(bytes.span) } catch {
                #expect((0...bytes.count).contains(error.offset), "seed \(seed), round \(round): \(error)")
            }
        }
    }

    @Test func `what Foundation reads, this reads alike`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for round in 0..<2000 {
            let payload = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...20, using: &random)).map { _ in
                        Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) ?? "\"" as Unicode.Scalar
                    }))
            let object: [String: Any] = ["topic": "t/\(round)", "payload": payload, "tst": round]
            let json = try JSONSerialization.data(withJSONObject: object)
            let line = try CaptureLine(Array(json).span)
            #expect(line.payload == Array(payload.utf8), "seed \(seed), round \(round)")
            #expect(line.topic == Array("t/\(round)".utf8))
            #expect(line.time_ms == Int64(round) * 1000)
        }
    }
}
