/// Bytes in the letters that a URL takes as they are (RFC 4648, section 5), without padding. Only whole groups: three bytes
/// are four characters, so that every text stands for other bytes.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// - Parameter bytes: a multiple of three.
    static func text(_ bytes: [UInt8]) -> String {
        precondition(bytes.count.isMultiple(of: 3), "Base64URL: bytes that are no whole groups")
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count / 3 * 4)
        for index in stride(from: 0, to: bytes.count, by: 3) {
            let group = UInt32(bytes[index]) << 16 | UInt32(bytes[index + 1]) << 8 | UInt32(bytes[index + 2])
            for shift in [18, 12, 6, 0] as [UInt32] { out.append(alphabet[Int(group >> shift & 63)]) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Nil where a character is none of the 64, or the text has no whole groups.
    static func bytes(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        for (index, character) in text.enumerated() {
            guard let value = value(character) else { return nil }
            group = group << 6 | value
            guard index % 4 == 3 else { continue }
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            out.append(UInt8(truncatingIfNeeded: group >> 8))
            out.append(UInt8(truncatingIfNeeded: group))
            group = 0
        }
        return out
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
