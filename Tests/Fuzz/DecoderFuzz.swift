// The libFuzzer target of everything that reads bytes from outside: see run.sh.

import Telemetry
import Wire

/// Runs one input through every decoder, and checks what must hold whatever the input is. A broken promise stops the
/// process, which libFuzzer reports together with the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    checkReports(bytes)
    for format in TelemetryFormat.allCases { checkDialect(bytes, format) }
    checkTree(bytes)
    checkTopic(bytes)
    checkText(bytes)
    _ = try? StatusDecoder().decode(bytes.span)
    return 0
}

/// Bytes of the longest id that the native form takes.
let longestName = 128

func require(_ condition: Bool, _ promise: String) {
    if !condition { fatalError("broken promise: \(promise)") }
}

func checkReports(_ bytes: [UInt8]) {
    var buffer = ReportBuffer()
    let error: DecodeError?
    do throws(DecodeError) {
        try NativeDecoder().decode(bytes.span, into: &buffer)
        error = nil
    } catch let caught {
        error = caught
    }
    if let error {
        require(buffer.reports.isEmpty && buffer.problems.isEmpty, "a refused payload leaves nothing behind")
        require(error.offset >= 0 && error.offset <= bytes.count, "an error points into the payload")
    }
    for report in buffer.reports {
        require(bytes[Int(report.offset)] == UInt8(ascii: "{"), "a report points at its object")
        require(report.latitude_e7.magnitude <= 900_000_000, "a latitude is within ±90")
        require(report.longitude_e7.magnitude <= 1_800_000_000, "a longitude is within ±180")
        require(report.heading_deg >= 0 && report.heading_deg < 360, "a heading is within 0 ..< 360")
        require(
            report.fields.contains(.driver) == (report.driverID(in: bytes.span) != nil), "a driver can be read")
        require(
            report.fields.contains(.dtc) == (report.troubleCodes(in: bytes.span) != nil), "trouble codes can be read")
    }
    for problem in buffer.problems {
        require(problem.offset >= 0 && problem.offset < bytes.count, "a problem points into the payload")
    }
    let tree: JSONError?
    do throws(JSONError) {
        _ = try JSONNode.parse(bytes.span)
        tree = nil
    } catch let caught {
        tree = caught
    }
    // The decoder does not look at the magnitude of numbers that it has no use for, and has limits of its own.
    let limits: [DecodeReason] = [.payloadTooLarge, .tooManyElements, .rootNotContainer]
    guard tree?.reason != .numberOutOfRange, !limits.contains(where: { $0 == error?.reason }) else { return }
    require((tree == nil) == (error == nil), "decoder and tree agree on what is JSON")
}

func checkDialect(_ bytes: [UInt8], _ format: TelemetryFormat) {
    var buffer = ReportBuffer()
    do throws(DecodeError) {
        try TelemetryDecoder().decode(
            bytes.span, as: format, receivedTime_ms: 1_795_170_060_000, namesVehicles: true, into: &buffer)
    } catch {
        require(buffer.reports.isEmpty && buffer.problems.isEmpty, "a refused payload leaves nothing behind")
        require(buffer.statuses.isEmpty && buffer.otherTypes == 0, "a refused payload leaves nothing behind")
        require(error.offset >= 0 && error.offset <= bytes.count, "an error points into the payload")
    }
    for report in buffer.reports {
        require(bytes[Int(report.offset)] == UInt8(ascii: "{"), "a report points at its object")
        require(report.latitude_e7.magnitude <= 900_000_000, "a latitude is within ±90")
        require(report.longitude_e7.magnitude <= 1_800_000_000, "a longitude is within ±180")
        require(report.time_ms >= 946_684_800_000 && report.time_ms < 4_102_444_800_000, "a time is plausible")
        require(
            report.identity.isEmpty == (report.identityBytes(in: bytes.span) == nil), "an identity can be read")
        var text: [UInt8] = []
        report.appendJSON(to: &text, payload: bytes.span)
        var again = ReportBuffer()
        try? NativeDecoder().decode(text.span, into: &again)
        // A name that is longer than a vehicle's may be is refused when it is read: such a report is a dead letter.
        let isNameable = (report.identityBytes(in: bytes.span)?.count ?? 0) <= longestName
        require(
            !isNameable || again.reports.first?.fields == report.fields, "what is written reads back as the same report"
        )
    }
    for problem in buffer.problems {
        require(problem.offset >= 0 && problem.offset < bytes.count, "a problem points into the payload")
    }
}

func checkTree(_ bytes: [UInt8]) {
    guard let node = try? JSONNode.parse(bytes.span) else { return }
    var text: [UInt8] = []
    write(node, to: &text)
    guard let again = try? JSONNode.parse(text.span) else {
        fatalError("broken promise: what is written is JSON")
    }
    var secondText: [UInt8] = []
    write(again, to: &secondText)
    require(text == secondText, "what is written reads back as the same")
}

func write(_ node: JSONNode, to text: inout [UInt8]) {
    switch node.value {
    case .null: text.append(ascii: "null")
    case .bool(let bool): text.append(ascii: bool ? "true" : "false")
    case .number(let number): text.appendJSON(number)
    case .string(let string): text.appendJSON(string: string)
    case .array(let elements):
        text.append(ascii: "[")
        for (index, element) in elements.enumerated() {
            if index > 0 { text.append(ascii: ",") }
            write(element, to: &text)
        }
        text.append(ascii: "]")
    case .object(let members):
        text.append(ascii: "{")
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(ascii: ",") }
            text.appendJSON(string: member.key)
            text.append(ascii: ":")
            write(member.value, to: &text)
        }
        text.append(ascii: "}")
    }
}

func checkTopic(_ bytes: [UInt8]) {
    do throws(TopicError) {
        let topic = try TopicParser().parse(bytes.span)
        for range in [topic.fleet, topic.id, topic.subID] {
            require(range.lowerBound >= 0 && range.upperBound <= bytes.count, "an id stands within the topic")
            require(!bytes[range].contains(UInt8(ascii: "/")), "an id is one level")
        }
        require(!topic.fleet.isEmpty, "a topic has a fleet")
    } catch {
        require(error.offset >= 0 && error.offset <= bytes.count, "an error points into the topic")
    }
}

func checkText(_ bytes: [UInt8]) {
    if let time_ms = RFC3339.parse(bytes.span) {
        var text: [UInt8] = []
        RFC3339.append(time_ms, to: &text)
        require(text.count == 24 && RFC3339.parse(text.span) == time_ms, "a time reads back as it was written")
    }
    var quoted: [UInt8] = []
    quoted.appendJSON(stringBytes: bytes.span)
    require((try? JSONNode.parse(quoted.span))?.string != nil, "any bytes can be written as a JSON string")
}
