import Foundation
import TestSupport
import Testing

@testable import Signing

private let day_ms: Int64 = 86_400_000
private let now_ms: Int64 = 1_795_000_000_000

private func keys(_ count: Int, from first: Int = 0) throws -> LinkKeys {
    var text = "# keys\n\n"
    for number in first..<first + count {
        var random = SplitMix64(seed: UInt64(number) + 1)
        text += (0..<32).map { _ in String(format: "%02x", UInt8(truncatingIfNeeded: random.next())) }.joined() + "\r\n"
    }
    return try LinkKeys(text: Array(text.utf8), named: "keys")
}

private func subject(_ fleet: String, _ stop: String) -> LinkSubject {
    LinkSubject(fleet: Array(fleet.utf8), stop: Array(stop.utf8))
}

private func opens(_ keys: LinkKeys, _ text: String, _ subject: LinkSubject, now_ms: Int64 = now_ms) -> Bool {
    LinkToken(Array(text.utf8)).map { keys.opens($0, subject, now_ms: now_ms) } ?? false
}

@Suite struct `A customer's token` {
    @Test func `opens its delivery, and is always as long`() throws {
        let keys = try keys(1)
        for stop in ["S", "S-1", "配送-17", String(repeating: "x", count: 5000)] {
            let subject = subject("taipei", stop)
            let token = keys.token(for: subject, expires_ms: now_ms + day_ms)
            #expect(token.utf8.count == LinkToken.length)
            #expect(opens(keys, token, subject))
            #expect(keys.token(for: subject, expires_ms: now_ms + day_ms) == token)
        }
    }

