import TestSupport
import Testing

@testable import FleetCore

/// Against 3GPP TS 23.038 (alphabets) and 23.040 (divided messages).
@Suite struct `The length of a message` {
    /// The table of section 6.2.1, its columns one after another: eight of sixteen codes. 0x1B is the escape.
    static let standard: [[String]] = [
        ["@", "£", "$", "¥", "è", "é", "ù", "ì", "ò", "Ç", "\n", "Ø", "ø", "\r", "Å", "å"],
        ["Δ", "_", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ", "\u{1B}", "Æ", "æ", "ß", "É"],
        [" ", "!", "\"", "#", "¤", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/"],
        ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", ":", ";", "<", "=", ">", "?"],
        ["¡", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O"],
        ["P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z", "Ä", "Ö", "Ñ", "Ü", "§"],
        ["¿", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"],
        ["p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "ä", "ö", "ñ", "ü", "à"],
    ]
    /// Section 6.2.1.1.
    static let extensions: [UInt8: String] = [
        0x0A: "\u{0C}", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~", 0x3E: "]", 0x40: "|",
        0x65: "€",
    ]

    @Test func `the alphabets are the standard's, and nothing else is in them`() {
        let alphabet = Self.standard.flatMap { $0 }.flatMap { Array($0.unicodeScalars) }
        #expect(alphabet.count == 128 && alphabet == GSM7.alphabet)
        let extended = Dictionary(uniqueKeysWithValues: GSM7.extensions.map { ($0.code, String($0.scalar)) })
        #expect(extended == Self.extensions)
        let two = Set(Self.extensions.values.flatMap { Array($0.unicodeScalars) })
        let one = Set(alphabet).subtracting(["\u{1B}"])
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let expected = one.contains(scalar) ? 1 : two.contains(scalar) ? 2 : 0
            if GSM7.septets(of: scalar) != expected { Issue.record("U+\(String(value, radix: 16)): not \(expected)") }
        }
    }

    @Test(arguments: [
        ("", MessageEncoding.gsm7, 0, 1),
        (String(repeating: "a", count: 160), .gsm7, 160, 1),
        (String(repeating: "a", count: 161), .gsm7, 161, 2),
        (String(repeating: "a", count: 306), .gsm7, 306, 2),
        (String(repeating: "a", count: 307), .gsm7, 307, 3),
        (String(repeating: "€", count: 80), .gsm7, 160, 1),
        (String(repeating: "a", count: 159) + "€", .gsm7, 161, 2),
        // The escape would be the 153rd septet: the euro goes into the second part, one septet stays empty.
        (String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 151), .gsm7, 305, 2),
        (String(repeating: "a", count: 152) + "€" + String(repeating: "a", count: 152), .gsm7, 306, 3),
        (String(repeating: "中", count: 70), .ucs2, 70, 1),
        (String(repeating: "中", count: 71), .ucs2, 71, 2),
        (String(repeating: "中", count: 134), .ucs2, 134, 2),
        (String(repeating: "中", count: 135), .ucs2, 135, 3),
        ("🛢", .ucs2, 2, 1),
        (String(repeating: "中", count: 68) + "🛢", .ucs2, 70, 1),
        // A pair is not divided: 66 and the pair's two do not fit into 67.
        (String(repeating: "中", count: 66) + "🛢" + String(repeating: "中", count: 65), .ucs2, 133, 2),
        (String(repeating: "中", count: 66) + "🛢" + String(repeating: "中", count: 66), .ucs2, 134, 3),
        // One character beyond the alphabet turns all into UCS-2.
        (String(repeating: "a", count: 70) + "…", .ucs2, 71, 2), ("`", .ucs2, 1, 1), ("ç", .ucs2, 1, 1),
        ("Ç", .gsm7, 1, 1), ("e\u{301}", .ucs2, 2, 1), ("é", .gsm7, 1, 1), ("\t", .ucs2, 1, 1),
    ])
    func `counts as phones do`(text: String, encoding: MessageEncoding, units: Int, segments: Int) {
        let length = MessageLength(text)
        #expect(length.encoding == encoding && length.units == units && length.segments == segments, "\(length)")
    }

    @Test func `agrees with a division into parts, letter by letter`() {
        for seed in seeds(200) {
            var random = SplitMix64(seed: seed)
            let alphabet = Array(seed % 2 == 0 ? "aZ09 @é€^{~\n" : "aé中華🛢👨‍👩‍👧…€")
            var text = ""
            for _ in 0..<Int.random(in: 0...400, using: &random) {
                text.append(alphabet.randomElement(using: &random) ?? "a")
            }
            let length = MessageLength(text)
            let isUCS2 = text.unicodeScalars.contains { GSM7.septets(of: $0) == 0 }
            var parts: [Int] = [0]
            for scalar in text.unicodeScalars {
                let width = isUCS2 ? String(scalar).utf16.count : GSM7.septets(of: scalar)
                if parts[parts.count - 1] + width > (isUCS2 ? 67 : 153) { parts.append(0) }
                parts[parts.count - 1] += width
            }
            let total = parts.reduce(0, +)
            #expect(length.units == total, "seed \(seed)")
            #expect(length.segments == (total <= (isUCS2 ? 70 : 160) ? 1 : parts.count), "seed \(seed)")
        }
    }

    @Test(arguments: [
        ("王小明", 3, "王小明"), ("王小明", 2, "王…"), ("王小明", 1, "…"), ("王小明", 0, ""), ("", 0, ""),
        ("🛢🛢🛢", 6, "🛢🛢🛢"), ("🛢🛢🛢", 5, "🛢🛢…"), ("🛢🛢🛢", 4, "🛢…"), ("🛢🛢", 2, "…"),
        ("👨‍👩‍👧x", 8, "…"), ("👨‍👩‍👧xy", 9, "👨‍👩‍👧…"), ("e\u{301}e\u{301}e\u{301}", 4, "e\u{301}…"),
    ])
    func `values are cut between characters`(text: String, limit: Int, expected: String) {
        let cut = text.cut(toUTF16: limit)
        #expect(Array(cut.utf16) == Array(expected.utf16) && cut.utf16.count <= limit)
    }

    @Test(arguments: [
        ("  a \n b\t", "a b"), ("a\u{202E}b", "a b"), ("\u{3000}王\u{3000}明\r\n", "王 明"), ("", ""), (" \n", ""),
    ])
    func `values stand on one line`(text: String, expected: String) { #expect(text.onOneLine == expected) }
}
