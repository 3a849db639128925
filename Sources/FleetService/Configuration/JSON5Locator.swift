/// A place in a text, both counted from 1; the column counts Unicode scalars.
struct TextPlace: Equatable, Comparable, Sendable {
    var line: Int
    var column: Int

    static func < (a: TextPlace, b: TextPlace) -> Bool { (a.line, a.column) < (b.line, b.column) }
}

/// Where the keys and values of a JSON5 document stand. Foundation reads the values, but says of none where it was; this
/// finds the places, and says what stops a document that Foundation refuses.
///
/// A path is the keys from the top down, an array's element being its index in digits.
struct JSON5Places {
    struct Member {
        let path: [String]
        /// Of the key; of the value where it is an array's element.
        let key: TextPlace
        let value: TextPlace
    }

    /// The first thing that is not JSON5.
    struct Failure: Equatable {
        let place: TextPlace
        let problem: String
        let advice: String
    }

    /// First occurrence of every path.
    fileprivate(set) var members: [[String]: Member] = [:]
    /// Members whose path had occurred before, in the order of the text.
    fileprivate(set) var repetitions: [Member] = []
    fileprivate(set) var failure: Failure?

    /// Scans the document. O(its length); nesting deeper than 64 is a failure.
    init(scanning text: [UInt8]) {
        var scanner = JSON5Scanner(text)
        scanner.scanDocument()
        let lines = LineTable(text)
        for found in scanner.found {
            let member = Member(
                path: found.path, key: lines.place(of: found.keyOffset), value: lines.place(of: found.valueOffset))
            if members[found.path] == nil { members[found.path] = member } else { repetitions.append(member) }
        }
        failure = scanner.failure.map {
            Failure(place: lines.place(of: $0.offset), problem: $0.problem, advice: $0.advice)
        }
    }

    /// Where the key of `path` stands; if it is not in the text, the nearest of its parents, in the end the top.
    func key(_ path: [String]) -> TextPlace { nearest(path)?.key ?? TextPlace(line: 1, column: 1) }

    /// Where the value of `path` stands, or that of the nearest of its parents.
    func value(_ path: [String]) -> TextPlace { nearest(path)?.value ?? TextPlace(line: 1, column: 1) }

    private func nearest(_ path: [String]) -> Member? {
        var path = path[...]
        while !path.isEmpty {
            if let member = members[Array(path)] { return member }
            path.removeLast()
        }
        return members[[]]
    }
}

/// Byte offsets to lines and columns.
struct LineTable {
    private let text: [UInt8]
    private var lineStarts = [0]

    /// Lines end with LF, CRLF or CR. A byte order mark takes no column.
    init(_ text: [UInt8]) {
        self.text = text
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { lineStarts = [3] }
        for (offset, byte) in text.enumerated() {
            let followedByLF = offset + 1 < text.count && text[offset + 1] == UInt8(ascii: "\n")
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && !followedByLF {
                lineStarts.append(offset + 1)
            }
        }
    }

    /// The place of the byte at `offset`, at most the end of the text. O(log lines + length of the line).
    func place(of offset: Int) -> TextPlace {
        let offset = min(offset, text.count)
        var low = 0
        var high = lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let start = min(lineStarts[low], offset)
        let column = text[start..<offset].count { $0 & 0xC0 != 0x80 }
        return TextPlace(line: low + 1, column: column + 1)
    }
}

/// The scanner behind `JSON5Places`, over byte offsets. It goes on after a scalar that is not a value, so that the places
/// after it are known, and stops where the structure is lost.
private struct JSON5Scanner {
    struct Found {
        let path: [String]
        let keyOffset: Int
        let valueOffset: Int
    }

    private static let depth_max = 64

    private let text: [UInt8]
    private var position = 0
    private var path: [String] = []
    private(set) var found: [Found] = []
    private(set) var failure: (offset: Int, problem: String, advice: String)?

