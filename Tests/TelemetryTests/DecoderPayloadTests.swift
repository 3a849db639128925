import Telemetry
import Testing
import Wire

@Suite struct `Payloads as a whole` {
    @Test(
        arguments: [
            ("", .emptyPayload, 0), (" \n\t", .emptyPayload, 3), ("7", .rootNotContainer, 0),
            (" \"x\"", .rootNotContainer, 1),
            ("null", .rootNotContainer, 0), ("nul", .jsonSyntax, 3), ("NaN", .jsonSyntax, 0), ("{}{}", .jsonSyntax, 2),
            (#"{"time":1795133730250,"lat":NaN,"lon":1}"#, .jsonSyntax, 28),
            (#"{"time":1795133730250,"lat":01,"lon":1}"#, .jsonSyntax, 28),
            (#"{"time":1795133730250,"x":01}"#, .jsonSyntax, 26), (#"{"time":1795133730250,}"#, .jsonSyntax, 22),
            (#"[{"time":1795133730250,"rpm":1},]"#, .jsonSyntax, 32), (#"{"x":"\q"}"#, .jsonSyntax, 6),
            (#"{"x":"\ud800"}"#, .jsonSyntax, 6), ("<xml/>", .jsonSyntax, 0), ("{\"x\":\"\u{1}\"}", .jsonSyntax, 6),
        ] as [(String, DecodeReason, Int)])
    func `what is not JSON, or no report, is refused with its place`(
        payload: String, reason: DecodeReason, offset: Int
    ) {
        let error = failure(payload)
        #expect(error?.reason == reason)
        #expect(error?.offset == offset)
    }

    @Test func `a number too large for a double does not make the payload unusable`() throws {
        let buffer = try decode(#"[{"time":1795133730250,"rpm":1e400},{"time":1795133730250,"rpm":1,"unknown":1e400}]"#)
        #expect(buffer.problems.map(\.reason) == [.numberOutOfRange])
        #expect(buffer.reports.count == 1)
    }

    @Test func `bytes that are not UTF-8 are told as such, within strings and outside`() {
        for (bytes, offset) in [
            ([UInt8](#"{"x":""#.utf8) + [0xC0, 0xAF] + [UInt8](#""}"#.utf8), 6), ([0xFF, 0xFE, 0x7B], 0),
            ([UInt8]("{\"x\":1".utf8) + [0x80, 0x7D], 6),
        ] as [([UInt8], Int)] {
            #expect(failure(bytes)?.reason == .invalidUTF8)
            #expect(failure(bytes)?.offset == offset)
        }
        #expect(failure("\u{FEFF}{}")?.reason == .jsonSyntax)
    }

    @Test func `64 KiB pass, a byte more does not`() throws {
        let report = Array(#"{"time":1795133730250,"rpm":1}"#.utf8)
        let padding = [UInt8](repeating: 0x20, count: 65_536 - report.count)
        #expect(try decode(report + padding).reports.count == 1)
        #expect(failure(report + padding + [0x20])?.reason == .payloadTooLarge)
        #expect(failure([UInt8](repeating: 0x5B, count: 1 << 20))?.reason == .payloadTooLarge)
    }

    @Test func `10,000 elements pass, one more does not`() throws {
        let elements = Array(repeating: "{}", count: 10_000).joined(separator: ",")
        #expect(try decode("[\(elements)]").problems.count == 10_000)
        #expect(failure("[\(elements),{}]")?.reason == .tooManyElements)
        #expect(failure("[\(elements),{}]")?.offset == 30_001)
        var limits = DecodeLimits()
        limits.elements = 1
        #expect(failure(Array("[7,7]".utf8), limits: limits)?.reason == .tooManyElements)
    }

    @Test func `nesting is limited, in unknown fields too`() throws {
        func payload(_ depth: Int) -> String {
            #"[{"time":1795133730250,"rpm":1,"x":"#
                + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}]"
        }
        #expect(try decode(payload(30)).reports.count == 1)
        #expect(failure(payload(31))?.reason == .jsonNesting)
        #expect(failure(String(repeating: "[", count: 65_536))?.reason == .jsonNesting)
        #expect(failure(String(repeating: "{\"dtc\":[", count: 8_000))?.reason == .jsonNesting)
    }

    @Test func `a refused payload leaves the buffer as it was`() throws {
        var buffer = ReportBuffer()
        let decoder = NativeDecoder()
        try decoder.decode(Array(#"[{"time":1795133730250,"rpm":1},7]"#.utf8).span, into: &buffer)
        #expect(throws: DecodeError.self) {
            try decoder.decode(
                Array(#"[{"time":1795133730250,"rpm":2},8,{"time":1795133730250,"rpm":3}"#.utf8).span, into: &buffer)
        }
        #expect(buffer.reports.map(\.rpm) == [1])
        #expect(buffer.problems.count == 1)
        buffer.removeAll()
        #expect(buffer.reports.isEmpty && buffer.problems.isEmpty)
        #expect(buffer.reports.capacity > 0)
    }

    @Test func `every truncation of a report is an error`() throws {
        let payload = Array(`Native report`.full.utf8)
        for length in 0..<payload.count {
            let error = failure(Array(payload[..<length]))
            if error == nil { #expect(Bool(false), "length \(length)") }
        }
    }

    @Test func `every single altered byte is safe`() throws {
        let payload = Array(`Native report`.full.utf8)
        var kept = 0
        for index in payload.indices {
            for byte in UInt8.min...UInt8.max {
                var altered = payload
                altered[index] = byte
                guard let buffer = try? decode(altered) else { continue }
                kept += 1
                if buffer.reports.count + buffer.problems.count != 1 { #expect(Bool(false), "\(index), \(byte)") }
                for report in buffer.reports {
                    _ = report.driverID(in: altered.span)
                    _ = report.troubleCodes(in: altered.span)
                }
                for problem in buffer.problems where problem.offset >= payload.count {
                    #expect(Bool(false), "\(index), \(byte): \(problem)")
                }
            }
        }
        #expect(kept > 10_000)
    }

    @Test func `codes are stable and snake case`() {
        let codes = DecodeReason.allCases.map(\.rawValue) + TopicError.Reason.allCases.map(\.rawValue)
        #expect(Set(codes).count == codes.count)
        for code in codes {
            #expect(code.allSatisfy { $0 == "_" || ($0.isLowercase && $0.isASCII) || $0.isNumber }, "\(code)")
        }
        #expect(failure("{")?.description == "json_syntax at byte 1 (the text ends within a value)")
        #expect("\(ReportProblem(offset: 3, reason: .wrongType, field: "lat"))" == "wrong_type of lat at byte 3")
        #expect("\(TopicError(reason: .wildcard, offset: 3))" == "topic_wildcard at byte 3")
    }
}
