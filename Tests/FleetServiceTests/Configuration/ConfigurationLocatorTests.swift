import Foundation
import TestSupport
import Testing

@testable import FleetService

@Suite struct `Places in JSON5` {
    @Test func `keys and values of all notations are found`() {
        let text = "// c\r\n{ a: 1, 'b c': [ 2,\r {\"d\\\"e\": /* x\n */ 'v' } ],\n\u{1F69A}: null }"
        let places = JSON5Places(scanning: Array(text.utf8))
        #expect(places.failure == nil)
        #expect(places.value([]) == TextPlace(line: 2, column: 1))
        #expect(places.key(["a"]) == TextPlace(line: 2, column: 3))
        #expect(places.value(["a"]) == TextPlace(line: 2, column: 6))
        #expect(places.key(["b c"]) == TextPlace(line: 2, column: 9))
        #expect(places.value(["b c", "0"]) == TextPlace(line: 2, column: 18))
        #expect(places.key(["b c", "1", "d\"e"]) == TextPlace(line: 3, column: 3))
        #expect(places.value(["b c", "1", "d\"e"]) == TextPlace(line: 4, column: 5))
        #expect(places.key(["\u{1F69A}"]) == TextPlace(line: 5, column: 1))
        #expect(places.value(["\u{1F69A}"]) == TextPlace(line: 5, column: 4))
    }

    @Test func `what is not there is placed at its nearest parent`() {
        let places = JSON5Places(scanning: Array("{\n a: {b: 1}}".utf8))
        #expect(places.key(["a", "x", "y"]) == TextPlace(line: 2, column: 2))
        #expect(places.value(["x"]) == TextPlace(line: 1, column: 1))
    }

    @Test func `a byte order mark takes no column`() {
        let places = JSON5Places(scanning: Array("\u{FEFF}{a: 1}".utf8))
        #expect(places.key(["a"]) == TextPlace(line: 1, column: 2))
        #expect(JSON5Value(json5: "\u{FEFF}{a: 1}".utf8) == .object(["a": .number(1)]))
    }

    /// Documents written at random together with the places of their parts, in all notations of JSON5.
    @Test func `random documents are located as they were written, and Foundation reads them`() throws {
        for seed in UInt64(1)...300 {
            var writer = RandomDocument(seed: seed)
            writer.writeDocument()
            let bytes = Array(writer.text.utf8)
            let places = JSON5Places(scanning: bytes)
            #expect(places.failure == nil, "seed \(seed): \(writer.text)")
            #expect(JSON5Value(json5: bytes) != nil, "seed \(seed): \(writer.text)")
            for (path, offset) in writer.keyOffsets {
                #expect(places.key(path) == place(offset, in: writer.text), "seed \(seed), \(path): \(writer.text)")
            }
            for (path, offset) in writer.valueOffsets {
                #expect(places.value(path) == place(offset, in: writer.text), "seed \(seed), \(path): \(writer.text)")
            }
        }
    }

    /// Where Foundation refuses, the scanner must have a place to show; where it accepts, nothing may be made up.
    @Test func `the scanner stops wherever Foundation does`() throws {
        var refused = 0
        for seed in UInt64(1)...2000 {
            var random = SplitMix64(seed: seed)
            var writer = RandomDocument(seed: seed / 10)
            writer.writeDocument()
            var bytes = Array(writer.text.utf8)
            let index = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<3, using: &random) {
            case 0: bytes.remove(at: index)
            case 1: bytes.insert(Array("{}[],:'\"/*a1 ".utf8).randomElement(using: &random) ?? 0, at: index)
            default: bytes.removeLast(bytes.count - index)
            }
            guard String(validating: bytes, as: UTF8.self) != nil else { continue }
            let text = String(decoding: bytes, as: UTF8.self)
            let failure = JSON5Places(scanning: bytes).failure
            if JSON5Value(json5: bytes) == nil {
                refused += 1
                #expect(failure != nil, "seed \(seed): \(text)")
            } else if failure != nil {
                // Foundation reads it; then only values that it could not make sense of may be a failure of ours.
                #expect(isUnreadableSomewhere(JSON5Value(json5: bytes)), "seed \(seed): \(failure as Any) \(text)")
            }
        }
        #expect(refused > 300)
    }

    private func isUnreadableSomewhere(_ value: JSON5Value?) -> Bool {
        switch value {
        case .unreadable, nil: true
        case .array(let elements): elements.contains { isUnreadableSomewhere($0) }
        case .object(let members): members.values.contains { isUnreadableSomewhere($0) }
        default: false
        }
    }

    /// By the definition: lines end with LF, CR or CRLF, columns are scalars.
    private func place(_ scalarOffset: Int, in text: String) -> TextPlace {
        var place = TextPlace(line: 1, column: 1)
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars.prefix(scalarOffset) {
            if scalar == "\r" || scalar == "\n" && previous != "\r" {
                place = TextPlace(line: place.line + 1, column: 1)
            } else if scalar != "\n" {
                place.column += 1
            }
            previous = scalar
        }
        return place
    }
}