    init(_ text: [UInt8]) {
        self.text = text
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    mutating func scanDocument() {
        guard skipSpace() else { return }
        guard position < text.count else {
            fail(at: position, "the file is empty", "write at least {} into it")
            return
        }
        found.append(Found(path: [], keyOffset: position, valueOffset: position))
        guard scanValue(), skipSpace() else { return }
        if position < text.count {
            fail(
                at: position, "\(shownCharacter()) after the end of the document", "remove what follows the last brace")
        }
    }

    // The scanning functions return false where the structure is lost; `failure` is set then.

    private mutating func scanValue() -> Bool {
        guard position < text.count else {
            return fail(at: position, "the text ends where a value should be", "complete it")
        }
        switch text[position] {
        case UInt8(ascii: "{"): return scanObject()
        case UInt8(ascii: "["): return scanArray()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return scanString() != nil
        default: return scanBareValue()
        }
    }

    private mutating func scanObject() -> Bool {
        guard enter() else { return false }
        while true {
            guard skipSpace() else { return false }
            if take("}") { return true }
            let keyOffset = position
            guard let key = scanKey(), skipSpace() else { return false }
            guard take(":") else {
                return fail(
                    at: position, "\(shownCharacter()) where ':' should follow the key \(key)", "write \(key): value")
            }
            guard skipSpace() else { return false }
            path.append(key)
            found.append(Found(path: path, keyOffset: keyOffset, valueOffset: position))
            guard scanValue(), skipSpace() else { return false }
            path.removeLast()
            if take("}") { return true }
            guard take(",") else { return failBetween(closing: "}") }
        }
    }

    private mutating func scanArray() -> Bool {
        guard enter() else { return false }
        var index = 0
        while true {
            guard skipSpace() else { return false }
            if take("]") { return true }
            path.append(String(index))
            found.append(Found(path: path, keyOffset: position, valueOffset: position))
            guard scanValue(), skipSpace() else { return false }
            path.removeLast()
            index += 1
            if take("]") { return true }
            guard take(",") else { return failBetween(closing: "]") }
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter() -> Bool {
        guard path.count < Self.depth_max else {
            return fail(
                at: position, "more than \(Self.depth_max) levels of nesting",
                "no setting is nested so deep: remove some")
        }
        position += 1
        return true
    }

    private mutating func failBetween(closing: Character) -> Bool {
        fail(at: position, "\(shownCharacter()) where ',' or '\(closing)' should be", "is a comma missing before it?")
    }

    private mutating func scanKey() -> String? {
        if position < text.count, text[position] == UInt8(ascii: "\"") || text[position] == UInt8(ascii: "'") {
            return scanString()
        }
        let start = position
        while position < text.count, isIdentifierByte(text[position], isFirst: position == start) { position += 1 }
        guard position > start else {
            _ = fail(at: position, "\(shownCharacter()) where a key should be", "quote keys that are not plain words")
            return nil
        }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    private func isIdentifierByte(_ byte: UInt8, isFirst: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...0xFF: true
        case UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "\\"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
        default: false
        }
    }

    /// The string's text, its simple escapes resolved; `\u` and `\x` stay as they are, no key of ours needs them.
    private mutating func scanString() -> String? {
        let start = position
        let quote = text[position]
        var content: [UInt8] = []
        position += 1
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case quote:
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                _ = fail(
                    at: start, "the text that starts here does not end on its line",
                    "close it with \(Character(Unicode.Scalar(quote)))")
                return nil
            case UInt8(ascii: "\\"):
                scanEscape(into: &content)
            default:
                content.append(byte)
            }
        }
        _ = fail(
            at: start, "the text that starts here does not end", "close it with \(Character(Unicode.Scalar(quote)))")
        return nil
    }

    private mutating func scanEscape(into content: inout [UInt8]) {
        guard position < text.count else { return }
        let escaped = text[position]
        position += 1
        switch escaped {
        case UInt8(ascii: "n"): content.append(UInt8(ascii: "\n"))
        case UInt8(ascii: "t"): content.append(UInt8(ascii: "\t"))
        case UInt8(ascii: "r"): content.append(UInt8(ascii: "\r"))
        case UInt8(ascii: "u"), UInt8(ascii: "x"):
            let digits = text[position...].prefix(escaped == UInt8(ascii: "u") ? 4 : 2)
            if !digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) {
                fail(at: position - 2, "the escape here is not complete", "\\u needs four hexadecimal digits")
            }
            content += [UInt8(ascii: "\\"), escaped]
        case UInt8(ascii: "\r"):
            if position < text.count, text[position] == UInt8(ascii: "\n") { position += 1 }
        case UInt8(ascii: "\n"): break
        default: content.append(escaped)
        }
    }

