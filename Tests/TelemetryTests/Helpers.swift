import Telemetry
import Wire

// `#expect` captures its operands, which a span cannot be: these take what can.

func decode(_ payload: [UInt8], limits: DecodeLimits = DecodeLimits()) throws(DecodeError) -> ReportBuffer {
    var buffer = ReportBuffer()
    try NativeDecoder(limits: limits).decode(payload.span, into: &buffer)
    return buffer
}

func decode(_ payload: String) throws(DecodeError) -> ReportBuffer {
    try decode(Array(payload.utf8))
}

/// Why the payload as a whole is refused; nil where it is not.
func failure(_ payload: [UInt8], limits: DecodeLimits = DecodeLimits()) -> DecodeError? {
    do throws(DecodeError) {
        _ = try decode(payload, limits: limits)
        return nil
    } catch {
        return error
    }
}

func failure(_ payload: String) -> DecodeError? { failure(Array(payload.utf8)) }

func parseTopic(_ topic: [UInt8], root: String = "fleets") throws(TopicError) -> Topic {
    try TopicParser(root: root).parse(topic.span)
}

/// The topic's kind and ids as text.
func parts(_ topic: String, root: String = "fleets") throws(TopicError) -> (TopicKind, [String]) {
    let bytes = Array(topic.utf8)
    let parsed = try parseTopic(bytes, root: root)
    let ranges = [parsed.fleet, parsed.id, parsed.subID].filter { !$0.isEmpty }
    return (parsed.kind, ranges.map { String(decoding: bytes[$0], as: UTF8.self) })
}

func topicFailure(_ topic: [UInt8], root: String = "fleets") -> TopicError? {
    do throws(TopicError) {
        _ = try parseTopic(topic, root: root)
        return nil
    } catch {
        return error
    }
}

func topicFailure(_ topic: String, root: String = "fleets") -> TopicError? {
    topicFailure(Array(topic.utf8), root: root)
}

func status(_ payload: String) throws(DecodeError) -> VehicleStatus {
    try StatusDecoder().decode(Array(payload.utf8).span)
}

func statusFailure(_ payload: String) -> DecodeError? {
    do throws(DecodeError) {
        _ = try status(payload)
        return nil
    } catch {
        return error
    }
}

extension Report {
    func driverID(in payload: String) -> String? { driverID(in: Array(payload.utf8).span) }
    func troubleCodes(in payload: String) -> [String]? { troubleCodes(in: Array(payload.utf8).span) }
}
