import Geo
import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `The rules of messages` {
    private static func read(_ json: [UInt8]) -> MessageRules? { MessageRules(json: json.span) }

    @Test func `come back from JSON as they were`() throws {
        var rules = MessageRules.sample
        rules[.arriving].isEnabled = false
        rules[.failed].expiry_s = 77
        rules[.delivered].priority = .emergency
        rules.quietHours = DayHours("22:30-24:00")
        rules.rate_per_min = 30
        rules.burst = 7
        rules.link = "https://a.example/{order}"
        let read = try #require(Self.read(rules.json()))
        #expect(read == rules && read.languages.map(\.tag) == ["en", "zh-Hant-TW"])
        rules.quietHours = nil
        #expect(try #require(Self.read(rules.json())).quietHours == nil)
        #expect(Self.read(Array("[]".utf8)) == nil && Self.read(Array("{".utf8)) == nil)
    }

    @Test func `two spellings of one letter are two texts`() throws {
        var one = MessageRules.sample
        var other = one
        var language = MessageLanguage(tag: "fr")
        language.texts[.arrived] = try MessageTemplate("\u{E9}")
        one.set(language)
        language.texts[.arrived] = try MessageTemplate("e\u{301}")
        other.set(language)
        #expect(one != other)
    }

    @Test func `hostile JSON gives rules that can be used`() throws {
        for seed in seeds(300) {
            var random = SplitMix64(seed: seed)
            var bytes = MessageRules.sample.json()
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            guard let rules = Self.read(bytes) else { continue }
            #expect((1..<rules.rate_per_min).contains(rules.burst) && rules.queue_max > 0, "seed \(seed)")
            var desk = MessageDesk(fleet: [], rules: rules)
            _ = desk.offer(.sample(.arriving, at: 0), recipient: .sample, now_ms: 0)
        }
    }

    @Test(arguments: [
        ("zh-Hant-TW", "zh-Hant-TW"), ("ZH_hant_tw", "zh-Hant-TW"), ("zh", "zh-Hant-TW"), ("zh-HK", "zh-Hant-TW"),
        ("en", "en"), ("en-GB", "en"), ("ja", "zh-Hant-TW"), ("", "zh-Hant-TW"), ("e", "zh-Hant-TW"),
    ])
    func `a language is found by its tag, its first part, or the default`(asked: String, expected: String) {
        #expect(MessageRules.sample.language(for: asked, kind: .arriving)?.tag == expected)
    }

    @Test func `a language without a text for a kind is passed over`() throws {
        var rules = MessageRules.sample
        #expect(rules.language(for: "en", kind: .scheduled)?.tag == "zh-Hant-TW")
        rules.language = "en"
        #expect(rules.language(for: "ja", kind: .scheduled) == nil)
    }

    @Test(arguments: [
        ("{eta", 0, MessageTemplate.Fault.Problem.openBrace), ("a{b{c}", 1, .openBrace), ("a}", 1, .strayBrace),
        ("中{what}", 1, .unknownPlaceholder("what")), ("{}", 0, .unknownPlaceholder("")), ("", 0, .empty),
        ("{ eta}", 0, .unknownPlaceholder(" eta")), ("a\nb", 1, .controlCharacter),
    ])
    func `a template says where it is wrong`(text: String, offset: Int, problem: MessageTemplate.Fault.Problem) {
        #expect(throws: MessageTemplate.Fault(offset: offset, problem: problem)) { try MessageTemplate(text) }
    }

    @Test func `the worst case counts UTF-16 units, and wants every length`() throws {
        let template = try MessageTemplate("🛢{order}於{eta}{order}")
        #expect(template.worstCase { ["order": 12, "eta": 5][$0.name] } == 2 + 12 + 1 + 5 + 12)
        #expect(template.worstCase { ["eta": 5][$0.name] } == nil)
        #expect(template.placeholders == [.order, .eta, .order])
    }

    @Test func `receipts are read, and what is none is refused with its place`() throws {
        func read(_ text: String) throws(MessageReceipt.Fault) -> MessageReceipt {
            let bytes = Array(text.utf8)
            return try MessageReceipt(json: bytes.span)
        }
        let receipt = try read(
            #"{"status":"failed","code":30005,"time":"2026-11-20T08:00:00+08:00","provider_id":"SM1","x":[1]}"#)
        #expect(receipt.status == .failed && receipt.code == Array("30005".utf8))
        #expect(receipt.time_ms == 1_795_132_800_000 && receipt.providerID == Array("SM1".utf8))
        #expect(try read(String(decoding: receipt.json(), as: UTF8.self)) == receipt)
        #expect(try read(#"{"status":"delivered","code":null,"time":5}"#).time_ms == 5)
        for (text, offset) in [
            (#"{"status":"gone"}"#, 10), ("{}", 0), ("[]", 0), ("", 0), (#"{"status":"sent","code":[]}"#, 24),
            (#"{"status":"sent","time":"x"}"#, 24), (#"{"status":"sent","time":1e300}"#, 24),
        ] {
            let fault = #expect(throws: MessageReceipt.Fault.self) { _ = try read(text) }
            #expect(fault?.offset == offset, "\(text)")
        }
    }

    @Test func `ids are read from 32 hexadecimal digits`() {
        #expect(Hash128(hex: "00112233445566778899aAbBcCdDeEfF".utf8)?.high == 0x0011_2233_4455_6677)
        #expect(Hash128(hex: "00112233445566778899aAbBcCdDeEfF".utf8)?.low == 0x8899_AABB_CCDD_EEFF)
        for text in ["", "0", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefg"] {
            #expect(Hash128(hex: text.utf8) == nil)
        }
    }
}
