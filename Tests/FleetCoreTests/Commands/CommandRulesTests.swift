import Testing
import Wire

@testable import FleetCore

@Suite struct `Command rules` {
    private func read(_ bytes: [UInt8]) -> CommandRules? { CommandRules(json: bytes.span) }

    @Test func `they are read back as they were written`() throws {
        var rules = CommandRules()
        rules.immobilisers = ["chief", "\"quoted\"", "chief", "a"]
        for (index, parameter) in CommandRules.parameters.enumerated() {
            rules[keyPath: parameter.path] =
                index.isMultiple(of: 2) ? parameter.range.lowerBound : parameter.range.upperBound
        }
        #expect(rules.immobilisers == ["\"quoted\"", "a", "chief"])
        let back = try #require(read(rules.json()))
        #expect(back == rules)
        #expect(back.json() == rules.json())
        #expect(back != CommandRules())
    }

    @Test func `what is missing or out of range is the built-in value`() throws {
        let text = #"{"timeout_s":0,"retries":"3","standing_s":9.9,"fix_age_s":61,"newer":1,"immobilisers":[1,"x"]}"#
        let back = try #require(read(Array(text.utf8)))
        var expected = CommandRules()
        expected.immobilisers = ["x"]
        #expect(back == expected)
    }

    @Test(arguments: ["", "[]", "7", "{"]) func `what is no object is nothing`(_ text: String) {
        #expect(read(Array(text.utf8)) == nil)
    }

    @Test func `the built-in values are in their ranges`() {
        for parameter in CommandRules.parameters {
            #expect(parameter.range.contains(CommandRules()[keyPath: parameter.path]), "\(parameter.name)")
        }
    }

    @Test func `names are compared by bytes`() {
        var rules = CommandRules()
        rules.immobilisers = ["caf\u{E9}"]
        #expect(rules.mayImmobilise(Array("caf\u{E9}".utf8)))
        #expect(!rules.mayImmobilise(Array("cafe\u{301}".utf8)))
        #expect(!rules.mayImmobilise(nil))
        var other = CommandRules()
        other.immobilisers = ["cafe\u{301}"]
        #expect(rules != other)
    }
}
