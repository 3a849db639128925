import Testing
import Wire

@Suite struct `JSON reading and writing` {
    @Test func `a tree tells every value and its place`() throws {
        let node = try parseJSON(#" {"a":[1,-2.5e3,"\u7535\ud83d\ude9a\n"],"b":null,"a":true} "#)
        #expect(node.offset == 1)
        #expect(node["a"]?.bool == true)
        #expect(node["b"]?.isNull == true)
        let elements = try #require(node.object?.first?.value.array)
        #expect(elements.map(\.number) == [1, -2500, nil])
        #expect(elements[2].string == "电🚚\n")
        #expect(elements[1].offset == 9)
    }

    @Test(arguments: [
        ("25.0478", 25.0478), ("0.1", 0.1), ("-0", -0.0), ("9007199254740993", 9_007_199_254_740_992),
        ("1e-400", 0), ("1234567890123456789012345678", 1.234567890123456789e27),
    ])
    func `a number is the nearest double`(text: String, value: Double) throws {
        #expect(try parseJSON(text).number?.bitPattern == value.bitPattern)
    }

    @Test(arguments: [
        (25.0478, "25.0478"), (-0.0, "-0"), (5, "5"), (1e300, "1e+300"), (0.1 + 0.2, "0.30000000000000004"),
        (.nan, "null"), (1e-5, "0.00001"), (121.517, "121.517"), (-1_234_567.25, "-1234567.25"),
        (.leastNonzeroMagnitude, "5e-324"),
    ])
    func `a number is written as short as it reads back`(value: Double, text: String) {
        #expect(written { $0.appendJSON(value) } == text)
    }

    @Test func `fixed-point and hexadecimal numbers`() {
        var bytes: [UInt8] = []
        for (value, decimals) in [
            (250_478_000, 7), (-1, 7), (0, 7), (100, 2), (7, 0), (Int64.min, 18), (Int64.max, 0),
        ] as [(Int64, Int)] {
            bytes.append(fixed: value, decimals: decimals)
            bytes.append(UInt8(ascii: " "))
        }
        bytes.append(hex: 0x0123_4567_89ab_cdef)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "25.0478 -0.0000001 0 1 7 -9.223372036854775808 9223372036854775807 0123456789abcdef")
    }

    @Test func `times are read and written`() throws {
        let time_ms = try #require(parseTime("2026-11-20T08:15:30.250+08:00"))
        #expect(time_ms == 1_795_133_730_250)
        #expect(RFC3339.string(time_ms) == "2026-11-20T00:15:30.250Z")
    }
}
