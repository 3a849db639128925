import Wire

/// What a customer's link is about: one stop of one fleet.
package struct LinkSubject: Sendable, Hashable {
    package var fleet: [UInt8]
    package var stop: [UInt8]

    package init(fleet: [UInt8], stop: [UInt8]) {
        self.fleet = fleet
        self.stop = stop
    }

    /// Leads from a token to the few stops that it may be of. It proves nothing: the code behind it does.
    package var finder: UInt32 { UInt32(truncatingIfNeeded: Hash128(Self.framed(fleet) + Self.framed(stop)).low) }

    /// With its length before it, so that no two pairs of ids give the same bytes.
    static func framed(_ id: [UInt8]) -> [UInt8] {
        let count = UInt32(clamping: id.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) } + id
    }
}

/// A customer's token, taken apart; nothing of it is proved yet.
///
///     byte 0        1: the version of this form
///     bytes 1–3     when it ends, in units of ten minutes since 1970 UTC
///     bytes 4–7     `LinkSubject.finder`
///     bytes 8–23    HMAC-SHA256 over a label, bytes 0–7, fleet and stop, cut to 128 bits
///
/// As text 32 characters of base64url: of a fixed length, because it stands in short messages, and without the ids, because
/// those are long and say how a company counts.
package struct LinkToken: Sendable {
    package static let length = 32
    /// A token ends at a multiple of this.
    package static let step_ms: Int64 = 600_000
    /// The last moment at which a token can end; in the year 2288.
    package static let latest_ms = Int64((1 << 24) - 1) * step_ms

    static let version: UInt8 = 1
    private static let headCount = 8
    /// Keeps these codes apart from whatever else the same key may come to sign.
    private static let label = Array("fleetstream customer link\u{0}".utf8)

    package let expires_ms: Int64
    package let finder: UInt32
    let head: [UInt8]
    let code: [UInt8]

    /// Nil for whatever is not of the form.
    package init?(_ text: some Collection<UInt8>) {
        guard text.count == Self.length, let bytes = Base64URL.bytes(text), bytes[0] == Self.version else { return nil }
        head = Array(bytes[..<Self.headCount])
        code = Array(bytes[Self.headCount...])
        expires_ms = Int64(UInt32(bytes[1]) << 16 | UInt32(bytes[2]) << 8 | UInt32(bytes[3])) * Self.step_ms
        finder = bytes[4..<8].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The first bytes of a token that is good until `expires_ms`, rounded up to the next step and kept within what can be
    /// written.
    static func head(of subject: LinkSubject, expires_ms: Int64) -> [UInt8] {
        let expires_ms = min(max(expires_ms, 0), latest_ms)
        let steps = UInt32((expires_ms + step_ms - 1) / step_ms)
        let finder = subject.finder
        return [version] + [16, 8, 0].map { UInt8(truncatingIfNeeded: steps >> $0) }
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: finder >> $0) }
    }

    /// What is signed.
    static func signed(_ head: [UInt8], _ subject: LinkSubject) -> [UInt8] {
        label + head + LinkSubject.framed(subject.fleet) + LinkSubject.framed(subject.stop)
    }
}