    @Test func `every bit of it counts`() throws {
        let keys = try keys(3)
        let subject = subject("taipei", "S-1")
        let token = Array(keys.token(for: subject, expires_ms: now_ms + 7 * day_ms).utf8)
        let raw = try #require(Base64URL.bytes(token))
        for bit in 0..<raw.count * 8 {
            var changed = raw
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!opens(keys, Base64URL.text(changed), subject, now_ms: 0), "bit \(bit)")
        }
        for index in token.indices {
            for character in UInt8.min...UInt8.max where character != token[index] {
                var changed = token
                changed[index] = character
                #expect(LinkToken(changed).map { keys.opens($0, subject, now_ms: now_ms) } != true)
            }
        }
    }

    @Test func `ends when it says, at a step of ten minutes`() throws {
        let keys = try keys(1)
        let subject = subject("taipei", "S-1")
        let end_ms = now_ms / LinkToken.step_ms * LinkToken.step_ms
        let exact = keys.token(for: subject, expires_ms: end_ms)
        #expect(opens(keys, exact, subject, now_ms: end_ms - 1))
        #expect(!opens(keys, exact, subject, now_ms: end_ms))
        let rounded = keys.token(for: subject, expires_ms: end_ms + 1)
        #expect(opens(keys, rounded, subject, now_ms: end_ms + LinkToken.step_ms - 1))
        #expect(!opens(keys, rounded, subject, now_ms: end_ms + LinkToken.step_ms))
        for extreme in [Int64.min, -1, 0] {
            #expect(!opens(keys, keys.token(for: subject, expires_ms: extreme), subject, now_ms: 0))
        }
        let latest = try #require(LinkToken(Array(keys.token(for: subject, expires_ms: .max).utf8)))
        #expect(latest.expires_ms == LinkToken.latest_ms)
    }

    @Test func `is of one stop of one fleet`() throws {
        let keys = try keys(1)
        let token = keys.token(for: subject("ab", "c"), expires_ms: now_ms + day_ms)
        #expect(opens(keys, token, subject("ab", "c")))
        for other in [
            subject("a", "bc"), subject("abc", ""), subject("", "abc"), subject("ab", "C"), subject("ab", "c "),
        ] {
            #expect(!opens(keys, token, other))
        }
    }

    @Test func `of other keys opens nothing, of older ones as long as they are kept`() throws {
        let old = try keys(1, from: 0)
        let both = try LinkKeys(text: Array((hex(1) + "\n" + hex(0) + "\n").utf8), named: "keys")
        let new = try keys(1, from: 1)
        let subject = subject("taipei", "S-1")
        let before = old.token(for: subject, expires_ms: now_ms + day_ms)
        let after = both.token(for: subject, expires_ms: now_ms + day_ms)
        #expect(opens(both, before, subject) && opens(both, after, subject))
        #expect(after == new.token(for: subject, expires_ms: now_ms + day_ms))
        #expect(!opens(new, before, subject) && !opens(old, after, subject))
    }

    private func hex(_ number: Int) -> String {
        var random = SplitMix64(seed: UInt64(number) + 1)
        return (0..<32).map { _ in String(format: "%02X", UInt8(truncatingIfNeeded: random.next())) }.joined()
    }

    @Test func `hostile texts are none`() throws {
        let token = try keys(1).token(for: subject("taipei", "S-1"), expires_ms: now_ms + day_ms)
        for text in [
            "", "A", token + "A", String(token.dropLast()), token + "=", " " + token.dropFirst(),
            String(repeating: "A", count: 32), String(repeating: "+", count: 32), String(repeating: "/", count: 32),
            String(repeating: "é", count: 16), String(repeating: "\0", count: 32),
            String(repeating: "A", count: 100_000),
        ] {
            #expect(LinkToken(Array(text.utf8)) == nil, "\(text.prefix(40))")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func `random subjects open by their own tokens alone`(seed: UInt64)
        throws
    {
        var random = SplitMix64(seed: seed)
        let keys = try keys(1 + Int(random.next() % 3))
        func id() -> [UInt8] {
            (0..<(1 + random.next() % 12)).map { _ in UInt8(truncatingIfNeeded: random.next() % 4) }
        }
        let subjects = Set((0..<30).map { _ in LinkSubject(fleet: id(), stop: id()) })
        for subject in subjects {
            let text = keys.token(for: subject, expires_ms: now_ms + 1 + Int64(random.next() % 1_000_000_000))
            let token = try #require(LinkToken(Array(text.utf8)))
            #expect(subjects.filter { keys.opens(token, $0, now_ms: now_ms) } == [subject], "seed \(seed)")
        }
    }
}

@Suite struct `The keys of links` {
    private let good = (0..<32).map { String(format: "%02x", $0 * 7) }.joined()

    private func error(_ text: String) -> String? {
        do throws(SigningError) {
            _ = try LinkKeys(text: Array(text.utf8), named: "keys")
            return nil
        } catch {
            return error.message
        }
    }

    @Test func `are told what is wrong with them, but never shown`() throws {
        #expect(error(good) == nil)
        #expect(error("# a comment\n\n  \(good)  \n") == nil)
        for text in [
            "", "# none\n", "abc", String(good.dropLast(2)), String(good.dropLast()), good + " " + good,
            good + "\n" + good, String(repeating: "00", count: 32), "g" + good.dropFirst(),
            String(repeating: good, count: 5), good + "\n\u{0}",
        ] {
            let message = try #require(error(text), "\(text)")
            #expect(message.hasPrefix("keys"))
            #expect(!message.contains(good.prefix(8)))
        }
        let keys = try LinkKeys(text: Array(good.utf8), named: "keys")
        var dumped = ""
        dump(keys, to: &dumped)
        #expect(!"\(keys) \(String(reflecting: keys)) \(dumped)".contains(good.prefix(8)))
        #expect(!dumped.contains("7"), "\(dumped)")
    }

    @Test func `come from a file that nobody else can read`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("keys-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: SigningError.self) { try LinkKeys(file: path) }
        try Data(good.utf8).write(to: URL(fileURLWithPath: path))
        for mode in [0o644, 0o640, 0o604, 0o610] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(throws: SigningError.self, "\(mode)") { try LinkKeys(file: path) }
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        let subject = LinkSubject(fleet: [1], stop: [2])
        let token = try LinkKeys(file: path).token(for: subject, expires_ms: 1)
        #expect(try token == LinkKeys(text: Array(good.utf8), named: "keys").token(for: subject, expires_ms: 1))
        #expect(throws: SigningError.self) { try LinkKeys(file: "/dev/null") }
        #expect(throws: SigningError.self) { try LinkKeys(file: "/tmp") }
        try Data(repeating: 0x23, count: 70_000).write(to: URL(fileURLWithPath: path))
        #expect(throws: SigningError.self) { try LinkKeys(file: path) }
    }
}
