import Glibc

/// Who may look: the tokens of a file, one a line, each for every fleet or for one.
///
///     # the wall in the control room
///     7f0e… (32 random bytes as hexadecimal digits, say)
///     91ab… acme
///
/// The file must belong to this user (or root), and nobody else may read it.
package struct BearerTokens: Sendable {
    /// What a token lets see.
    package enum Scope: Sendable, Equatable {
        case everything
        /// The name of the fleet.
        case fleet(String)
    }

    private struct Entry: Sendable {
        var token: [UInt8]
        var scope: Scope
    }

    private static let length_min = 16
    private static let length_max = 256
    private static let tokens_max = 1000
    private static let file_bytes_max = 1 << 20

    private var entries: [Entry] = []

    package init(file path: String) throws(WindowError) {
        var status = stat()
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw WindowError("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw WindowError("\(path) is no file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw WindowError("\(path) can be read by others: chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw WindowError("\(path) belongs to another user, who could change it")
        }
        guard status.st_size <= Self.file_bytes_max else { throw WindowError("\(path) is too long") }
        var bytes = [UInt8](repeating: 0, count: Self.file_bytes_max)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard got > 0 else { break }
            count += got
        }
        try self.init(text: bytes[..<count], named: path)
    }

    /// - Parameter name: how errors call the text.
    init(text: ArraySlice<UInt8>, named name: String) throws(WindowError) {
        for (index, line) in text.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let token = words.first, token.first != UInt8(ascii: "#") else { continue }
            let place = "\(name):\(index + 1)"
            guard words.count <= 2 else {
                throw WindowError("\(place): a line has a token, and behind it a fleet at most")
            }
            guard token.count >= Self.length_min, token.count <= Self.length_max else {
                throw WindowError("\(place): a token has \(Self.length_min) to \(Self.length_max) characters")
            }
            guard token.allSatisfy(Self.isTokenCharacter) else {
                throw WindowError("\(place): a token has letters, digits and - . _ ~ + / = only")
            }
            guard entries.count < Self.tokens_max else {
                throw WindowError("\(name): there are more than \(Self.tokens_max) tokens")
            }
            let scope: Scope = words.count == 2 ? .fleet(String(decoding: words[1], as: UTF8.self)) : .everything
            entries.append(Entry(token: Array(token), scope: scope))
        }
        guard !entries.isEmpty else { throw WindowError("\(name): there is no token in it") }
    }

    /// The characters that RFC 6750 allows.
    private static func isTokenCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// What the value of an `Authorization` header lets see; nil where it is none of ours. Takes as long for a token that
    /// is nearly right as for one that is all wrong.
    package func scope(authorization value: [UInt8]?) -> Scope? {
        guard let value, value.count > 7, value[..<7].equalsIgnoringCase("bearer ") else { return nil }
        let given = value[7...].drop { $0 == 0x20 }
        var found: Scope?
        for entry in entries where Self.isSame(entry.token, given) { found = entry.scope }
        return found
    }

    /// Looks at all bytes of both, whether or not they differ.
    private static func isSame(_ token: [UInt8], _ given: ArraySlice<UInt8>) -> Bool {
        var difference = UInt(bitPattern: token.count ^ given.count)
        for index in 0..<length_max {
            let left = index < token.count ? token[index] : 0
            let right = index < given.count ? given[given.startIndex + index] : 0
            difference |= UInt(left ^ right)
        }
        return difference == 0
    }
}