    /// A number or a word. One that is no value is noted, and stepped over.
    private mutating func scanBareValue() -> Bool {
        let start = position
        while position < text.count, isBareByte(text[position]) { position += 1 }
        guard position > start else {
            return fail(at: position, "\(shownCharacter()) where a value should be", "texts need quotes")
        }
        let word = String(decoding: text[start..<position], as: UTF8.self)
        if let first = word.unicodeScalars.first, first.properties.isWhitespace {
            // Invisible, and often pasted: no-break and ideographic spaces.
            position = start
            return fail(at: start, "\(shownCharacter()) where a value should be", "use plain spaces")
        }
        if !isBareValue(word) {
            fail(at: start, "\(shortened(word, to: 40)) is not a value", "texts need quotes, numbers no leading zero")
        }
        return true
    }

    private func isBareByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."): true
        default: isIdentifierByte(byte, isFirst: false)
        }
    }

    private func isBareValue(_ word: String) -> Bool {
        if ["true", "false", "null"].contains(word) { return true }
        let unsigned = word.hasPrefix("+") || word.hasPrefix("-") ? word.dropFirst() : word[...]
        if unsigned == "Infinity" || unsigned == "NaN" { return true }
        if unsigned.hasPrefix("0x") || unsigned.hasPrefix("0X") {
            return unsigned.count > 2 && unsigned.dropFirst(2).allSatisfy(\.isHexDigit)
        }
        let decimal = /(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?/
        return unsigned.wholeMatch(of: decimal) != nil
    }

    /// Steps over white space and comments.
    private mutating func skipSpace() -> Bool {
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"), 0x0B, 0x0C:
                position += 1
            case UInt8(ascii: "/"):
                guard skipComment() else { return false }
            default:
                return true
            }
        }
        return true
    }

    private mutating func skipComment() -> Bool {
        let start = position
        let next = start + 1 < text.count ? text[start + 1] : 0
        position += 2
        if next == UInt8(ascii: "/") {
            while position < text.count, text[position] != UInt8(ascii: "\n"), text[position] != UInt8(ascii: "\r") {
                position += 1
            }
            return true
        }
        guard next == UInt8(ascii: "*") else {
            return fail(at: start, "'/' outside a text", "a comment is // to the end of the line, or /* … */")
        }
        while position + 1 < text.count {
            if text[position] == UInt8(ascii: "*"), text[position + 1] == UInt8(ascii: "/") {
                position += 2
                return true
            }
            position += 1
        }
        return fail(at: start, "the comment that starts here does not end", "close it with */")
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < text.count, text[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private func shownCharacter() -> String {
        guard position < text.count else { return "the end of the text" }
        let rest = String(decoding: text[position..<min(position + 4, text.count)], as: UTF8.self)
        guard let scalar = rest.unicodeScalars.first else { return "the end of the text" }
        let isVisible = !isControl(scalar) && !scalar.properties.isWhitespace
        return isVisible ? "'\(scalar)'" : "the character U+" + hexadecimal(scalar.value)
    }

    private func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Notes the first failure; false, for the caller to return.
    @discardableResult
    private mutating func fail(at offset: Int, _ problem: String, _ advice: String) -> Bool {
        if failure == nil { failure = (offset, problem, advice) }
        return false
    }
}
