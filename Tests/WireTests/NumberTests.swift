import Foundation
import TestSupport
import Testing
import Wire

@Suite struct `Numbers` {
    static func read(_ text: String) -> Double? { (try? parseJSON(text))?.number }

    static let hardCases = [
        "0", "-0", "0.0", "-0e999999999999999999999", "1", "-1", "0.1", "1e22", "1e23", "8.5e22", "123456789e-30",
        "9007199254740991", "9007199254740992", "9007199254740993", "9007199254740995", "-9007199254740993",
        "9007199254740993.0000000000000000000001", "18446744073709551615", "18446744073709551616",
        "9999999999999999999", "10000000000000000000", "1.7976931348623157e308", "1.7976931348623158e308",
        "179769313486231570000000000000000000000e270", "2.2250738585072014e-308", "2.2250738585072011e-308",
        "2.2250738585072012e-308", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
        "1e-323", "1e-400", "-1e-400", "1e-99999999999999999999", "3.0000000000000000000000000000001",
        "0.500000000000000166533453693773481063544750213623046875",
        "3.518437208883201171875e13", "62.5364939768271845828", "8.10109172351e-10",
        "1.50000000000000011102230246251565",
        "30078505129381147446200", "1777820000000000000001", "0.000000000000000000000000000000000000000001e42",
        "1000000000000000000000000000000000000000000e-42", "121.51700000000001", "25.047800000000002",
        "7205759403792793199999e-5", "5e-324", "104308485241983990666713401708072175773165034278685921e-17",
        "2.2250738585072013830902327173324040642192159804623318306e-308",
    ]

    @Test(arguments: hardCases)
    func `hard cases are the doubles that strtod has`(text: String) {
        #expect(Self.read(text)?.bitPattern == strtod(text, nil).bitPattern)
    }

    @Test(arguments: ["1e400", "-1e400", "1e309", "1.7976931348623159e308", "1e99999999999999999999", "123e9999999"])
    func `numbers beyond a double are refused`(text: String) {
        #expect(throws: JSONError(offset: 1, reason: .numberOutOfRange)) { try parseJSON("[\(text)]") }
    }

    @Test func `very long numbers are right too`() {
        let zeros = String(repeating: "0", count: 60_000)
        #expect(Self.read("0.\(zeros)1e60001") == 1)
        #expect(Self.read("1\(zeros)e-60000") == 1)
        #expect(Self.read("9007199254740993\(zeros).\(zeros)1e-60000") == 9_007_199_254_740_994)
        #expect(Self.read("1\(zeros)") == nil)
        #expect(Self.read("0.\(zeros)1") == 0)
    }

    @Test func `random numbers are the doubles that strtod has`() {
        let seed: UInt64 = 7_001
        var source = RandomJSON(seed: seed)
        for round in 0..<20_000 {
            let text = source.number()
            let expected = strtod(text, nil)
            let value = Self.read(text)
            #expect(
                expected.isFinite ? value?.bitPattern == expected.bitPattern : value == nil,
                "seed \(seed), round \(round): \(text)")
        }
    }

    @Test func `the neighbourhood of halfway points is the one of strtod`() {
        let seed: UInt64 = 7_002
        var random = SplitMix64(seed: seed)
        for round in 0..<5_000 {
            // The midpoint of two doubles of 54 bits, written exactly, and a digit behind it.
            let significand = random.next() >> 11 | 1 << 52
            let midpoint = "\(significand << 1 | 1)"
            for text in [
                midpoint, midpoint + ".0", midpoint + ".00000000000000000001", midpoint + "e3", midpoint + "e-9",
            ] {
                #expect(
                    Self.read(text)?.bitPattern == strtod(text, nil).bitPattern,
                    "seed \(seed), round \(round): \(text)")
            }
        }
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1e", "1e+", "1E-", "1.e5", "1.5e", "0x10", "NaN", "nan",
        "Infinity", "-Infinity", "1_000", "1,5", "١", "1f", "--1", "1e5.5", "1 2",
    ])
    func `what JSON does not call a number is refused`(text: String) {
        #expect(throws: JSONError.self) { try parseJSON(text) }
        #expect(throws: JSONError.self) { try parseJSON("{\"a\":\(text)}") }
    }

    @Test func `doubles are written as short as they read back`() {
        let seed: UInt64 = 7_003
        var random = SplitMix64(seed: seed)
        for round in 0..<20_000 {
            let value: Double
            switch round % 4 {
            case 0: value = Double(bitPattern: random.next())
            case 1: value = Double(Int64.random(in: -2_000_000_000...2_000_000_000, using: &random)) / 1e7
            case 2: value = Double.random(in: -1_000...1_000, using: &random)
            default: value = Double(Int64.random(in: -1_000_000...1_000_000, using: &random)) / 10
            }
            let text = written { $0.appendJSON(value) }
            guard value.isFinite else {
                #expect(text == "null")
                continue
            }
            #expect(strtod(text, nil).bitPattern == value.bitPattern, "seed \(seed), round \(round): \(text)")
            #expect(Self.read(text)?.bitPattern == value.bitPattern, "seed \(seed), round \(round): \(text)")
            // The standard library's description is known to be the shortest.
            func digits(_ text: String) -> Int {
                let significand = text.prefix { $0 != "e" }.filter(\.isNumber)
                return significand.drop { $0 == "0" }.reversed().drop { $0 == "0" }.count
            }
            #expect(digits(text) <= digits(value.description), "seed \(seed), round \(round): \(text)")
        }
    }

    @Test func `integers are read exactly or not at all`() throws {
        func decimal(_ text: String) throws -> (Int64?, Int64?) {
            var cursor = JSONCursor()
            let decimal = try cursor.readDecimal(in: Array(text.utf8).span)
            return (decimal.integer, decimal.truncated)
        }
        for (text, integer, truncated) in [
            ("9223372036854775807", Int64.max, Int64.max), ("-9223372036854775808", .min, .min),
            ("88123.0", 88123, 88123),
            ("8.8123e4", 88123, 88123), ("1200e-2", 12, 12), ("-1.5", nil, -1), ("0.9999999999999999999999", nil, 0),
            ("1e18", 1_000_000_000_000_000_000, 1_000_000_000_000_000_000), ("-0", 0, 0), ("1e-30", nil, 0),
            ("1234567890123456789.5", nil, 1_234_567_890_123_456_789), ("0e5", 0, 0), ("0e-50", 0, 0),
            ("1.000000000000000000000000000", 1, 1), ("1.0000000000000000000000000001", nil, 1),
        ] as [(String, Int64?, Int64?)] {
            #expect(try decimal(text) == (integer, truncated), "\(text)")
        }
        for text in ["9223372036854775808", "-9223372036854775809", "1e19", "1e400", "99999999999999999999", "1e20"] {
            #expect(try decimal(text) == (nil, nil), "\(text)")
        }
    }

    @Test func `fixed-point numbers agree with exact division`() {
        let seed: UInt64 = 7_004
        var random = SplitMix64(seed: seed)
        for round in 0..<5_000 {
            let value = Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0...62, using: &random)
            let decimals = Int.random(in: 0...18, using: &random)
            let text = written { $0.append(fixed: value, decimals: decimals) }
            let exact = Decimal(value) / pow(Decimal(10), decimals)
            #expect(Decimal(string: text) == exact, "seed \(seed), round \(round): \(value), \(decimals): \(text)")
            #expect(!text.contains(".") || text.last != "0", "seed \(seed), round \(round): \(text)")
            #expect(written { $0.append(decimal: value) } == "\(value)")
        }
    }
}