/// Writes a random JSON5 document, and notes at which scalar each part starts.
private struct RandomDocument {
    private(set) var text = ""
    private(set) var keyOffsets: [[String]: Int] = [:]
    private(set) var valueOffsets: [[String]: Int] = [:]
    private var random: SplitMix64

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    private var offset: Int { text.unicodeScalars.count }

    mutating func writeDocument() {
        writeSpace()
        writeObject(path: [], depth: 0)
        writeSpace()
    }

    private mutating func choose<T>(_ choices: [T]) -> T {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    private mutating func writeSpace() {
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            text += choose([" ", "\t", "\n", "\r\n", "\r", "/* 台 * ' */", "// \" {\n", "/**/", " "])
        }
    }

    private mutating func writeValue(path: [String], depth: Int) {
        valueOffsets[path] = offset
        switch Int.random(in: 0..<(depth > 3 ? 3 : 5), using: &random) {
        case 0: text += choose(["1", "-1", "+.5", "5.", "1e3", "0x1F", "0", "NaN", "-Infinity"])
        case 1: text += choose(["true", "false", "null"])
        case 2: text += choose(["'a'", "\"b\"", "'\\'{'", "\"//\"", "'台北 /*'", "\"x\\\ny\"", "''", "'\\u53f0'"])
        case 3: writeObject(path: path, depth: depth + 1)
        default: writeArray(path: path, depth: depth + 1)
        }
    }

    private mutating func writeObject(path: [String], depth: Int) {
        valueOffsets[path] = offset
        text += "{"
        let count = Int.random(in: 0...4, using: &random)
        for index in 0..<count {
            writeSpace()
            let (notation, name) = choose([
                ("k", "k"), ("'q'", "q"), ("\"a b\"", "a b"), ("$_é", "$_é"), ("'\\''", "'"),
            ])
            let path = path + [name + "\(index)"]
            keyOffsets[path] = offset
            // The index makes keys unique; it goes before a closing quote.
            text +=
                "'\"".contains(notation.last ?? " ")
                ? notation.dropLast() + "\(index)" + String(notation.suffix(1))
                : notation + "\(index)"
            writeSpace()
            text += ":"
            writeSpace()
            writeValue(path: path, depth: depth)
            writeSpace()
            if index < count - 1 || Bool.random(using: &random) { text += "," }
        }
        writeSpace()
        text += "}"
    }

    private mutating func writeArray(path: [String], depth: Int) {
        text += "["
        let count = Int.random(in: 0...3, using: &random)
        for index in 0..<count {
            writeSpace()
            writeValue(path: path + ["\(index)"], depth: depth)
            writeSpace()
            if index < count - 1 || Bool.random(using: &random) { text += "," }
        }
        writeSpace()
        text += "]"
    }
}

@Suite struct `Nearest name` {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("port", "port", 0), ("prot", "port", 1), ("hots", "host", 1), ("mqtt", "mqqt", 1),
        ("kitten", "sitting", 3), ("ca", "abc", 3), ("台北", "台南", 1),
    ])
    func `the distance counts insertions, deletions, replacements and swaps`(a: String, b: String, expected: Int) {
        #expect(editDistance(a, b) == expected)
        #expect(editDistance(b, a) == expected)
    }

    @Test func `the nearest is named if it is near`() {
        #expect(nearestName(to: "geofense", among: ["id", "geofences"]) == "geofences")
        #expect(nearestName(to: "ID", among: ["id", "geofences"]) == "id")
        #expect(nearestName(to: "xyz", among: ["id", "geofences"]) == nil)
        #expect(nearestName(to: "ab", among: ["ac", "ad"]) == "ac")
        #expect(nearestName(to: String(repeating: "x", count: 100_000), among: ["x"]) == nil)
    }
}
