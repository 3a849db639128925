import TestSupport

/// Random JSON texts: every form of the grammar, with whitespace, escapes and numbers at the edges.
struct RandomJSON {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func document() -> [UInt8] {
        var text: [UInt8] = []
        appendSpace(&text)
        appendValue(&text, depth: 0)
        appendSpace(&text)
        return text
    }

    /// The document with one to three random edits: it may be valid still.
    mutating func mutated(_ document: [UInt8]) -> [UInt8] {
        var text = document
        for _ in 0..<pick(1...3) {
            guard !text.isEmpty else { return text }
            let index = pick(0...text.count - 1)
            switch pick(0...5) {
            case 0: text[index] = UInt8(pick(0...255))
            case 1: text.remove(at: index)
            case 2: text.insert(Array("{}[],:\"\\0-.eE+ tfnu".utf8).randomElement(using: &random)!, at: index)
            case 3: text[index] ^= 1 << UInt8(pick(0...7))
            case 4: text.removeSubrange(index...)
            default: text.insert(contentsOf: text[index..<min(index + pick(1...6), text.count)], at: index)
            }
        }
        return text
    }

    mutating func number() -> String {
        switch pick(0...9) {
        case 0: return "\(pick(-10...10))"
        case 1: return "\(Int64(truncatingIfNeeded: random.next()))"
        case 2: return "-0"
        case 3: return "\(Double(bitPattern: random.next() & 0x7FEF_FFFF_FFFF_FFFF))"
        case 4: return "-\(pick(0...180)).\(pick(0...9_999_999))"
        case 5: return "\(pick(0...9))E+\(pick(0...30))"
        case 6: return "\(digits(pick(1...30))).\(digits(pick(1...30), mayLeadWithZero: true))"
        case 7: return "\(pick(0...999)).\(pick(0...999))e-\(pick(0...330))"
        case 8: return "0.\(digits(pick(1...25), mayLeadWithZero: true))e\(pick(-300...300))"
        default: return digits(pick(15...25))
        }
    }

    private mutating func digits(_ count: Int, mayLeadWithZero: Bool = false) -> String {
        var text = ""
        for index in 0..<count {
            let lowest = index == 0 && !mayLeadWithZero ? 1 : 0
            text += "\(pick(lowest...9))"
        }
        return text
    }

    private mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    private mutating func appendSpace(_ text: inout [UInt8]) {
        while pick(0...5) == 0 { text.append([0x20, 0x09, 0x0A, 0x0D][pick(0...3)]) }
    }

    private mutating func appendValue(_ text: inout [UInt8], depth: Int) {
        switch pick(0...(depth < 6 ? 9 : 6)) {
        case 0: text += Array("null".utf8)
        case 1: text += Array((pick(0...1) == 0 ? "true" : "false").utf8)
        case 2, 3, 4: text += Array(number().utf8)
        case 5, 6: appendString(&text)
        case 7, 8: appendContainer(&text, depth: depth, isObject: true)
        default: appendContainer(&text, depth: depth, isObject: false)
        }
    }

    private mutating func appendContainer(_ text: inout [UInt8], depth: Int, isObject: Bool) {
        text.append(UInt8(ascii: isObject ? "{" : "["))
        let count = pick(0...4)
        for index in 0..<count {
            appendSpace(&text)
            if isObject {
                // A number in front keeps keys apart: which of two equal keys counts is tested elsewhere.
                text += Array("\"\(index)".utf8)
                appendStringContent(&text)
                text.append(UInt8(ascii: "\""))
                appendSpace(&text)
                text.append(UInt8(ascii: ":"))
                appendSpace(&text)
            }
            appendValue(&text, depth: depth + 1)
            appendSpace(&text)
            if index < count - 1 { text.append(UInt8(ascii: ",")) }
        }
        appendSpace(&text)
        text.append(UInt8(ascii: isObject ? "}" : "]"))
    }

    private mutating func appendString(_ text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        appendStringContent(&text)
        text.append(UInt8(ascii: "\""))
    }

    private mutating func appendStringContent(_ text: inout [UInt8]) {
        let pieces = [
            "a", "telemetry", " ", "/", "é", "瓦斯", "🚚", "\u{7f}", "\u{10ffff}", "\u{800}", #"\""#, #"\\"#, #"\/"#,
            #"\b\f\n\r\t"#, #"\u0041"#, #"\u7535"#, #"\ud83d\ude9a"#, #"\uD83D\uDE9A"#, #"\u0000"#, #"\uffff"#,
        ]
        while pick(0...2) > 0 { text += Array(pieces[pick(0...pieces.count - 1)].utf8) }
    }
}
