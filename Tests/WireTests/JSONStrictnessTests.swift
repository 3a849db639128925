import TestSupport
import Testing
import Wire

@Suite struct `JSON strictness` {
    @Test(
        arguments: [
            ("", .emptyInput, 0), (" \n", .emptyInput, 0), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
            ("[1,", .unexpectedEnd, 3), ("[1,]", .unexpectedCharacter, 3), ("[,1]", .unexpectedCharacter, 1),
            ("[1 2]", .unexpectedCharacter, 3), ("{\"a\":1,}", .unexpectedCharacter, 7),
            ("{\"a\"}", .unexpectedCharacter, 4),
            ("{\"a\":}", .unexpectedCharacter, 5), ("{a:1}", .unexpectedCharacter, 1),
            ("{1:1}", .unexpectedCharacter, 1),
            ("{\"a\" 1}", .unexpectedCharacter, 5), ("[1}", .unexpectedCharacter, 2),
            ("{\"a\":1]", .unexpectedCharacter, 6),
            ("]", .unexpectedCharacter, 0), ("1 1", .trailingContent, 2), ("{}x", .trailingContent, 2),
            ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedCharacter, 3), ("True", .unexpectedCharacter, 0),
            ("truefalse", .trailingContent, 4), ("'a'", .unexpectedCharacter, 0), ("// c", .unexpectedCharacter, 0),
            ("\u{FEFF}1", .unexpectedCharacter, 0), ("\u{A0}1", .unexpectedCharacter, 0),
            ("\u{B}1", .unexpectedCharacter, 0),
            ("\"", .unexpectedEnd, 1), ("\"abc", .unexpectedEnd, 4), ("\"a\nb\"", .controlCharacter, 2),
            ("\"a\0b\"", .controlCharacter, 2), ("\"0123456789\u{1f}\"", .controlCharacter, 11),
            (#""\x""#, .invalidEscape, 1), (#""\u12G4""#, .invalidEscape, 1), (#""\u123""#, .invalidEscape, 1),
            (#""\"#, .unexpectedEnd, 2), (#""\u"#, .invalidEscape, 1), (#""\ud800""#, .loneSurrogate, 1),
            (#""\ud800x""#, .loneSurrogate, 1), (#""\ud800\n""#, .loneSurrogate, 1),
            (#""\ud800\ud800""#, .loneSurrogate, 1),
            (#""\udc00\ud800""#, .loneSurrogate, 1), (#""\ud83d\ude"#, .loneSurrogate, 1),
            ("[1e400]", .numberOutOfRange, 1),
            ("[01]", .invalidNumber, 1), ("[1.]", .invalidNumber, 3), ("[-]", .invalidNumber, 2),
            ("-", .unexpectedEnd, 1),
        ] as [(String, JSONError.Reason, Int)])
    func `what is not JSON is refused with reason and place`(text: String, reason: JSONError.Reason, offset: Int) {
        #expect(throws: JSONError(offset: offset, reason: reason)) { try parseJSON(text) }
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x20], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE7, 0x93], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x9A], [0xFE], [0xFF],
        ] as [[UInt8]])
    func `strings that are not UTF-8 are refused, keys and skipped values too`(bytes: [UInt8]) {
        let quoted = Array("\"1234567".utf8) + bytes + Array("\"".utf8)
        #expect(throws: JSONError(offset: 8, reason: .invalidUTF8)) { try parseJSON(quoted) }
        #expect(throws: JSONError(offset: 9, reason: .invalidUTF8)) {
            try parseJSON(Array("{".utf8) + quoted + Array(":1}".utf8))
        }
        #expect(throws: JSONError(offset: 8, reason: .invalidUTF8)) {
            var cursor = JSONCursor()
            try cursor.skipValue(in: quoted.span)
        }
    }

    @Test func `UTF-8 is what the standard library takes for it`() {
        let seed: UInt64 = 8_000
        var random = SplitMix64(seed: seed)
        let edges: [UInt8] = [
            0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
            0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        var valid = 0
        for round in 0..<50_000 {
            let bytes = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                edges[Int.random(in: 0..<edges.count, using: &random)]
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            if isValid { valid += 1 }
            let mine = firstInvalidUTF8(bytes.span)
            if (mine == nil) != isValid { #expect(Bool(false), "seed \(seed), round \(round): \(bytes)") }
        }
        #expect(valid > 500)
    }

    @Test func `nesting of 32 passes, of 33 does not`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try parseJSON(nested(32)).array?.count == 1)
        #expect(throws: JSONError(offset: 32, reason: .nestingTooDeep)) { try parseJSON(nested(33)) }
        #expect(throws: JSONError(offset: 160, reason: .nestingTooDeep)) {
            try parseJSON(String(repeating: "{\"a\":", count: 60_000))
        }
        // Siblings do not add up.
        #expect(
            try parseJSON("[" + Array(repeating: nested(31), count: 100).joined(separator: ",") + "]").array?.count
                == 100)
        #expect(throws: JSONError(offset: 1, reason: .nestingTooDeep)) {
            try JSONNode.parse(Array("[[]]".utf8).span, nestingLimit: 1)
        }
    }

    @Test func `the number of values is limited`() throws {
        func parse(_ text: String, limit: Int) throws -> Bool {
            _ = try JSONNode.parse(Array(text.utf8).span, valueLimit: limit)
            return true
        }
        #expect(try parse("[1,2,3]", limit: 4))
        #expect(throws: JSONError(offset: 5, reason: .tooManyValues)) { try parse("[1,2,3]", limit: 3) }
        #expect(throws: JSONError(offset: 0, reason: .tooManyValues)) { try parse("1", limit: 0) }
    }

    @Test func `of duplicate keys the last one counts, and all can be seen`() throws {
        let node = try parseJSON(#"{"a":1,"\u0061":2,"b":3}"#)
        #expect(node["a"]?.number == 2)
        #expect(node.object?.map(\.key) == ["a", "a", "b"])
        #expect(node.object?.map(\.keyOffset) == [1, 7, 18])
        #expect(node["c"] == nil)
        #expect(node["a"]?["x"] == nil)
    }

    @Test func `every truncation of a document is refused`() throws {
        let text = Array(#"{"a":[1,-2.5e3,"\u7535\ud83d\ude9a\n瓦"],"b":{"c":null,"d":true,"e":false}}"#.utf8)
        _ = try parseJSON(text)
        for length in 0..<text.count {
            #expect(throws: JSONError.self) { try parseJSON(Array(text[..<length])) }
        }
    }

    @Test func `every single altered byte is safe, and errors point into the text`() throws {
        let text = Array(#"{"a":[1,-2.5e3,"\u7535\ud83d\ude9a\n瓦"],"b":{"c":null,"d":true}}"#.utf8)
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var altered = text
                altered[index] = byte
                do throws(JSONError) {
                    _ = try parseJSON(altered)
                } catch {
                    if error.offset < 0 || error.offset > text.count {
                        #expect(Bool(false), "\(index), \(byte): \(error)")
                    }
                }
            }
        }
    }

    @Test func `keys are compared with and without escapes, at every length`() throws {
        func matches(_ json: String, _ literal: StaticString) throws -> Bool {
            let bytes = Array(json.utf8)
            var cursor = JSONCursor()
            let text = try cursor.readString(in: bytes.span)
            return text.matches(literal, in: bytes.span)
        }
        let literals: [StaticString] = [
            "", "a", "ab", "abc", "abcd", "abcde", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghijkl",
            "abcdefghijklmnop",
            "abcdefghijklmnopq", "abcdefghijklmnopqrstuvwxyz0123456789",
        ]
        for literal in literals {
            let text = "\(literal)"
            #expect(try matches("\"\(text)\"", literal))
            #expect(try !matches("\"\(text)x\"", literal))
            for index in text.indices {
                var altered = text
                altered.replaceSubrange(index...index, with: "#")
                #expect(try !matches("\"\(altered)\"", literal))
                altered = text
                altered.replaceSubrange(index...index, with: #"\u00"# + String(text.utf8[index], radix: 16))
                #expect(try matches("\"\(altered)\"", literal))
            }
        }
        #expect(try matches(#""\ud83d\ude9a""#, "🚚"))
    }

    @Test func `a cursor reads member by member, and tells kinds`() throws {
        let bytes = Array(#" {"a" : [ ] , "b":[null ,true,"x",{}, -1] } "#.utf8)
        var cursor = JSONCursor()
        var keys: [String] = []
        var kinds: [JSONKind] = []
        try cursor.beginObject(in: bytes.span)
        while let key = try cursor.nextKey(in: bytes.span) {
            keys.append(key.string(in: bytes.span))
            try cursor.beginArray(in: bytes.span)
            while try cursor.nextElement(in: bytes.span) {
                kinds.append(try cursor.peekKind(in: bytes.span))
                try cursor.skipValue(in: bytes.span)
            }
        }
        try cursor.finish(in: bytes.span)
        #expect(keys == ["a", "b"])
        #expect(kinds == [.null, .bool, .string, .object, .number])
        #expect(cursor.depth == 0)
    }

    @Test func `any bytes are written as a JSON string, what is not UTF-8 replaced`() throws {
        let bytes: [UInt8] = [
            0x22, 0x5C, 0x08, 0x09, 0x0A, 0x0C, 0x0D, 0x00, 0x1F, 0x7F, 0xE7, 0x93, 0xA6, 0xFF, 0xE7, 0x93,
        ]
        let text = written { $0.appendJSON(stringBytes: bytes.span) }
        #expect(text == #""\"\\\b\t\n\f\r\u0000\u001f"# + "\u{7f}瓦\u{fffd}\u{fffd}\u{fffd}\"")
        #expect(try parseJSON(text).string == "\"\\\u{8}\t\n\u{c}\r\0\u{1f}\u{7f}瓦\u{fffd}\u{fffd}\u{fffd}")
    }

    @Test func `reasons have different phrases`() {
        #expect(Set(JSONError.Reason.allCases.map(\.description)).count == JSONError.Reason.allCases.count)
        #expect(
            "\(JSONError(offset: 7, reason: .loneSurrogate))"
                == "half of a surrogate pair without the other half at byte 7")
    }
}
