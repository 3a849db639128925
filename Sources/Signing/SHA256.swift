internal import COpenSSL

/// SHA-256, and the message authentication code made of it, as OpenSSL computes them. Pure functions; safe on any thread.
package enum SHA256 {
    package static let count = 32

    /// HMAC-SHA256 (RFC 2104); nil where OpenSSL refuses, which `LinkKeys` tries when it is made.
    static func authenticationCode(of data: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard let keyCount = Int32(exactly: key.count) else { return nil }
        var code = [UInt8](repeating: 0, count: count)
        let isDone = key.withUnsafeBytes { key in
            data.withUnsafeBytes { data in
                copenssl_hmac_sha256(key.baseAddress, keyCount, data.baseAddress, data.count, &code)
            }
        }
        return isDone == 1 ? code : nil
    }

    /// The hash of some bytes; nil where OpenSSL refuses.
    package static func hash(_ data: [UInt8]) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: count)
        let isDone = data.withUnsafeBytes { copenssl_sha256($0.baseAddress, $0.count, &digest) }
        return isDone == 1 ? digest : nil
    }

    /// Whether the bytes are the same. How long it takes depends on their number alone.
    static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return one.withUnsafeBytes { one in
            other.withUnsafeBytes { other in
                guard let left = one.baseAddress, let right = other.baseAddress else { return true }
                return CRYPTO_memcmp(left, right, one.count) == 0
            }
        }
    }
}
