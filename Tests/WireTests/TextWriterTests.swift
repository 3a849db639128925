import TestSupport
import Testing
import Wire

@Suite struct `Text writer` {
    private func text(_ limit: Int, _ write: (inout TextWriter) -> Void) -> String {
        var bytes = Array("> ".utf8)
        bytes.append(atMost: limit, write)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `parts stand one behind the other`() {
        let written = text(200) { out in
            out.write("{\"a\":")
            out.write(decimal: 18_446_744_073_709_551_615)
            out.write(UInt8(ascii: ","))
            out.write(json: "é\"\u{1}")
            out.write([UInt8](",x".utf8).span)
            out.write(fixed: -1_214_500_000, decimals: 7)
            out.write(UInt8(ascii: " "))
            out.write(time_ms: 1_795_133_730_250)
        }
        #expect(written == "> {\"a\":18446744073709551615,\"é\\\"\\u0001\",x-121.45 2026-11-20T00:15:30.250Z")
    }

    @Test func `numbers are those of the standard library`() {
        var random = SplitMix64(seed: 9)
        for round in 0..<5_000 {
            let value = random.next() >> UInt64.random(in: 0...63, using: &random)
            #expect(text(TextWriter.numberMax) { $0.write(decimal: value) } == "> \(value)", "round \(round)")
        }
    }

    @Test func `an array that is shared is not written through`() {
        let original: [UInt8] = [1, 2]
        var copy = original
        copy.append(atMost: 16) { $0.write("abc") }
        #expect(original == [1, 2] && copy == [1, 2, 0x61, 0x62, 0x63])
    }

    @Test func `writing more than was reserved stops the process`() async {
        await #expect(processExitsWith: .failure) {
            var bytes: [UInt8] = []
            bytes.append(atMost: 4) { out in for _ in 0..<1000 { out.write("0123456789") } }
        }
    }
}
