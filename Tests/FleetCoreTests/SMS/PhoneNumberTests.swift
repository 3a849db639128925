import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Telephone numbers` {
    @Test(arguments: [
        ("+886912345678", true), ("+12", true), ("+123456789012345", true), ("+1234567890123456", false), ("+1", false),
        ("+", false), ("", false), ("0912345678", false), ("+0912345678", false), ("+8869 12345678", false),
        ("886912345678", false), ("+88691234567x", false), ("＋886912345678", false), ("+886912345678\n", false),
    ])
    func `are those of E.164`(number: String, isValid: Bool) {
        #expect(PhoneNumber.isValid(Array(number.utf8)) == isValid)
    }

    @Test(arguments: [
        ("+886912345678", "+8869••••678"), ("+1234567890", "+1234••••890"), ("+123456789", "+1••••"), ("+12", "+1••••"),
        ("0912345678", "••••"), ("", "••••"), ("王", "••••"),
    ])
    func `show little of themselves`(number: String, expected: String) {
        #expect(PhoneNumber.masked(Array(number.utf8)) == expected)
    }

    @Test(arguments: [
        (#"{"phone":"+886912345678","name":"王"}"#, #"{"phone":"+8869••••678","name":"王"}"#),
        (#"{"phone" : "0912-345-678"}"#, #"{"phone" : "••••"}"#), (#"{"phone":"02 2345 6789"}"#, #"{"phone":"••••"}"#),
        (#"{\"phone\":\"0223456789\"}"#, #"{\"phone\":\"••••\"}"#),
        (
            #"{"to":"+886912345678","text":"call +886 2 2345 6789"}"#,
            #"{"to":"+8869••••678","text":"call +8862••••789"}"#
        ),
        ("To=%2B886912345678&Body=x", "To=+8869••••678&Body=x"), ("please call 0912345678!", "please call ••••!"),
        ("0912-345-678", "••••"), ("+886912345678.", "+8869••••678."),
        ("+886912345678to", "+8869••••678to"), ("+886912345678 2026-11-20", "+8869••••678 2026-11-20"),
        ("0912345678 2026", "•••• 2026"),
        // What is no number.
        (
            #"{"time":"2026-11-20T08:15:30+08:00","lat":25.0912345678}"#,
            #"{"time":"2026-11-20T08:15:30+08:00","lat":25.0912345678}"#
        ),
        (#"{"time":1760912345678}"#, #"{"time":1760912345678}"#),
        (
            #"{"from":"2026-11-20T08:00:00Z","to":"2026-11-20T10:00:00Z"}"#,
            #"{"from":"2026-11-20T08:00:00Z","to":"2026-11-20T10:00:00Z"}"#
        ),
        (#"{"from":"21:00","to":"08:00"}"#, #"{"from":"21:00","to":"08:00"}"#), ("x+1 and 3+4", "x+1 and 3+4"),
        ("a0912345678", "a0912345678"), ("09123456789", "09123456789"), ("+1234567890123456", "+1234567890123456"),
        ("", ""), ("+", "+"), (#""to""#, #""to""#), (#"{"phone":""#, #"{"phone":""#),
    ])
    func `are masked within texts`(text: String, expected: String) { #expect(PhoneNumber.masking(text) == expected) }

    @Test func `no number stays in a random text, and bytes of any kind come through`() {
        for seed in seeds(300) {
            var random = SplitMix64(seed: seed)
            let number = "+886" + (0..<9).map { _ in String(Int.random(in: 0...9, using: &random)) }.joined()
            let around = ["{\"phone\":\"", " call ", "\\n", "\"", "中", ",", ":", "+", "%2B", "to", ""]
            var text = ""
            for _ in 0..<6 {
                text +=
                    (around.randomElement(using: &random) ?? "") + number + (around.randomElement(using: &random) ?? "")
                text += " "
            }
            #expect(!PhoneNumber.masking(text).contains(number.dropFirst()), "seed \(seed): \(text)")
            let bytes = (0..<200).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = PhoneNumber.masking(bytes)
        }
    }
}
