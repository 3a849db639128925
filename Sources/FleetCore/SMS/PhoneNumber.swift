/// A telephone number in the form of E.164: `+`, a country, and at most 15 digits.
package enum PhoneNumber {
    /// Whether it is `^\+[1-9][0-9]{1,14}$`.
    package static func isValid(_ number: some Collection<UInt8>) -> Bool {
        guard number.first == UInt8(ascii: "+"), (3...16).contains(number.count) else { return false }
        let digits = number.dropFirst()
        return digits.first != UInt8(ascii: "0") && digits.allSatisfy(isDigit)
    }

    /// The number as logs and events show it: enough to recognise, too little to call. Of a number with eleven characters or
    /// more the first five and the last three remain (`+8869••••678`), of a shorter one the first two; of what is no number,
    /// nothing. How many characters the dots stand for is not to be seen.
    package static func masked(_ number: some Collection<UInt8>) -> String {
        guard isValid(number) else { return dots }
        func text(_ part: some Sequence<UInt8>) -> String { String(decoding: Array(part), as: UTF8.self) }
        guard number.count >= 11 else { return text(number.prefix(2)) + dots }
        return text(number.prefix(5)) + dots + text(number.suffix(3))
    }

    /// The text with the numbers in it masked. O(its length).
    ///
    /// Taken for a number: `+` (or `%2B`, as in forms) and 7 to 15 digits, and ten digits that begin with 09, a mobile of
    /// Taiwan as people write it, where neither letter, digit nor a decimal point stands right beside them; spaces, hyphens
    /// and brackets between the digits are passed over; and in JSON all digits of a member `phone` or `to`. What is
    /// no number and looks like one (an order's id of that form) is masked too: better so than the other way round.
    package static func masking(_ text: some Collection<UInt8>) -> [UInt8] {
        let text = Array(text)
        guard text.contains(where: isDigit) else { return text }
        var masker = Masker(text: text)
        return masker.run()
    }

    package static func masking(_ text: String) -> String {
        String(decoding: masking(Array(text.utf8)), as: UTF8.self)
    }

    static let dots = "••••"

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

/// Goes over a text once and copies it, numbers aside.
private struct Masker {
    let text: [UInt8]
    private var out: [UInt8] = []
    private var position = 0

    init(text: [UInt8]) { self.text = text }

    mutating func run() -> [UInt8] {
        out.reserveCapacity(text.count)
        while position < text.count {
            if takeMember() || takeNumber() { continue }
            out.append(text[position])
            position += 1
        }
        return out
    }

    // MARK: - Numbers by their form

    private mutating func takeNumber() -> Bool {
        var start = position
        let isInternational: Bool
        if has("+", at: start) {
            isInternational = true
            start += 1
        } else if has("%2B", at: start) || has("%2b", at: start) {
            isInternational = true
            start += 3
        } else if has("09", at: start), position == 0 || !isWordLike(text[position - 1]) {
            isInternational = false
        } else {
            return false
        }
        guard let (digits, end) = digits(from: start, counts: isInternational ? 7...15 : 10...10) else { return false }
        if !isInternational, end < text.count, isWordLike(text[end]), text[end] != UInt8(ascii: ".") { return false }
        out += PhoneNumber.masked(isInternational ? [UInt8(ascii: "+")] + digits : []).utf8
        position = end
        return true
    }

    /// As many digits from a place on as may be, separators between them passed over, and where the last of them ends: at
    /// the end of a group. Nil where no number of groups has so many.
    private func digits(from start: Int, counts: ClosedRange<Int>) -> (digits: [UInt8], end: Int)? {
        var digits: [UInt8] = []
        var best: (digits: [UInt8], end: Int)?
        var index = start
        var gaps = 0
        while index < text.count, digits.count <= counts.upperBound {
            if PhoneNumber.isDigit(text[index]) {
                digits.append(text[index])
                gaps = 0
                let isGroupEnd = index + 1 == text.count || !PhoneNumber.isDigit(text[index + 1])
                if isGroupEnd, counts.contains(digits.count) { best = (digits, index + 1) }
            } else if " -()".utf8.contains(text[index]), gaps < 2 {
                gaps += 1
            } else {
                break
            }
            index += 1
        }
        return best
    }

    private func isWordLike(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }

    // MARK: - Numbers by their place

    /// `"phone":"…"` or `"to":"…"`, also within a text of JSON that has backslashes before its quotes.
    private mutating func takeMember() -> Bool {
        guard has("\"", at: position) else { return false }
        for name in ["phone", "to"] {
            var index = position + 1
            guard has(name, at: index) else { continue }
            index += name.utf8.count
            if has("\\", at: index) { index += 1 }
            guard has("\"", at: index) else { continue }
            index = skippingSpace(index + 1)
            guard has(":", at: index) else { continue }
            index = skippingSpace(index + 1)
            if has("\\", at: index) { index += 1 }
            guard has("\"", at: index) else { continue }
            index += 1
            let end = text[index...].firstIndex { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") } ?? text.count
            let value = text[index..<end]
            // `to` is the end of a span of time as well: `"to":"2026-11-20"`, `"to":"08:00"`.
            if name == "to", value.first != UInt8(ascii: "+"), value.first != UInt8(ascii: "0") { return false }
            let digits = value.filter(PhoneNumber.isDigit)
            guard digits.count >= 6, value.allSatisfy({ PhoneNumber.isDigit($0) || "+-() ".utf8.contains($0) }) else {
                return false
            }
            out += text[position..<index]
            out += PhoneNumber.masked(value).utf8
            position = end
            return true
        }
        return false
    }

    private func skippingSpace(_ start: Int) -> Int {
        var index = start
        while index < text.count, " \t\r\n".utf8.contains(text[index]) { index += 1 }
        return index
    }

    private func has(_ word: String, at start: Int) -> Bool {
        text[min(start, text.count)...].starts(with: word.utf8)
    }
}
