/// How the text of a message is coded on the way to a phone.
package enum MessageEncoding: String, Sendable, CaseIterable {
    /// Seven bits a character: the default alphabet and its extension table.
    case gsm7
    /// Sixteen bits a character, in fact UTF-16.
    case ucs2

    /// Units in a message that is not divided.
    package var single: Int { self == .gsm7 ? 160 : 70 }
    /// Units in each part of a divided one: a header of six bytes says which part it is (3GPP TS 23.040, 9.2.3.24.1).
    package var part: Int { self == .gsm7 ? 153 : 67 }
}

/// How long a text is as a message, and in how many parts it is sent and paid for.
package struct MessageLength: Sendable, Equatable {
    /// GSM-7 where it has every character of the text, else UCS-2.
    package var encoding: MessageEncoding
    /// Septets of GSM-7, those of escapes included, or UTF-16 units.
    package var units: Int
    /// 1 for an empty text too.
    package var segments: Int

    /// Measures a text. O(its length).
    ///
    /// What takes two units (an escaped character, a surrogate pair) is not divided between two parts, so a part may be
    /// left with one unit empty.
    package init(_ text: String) {
        let widths = text.unicodeScalars.map(GSM7.septets)
        if widths.contains(0) {
            self.init(.ucs2, widths: text.unicodeScalars.lazy.map { $0.value > 0xFFFF ? 2 : 1 })
        } else {
            self.init(.gsm7, widths: widths)
        }
    }

    private init(_ encoding: MessageEncoding, widths: some Sequence<Int>) {
        self.encoding = encoding
        units = 0
        var parts = 1
        var inPart = 0
        for width in widths {
            units += width
            if inPart + width > encoding.part {
                parts += 1
                inPart = 0
            }
            inPart += width
        }
        segments = units <= encoding.single ? 1 : parts
    }
}

extension String {
    /// The text with at most `limit` UTF-16 units: cut between two characters as people see them, with an ellipsis in
    /// place of what is left out. Empty where not even the ellipsis has room.
    package func cut(toUTF16 limit: Int) -> String {
        if utf16.count <= limit { return self }
        guard limit > 0 else { return "" }
        var kept = ""
        var units = 0
        for character in self {
            let width = character.utf16.count
            if units + width > limit - 1 { break }
            kept.append(character)
            units += width
        }
        return kept + "…"
    }

    /// The text on one line, as a value within a message: each run of white space and of characters that command a
    /// terminal or turn the direction of writing is one space, none at the ends.
    package var onOneLine: String {
        var line = String.UnicodeScalarView()
        var isGap = false
        for scalar in unicodeScalars {
            let isDropped =
                switch scalar.value {
                case 0...0x20, 0x7F...0xA0, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0x3000,
                    0xFEFF:
                    true
                default: false
                }
            if isDropped {
                isGap = !line.isEmpty
            } else {
                if isGap { line.append(" ") }
                isGap = false
                line.append(scalar)
            }
        }
        return String(line)
    }
}
