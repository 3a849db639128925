/// The keys of customers' links: a file with a key a line, as hexadecimal digits. The first signs, all of them open: a new key
/// is put before the old ones, and an old one goes when the links that it signed have ended.
///
///     # openssl rand -hex 32
///     3f9c…
///
/// The keys are in no description of it.
package struct LinkKeys: Sendable, CustomStringConvertible, CustomReflectable {
    private static let length_min = 32
    private static let length_max = 128
    private static let keys_max = 16
    private static let file_bytes_max = 64 << 10

    private var keys: [[UInt8]] = []

    package init(file path: String) throws(SigningError) {
        try self.init(text: PrivateFile.read(path, bytes_max: Self.file_bytes_max), named: path)
    }

    /// - Parameter name: how errors call the text.
    package init(text: [UInt8], named name: String) throws(SigningError) {
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let word = words.first, word.first != UInt8(ascii: "#") else { continue }
            let place = "\(name):\(index + 1)"
            // What stands in the line is never repeated: it may be a key.
            guard words.count == 1, let key = Self.hexadecimal(word) else {
                throw SigningError("\(place): a line has one key, in hexadecimal digits")
            }
            guard (Self.length_min...Self.length_max).contains(key.count) else {
                throw SigningError(
                    "\(place): a key has \(Self.length_min) to \(Self.length_max) bytes, two digits each: "
                        + "openssl rand -hex 32 makes one")
            }
            guard Set(key).count >= 8 else { throw SigningError("\(place): this is no random key") }
            guard !keys.contains(key) else { throw SigningError("\(place): the key is there twice") }
            guard keys.count < Self.keys_max else {
                throw SigningError("\(name): there are more than \(Self.keys_max) keys")
            }
            keys.append(key)
        }
        guard let first = keys.first else {
            throw SigningError("\(name): there is no key in it; openssl rand -hex 32 makes one")
        }
        guard SHA256.authenticationCode(of: [], key: first) != nil, SHA256.hash([]) != nil else {
            throw SigningError("this system's OpenSSL does not compute HMAC-SHA256")
        }
    }

    private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8]? {
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in digits {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    /// The token of a delivery, good until `expires_ms`, rounded up to the next ten minutes. The same for the same values.
    package func token(for subject: LinkSubject, expires_ms: Int64) -> String {
        let head = LinkToken.head(of: subject, expires_ms: expires_ms)
        guard let code = code(head, subject, keys[0]) else {
            fatalError("LinkKeys: OpenSSL computed HMAC-SHA256 before, and does not now")
        }
        return Base64URL.text(head + code)
    }

    /// Whether a token is of this delivery, signed with one of the keys, and has not ended. How long it takes depends on
    /// the lengths of the ids alone.
    package func opens(_ token: LinkToken, _ subject: LinkSubject, now_ms: Int64) -> Bool {
        var isSigned = false
        for key in keys {
            guard let code = code(token.head, subject, key) else { continue }
            let isThisKey = SHA256.isSame(code, token.code)
            isSigned = isSigned || isThisKey
        }
        return isSigned && token.finder == subject.finder && now_ms < token.expires_ms
    }

    private func code(_ head: [UInt8], _ subject: LinkSubject, _ key: [UInt8]) -> [UInt8]? {
        SHA256.authenticationCode(of: LinkToken.signed(head, subject), key: key).map { Array($0[..<16]) }
    }

    package var description: String { "\(keys.count) keys" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
