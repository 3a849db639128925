/// The default alphabet of mobile networks and its extension table: 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1.
package enum GSM7 {
    /// The default alphabet in the order of its codes, 0x00…0x7F; 0x1B is the escape to the extension table.
    package static let alphabet: [Unicode.Scalar] = Array(
        "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\u{1B}ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
            .unicodeScalars)

    /// The extension table: what is sent as an escape and a second code.
    package static let extensions: [(code: UInt8, scalar: Unicode.Scalar)] = [
        (0x0A, "\u{0C}"), (0x14, "^"), (0x28, "{"), (0x29, "}"), (0x2F, "\\"), (0x3C, "["), (0x3D, "~"), (0x3E, "]"),
        (0x40, "|"), (0x65, "€"),
    ]

    /// How many septets a character takes: 1, 2 with its escape, or 0 where the alphabet lacks it. O(1).
    package static func septets(of scalar: Unicode.Scalar) -> Int {
        switch scalar.value {
        // Control characters, less those that the alphabet has; 0x1B is no character.
        case 0x0A, 0x0D: 1
        case 0x0C: 2
        case 0..<0x20, 0x60: 0
        case 0x5B...0x5E, 0x7B...0x7E: 2
        case 0x20...0x7A: 1
        case 0x20AC: 2
        default: others.contains(scalar.value) ? 1 : 0
        }
    }

    /// What the alphabet has beyond ASCII.
    private static let others: Set<UInt32> = Set(alphabet.lazy.map(\.value).filter { $0 > 0x7F })
}
