import Foundation
import TestSupport
import Testing
import Wire

/// Our reader against Foundation's, which shares no code with it.
@Suite struct `JSON against Foundation` {
    /// Foundation's answer; nil where it refuses.
    static func foundation(_ text: [UInt8]) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text), options: [.fragmentsAllowed])
    }

    /// Where the two differ on purpose: Foundation guesses other encodings and skips a byte order mark, we take UTF-8.
    static func isOtherEncoding(_ text: [UInt8]) -> Bool {
        text.starts(with: [0xEF, 0xBB, 0xBF]) || text.prefix(4).contains(0) || text.starts(with: [0xFE, 0xFF])
            || text.starts(with: [0xFF, 0xFE])
    }

    /// Foundation allows a comma before a closing bracket, against RFC 8259.
    static func isTrailingComma(_ error: JSONError, _ text: [UInt8]) -> Bool {
        error.reason == .unexpectedCharacter && Array("]}".utf8).contains(text[error.offset])
            && text[..<error.offset].last { !Array(" \t\n\r".utf8).contains($0) } == UInt8(ascii: ",")
    }

    static func agree(_ node: JSONNode, _ other: Any) -> Bool {
        switch node.value {
        case .null: return other is NSNull
        case .bool(let bool): return (other as? NSNumber)?.boolValue == bool
        case .number(let number):
            // Foundation takes a detour over decimals of 38 digits, whose conversion to a double is some units off in
            // the last place. `NumberTests` compares bit by bit, with `strtod`.
            guard let other = (other as? NSNumber)?.doubleValue else { return false }
            return abs(number - other) <= abs(number) * 1e-14
        case .string(let string): return (other as? String).map { Array($0.utf8) == Array(string.utf8) } ?? false
        case .array(let elements):
            guard let others = other as? [Any], others.count == elements.count else { return false }
            return zip(elements, others).allSatisfy { agree($0, $1) }
        case .object(let members):
            guard let others = other as? [String: Any] else { return false }
            let names = Set(members.map(\.key))
            return names.count == others.count
                && names.allSatisfy { name in
                    guard let mine = node[name], let theirs = others[name] else { return false }
                    return agree(mine, theirs)
                }
        }
    }

    @Test func `valid documents have the same values`() throws {
        let seed: UInt64 = 1_120
        var source = RandomJSON(seed: seed)
        for round in 0..<3_000 {
            let text = source.document()
            let comment: Comment = "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self))"
            let node = try? parseJSON(text)
            let other = Self.foundation(text)
            guard let node, let other else {
                #expect(node == nil && other == nil, comment)
                continue
            }
            #expect(Self.agree(node, other), comment)
        }
    }

    @Test func `mutated documents are refused by both or by none`() throws {
        let seed: UInt64 = 1_121
        var source = RandomJSON(seed: seed)
        var refused = 0
        for round in 0..<10_000 {
            let text = source.mutated(source.document())
            if Self.isOtherEncoding(text) { continue }
            let comment: Comment = "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self)) \(text)"
            let other = Self.foundation(text)
            let node: JSONNode?
            do throws(JSONError) {
                node = try parseJSON(text)
            } catch {
                if Self.isTrailingComma(error, text) { continue }
                node = nil
                refused += 1
            }
            guard let node, let other else {
                #expect((node == nil) == (other == nil), comment)
                continue
            }
            #expect(Self.agree(node, other), comment)
        }
        #expect(refused > 2_000, "the mutations are too tame to show anything")
    }

    @Test func `what is written, Foundation reads the same`() throws {
        let seed: UInt64 = 1_122
        var random = SplitMix64(seed: seed)
        for round in 0..<3_000 {
            let scalars = (0..<Int.random(in: 0...20, using: &random)).map { _ -> Character in
                let limits: [UInt32] = [0x20, 0x80, 0x800, 0x1_0000, 0x11_0000]
                let limit = limits[Int.random(in: 0..<limits.count, using: &random)]
                let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &random)) ?? "?"
                // Foundation drops it at the beginning of a string, as if it were a byte order mark.
                return Character(scalar == "\u{FEFF}" ? "?" : scalar)
            }
            let string = String(scalars)
            var text: [UInt8] = []
            text.appendJSON(string: string)
            let read = Self.foundation(text) as? String
            #expect(
                read.map { Array($0.utf8) } == Array(string.utf8),
                "seed \(seed), round \(round): \(string.debugDescription)")
        }
    }
}
