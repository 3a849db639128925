import Testing
import Wire

@testable import FleetCore

@Suite struct `The link in a message` {
    private func desk(_ link: String, length: Int) throws -> MessageDesk {
        var rules = MessageRules()
        rules.link = link
        rules.quietHours = nil
        var language = MessageLanguage(tag: "zh-Hant-TW")
        language.lengths = [.link: length]
        for kind in MessageKind.allCases { language.texts[kind] = try MessageTemplate("已出發 {link}") }
        rules.set(language)
        return MessageDesk(fleet: Array("demo".utf8), rules: rules)
    }

    private func text(_ link: String, stop: String? = "S-1", length: Int = 60) throws -> SeenMessage {
        var desk = try desk(link, length: length)
        var occasion = MessageOccasion.sample(.outForDelivery, at: noon_ms)
        if stop == nil { occasion.stop = nil }
        return try #require(desk.offer(occasion, recipient: .sample, now_ms: noon_ms).seen.first { $0.isRequest })
    }

    @Test func `has room for a token, of the characters and the length that a token has`() throws {
        let placeholder = MessageLink.placeholder
        #expect(placeholder.utf16.count == 32)
        #expect(MessageLength(placeholder).encoding == .gsm7 && MessageLength(placeholder).units == 32)
        let letters = placeholder.utf8.allSatisfy { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || byte == UInt8(ascii: "-")
        }
        #expect(letters)
        let message = try text("https://gas.example/t/{token}")
        #expect(message.text == "已出發 https://gas.example/t/\(placeholder)")
        #expect(message["segments"] == "1")
    }

    @Test func `has ids where it asks for them`() throws {
        #expect(try text("https://gas.example/{order}/{stop}").text == "已出發 https://gas.example/O-1/S-1")
        #expect(try text("").text == "已出發 ")
    }

    @Test func `is left out where it is of no stop, or too long`() throws {
        #expect(try text("https://gas.example/t/{token}", stop: nil).text == "已出發 ")
        #expect(try text("https://gas.example/t/{token}", length: 53).text == "已出發 ")
        #expect(try text("https://gas.example/t/{token}", length: 54).text.hasSuffix("HERE"))
    }

    @Test func `is always as long where it has a token and no ids`() {
        #expect(MessageLink.length("https://gas.example/t/{token}") == 54)
        #expect(MessageLink.length("https://gas.example/t/{token}?o={order}") == nil)
        #expect(MessageLink.length("https://gas.example/{stop}") == nil)
        #expect(MessageLink.length("") == nil)
    }
}
