/// How many columns of a terminal a character takes.
///
/// East Asian wide and fullwidth characters (Unicode Standard Annex #11) and emoji take two, combining marks and joiners
/// none. Ambiguous ones, such as Greek, take one, as terminals outside East Asian legacy encodings show them.
enum DisplayWidth {
    /// First and last scalar of the ranges that are two columns wide; unassigned scalars between wide ones count with them.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0, 0x23F3...0x23F3,
        0x25FD...0x25FE, 0x2614...0x2615, 0x2630...0x2637, 0x2648...0x2653, 0x267F...0x267F, 0x268A...0x268F,
        0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5, 0x26CE...0x26CE,
        0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5, 0x26FA...0x26FA, 0x26FD...0x26FD,
        0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728, 0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755,
        0x2757...0x2757, 0x2795...0x2797, 0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50,
        0x2B55...0x2B55, 0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x16FFF, 0x17000...0x18CFF, 0x18D00...0x18D8F, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376,
        0x1F004...0x1F004,
        0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A, 0x1F1E6...0x1F1FF, 0x1F200...0x1F320,
        0x1F32D...0x1F335,
        0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
        0x1F3F4...0x1F3F4,
        0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC, 0x1F4FF...0x1F53D, 0x1F54B...0x1F54E,
        0x1F550...0x1F567,
        0x1F57A...0x1F57A, 0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5,
        0x1F6CC...0x1F6CC,
        0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EF, 0x1F6F4...0x1F6FF, 0x1F7E0...0x1F7EB,
        0x1F7F0...0x1F7F0,
        0x1F90C...0x1F93A, 0x1F93C...0x1F945, 0x1F947...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x2FFFD,
        0x30000...0x3FFFD,
    ]

    /// Columns of one scalar by itself.
    static func columns(of scalar: Unicode.Scalar) -> Int {
        // ASCII first: nearly all of a screen is.
        if scalar.value < 0x300 { return scalar.value == 0xAD ? 0 : 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Medial vowels and final consonants of Hangul join the syllable before them.
        if (0x1160...0x11FF).contains(scalar.value) { return 0 }
        return isWide(scalar.value) ? 2 : 1
    }

    /// Columns of a grapheme cluster: those of its widest scalar; two where it asks to be shown as an emoji.
    static func columns(of character: Character) -> Int {
        var result = 0
        for scalar in character.unicodeScalars {
            result = max(result, scalar.value == 0xFE0F ? 2 : columns(of: scalar))
        }
        return result
    }

    /// Columns of a text without control characters. O(length).
    static func columns(of text: String) -> Int {
        text.reduce(0) { $0 + columns(of: $1) }
    }

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if wide[middle].upperBound < value { low = middle + 1 } else { high = middle }
        }
        return low < wide.count && wide[low].contains(value)
    }

    /// The text in exactly `width` columns: cut, with an ellipsis for what is missing, or padded with spaces at its end.
    /// Control characters, which a hostile name could steer the terminal with, become U+FFFD.
    static func fitted(_ text: String, to width: Int) -> String {
        let cut = truncated(text, to: width)
        return cut + String(repeating: " ", count: max(0, width - columns(of: cut)))
    }

    /// The text in at most `width` columns, as `fitted` but without padding.
    static func truncated(_ text: String, to width: Int) -> String {
        guard width > 0 else { return "" }
        var result = ""
        var used = 0
        // Where to cut if an ellipsis is needed: the longest prefix of at most width − 1 columns.
        var cut = ""
        for character in harmless(text) {
            let columns = columns(of: character)
            if used + columns > width { return cut + "…" }
            result.append(character)
            used += columns
            if used <= width - 1 { cut = result }
        }
        return result
    }

    /// A cluster longer than this is no letter of any language, but an attempt to cover the lines around it with marks.
    private static let clusterScalars_max = 16

    private static func harmless(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for character in text {
            for scalar in character.unicodeScalars.prefix(clusterScalars_max) {
                result.append(isControl(scalar) ? "\u{FFFD}" : scalar)
            }
        }
        return String(result)
    }
}
