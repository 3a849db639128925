/// The address of a page about a delivery, `{link}` of a message. `{order}`, `{stop}` and `{token}` in it are replaced.
///
/// A token is signed, and the engine knows no keys: it writes as many characters in its place, and whoever takes its
/// requests out of it puts the token there (`MessageLinks`). So what a message says, how long it is and which id it has do
/// not depend on the keys, and a replay without them decides the same.
package enum MessageLink {
    package static let token = "{token}"
    /// As long as a token, of characters that take the same room in a message, and no token itself.
    package static let placeholder = "FLEETSTREAM-LINK-TOKEN-GOES-HERE"

    /// UTF-16 units of a link that is equally long for all deliveries; nil where there is none, or its length depends on ids.
    package static func length(_ link: String) -> Int? {
        guard link.contains(token), !link.contains("{order}"), !link.contains("{stop}") else { return nil }
        return link.replacing(token, with: placeholder).utf16.count
    }

    /// The link of a message; nil where there is none, or it is of a stop and the message is not.
    static func text(_ link: String, _ occasion: MessageOccasion) -> String? {
        guard !link.isEmpty else { return nil }
        if occasion.stop == nil, link.contains(token) { return nil }
        return link.replacing("{order}", with: escaped(occasion.order))
            .replacing("{stop}", with: escaped(occasion.stop))
            .replacing(token, with: placeholder)
    }

    /// As it may stand in a URL.
    private static func escaped(_ id: DispatchID?) -> String {
        var out = ""
        for byte in id?.bytes ?? [] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }
}
