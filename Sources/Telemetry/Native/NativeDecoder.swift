import Wire

/// Decodes the native report: one JSON object, or an array of them.
///
/// Fields may stand in any order; unknown ones are skipped, their syntax checked; of duplicate keys the last counts;
/// `null` is the same as absence. Linear in the payload's length. Allocates only where
/// `buffer` has to grow, numbers have more than 15 digits, or keys are written with escapes.
package struct NativeDecoder: Sendable {
    package let limits: DecodeLimits

    package init(limits: DecodeLimits = DecodeLimits()) {
        self.limits = limits
    }

    /// Appends the payload's reports and problems to `buffer`, one or the other for each element.
    ///
    /// Throws where the payload is not JSON or beyond the limits; the buffer is then as it was before.
    package func decode(_ payload: Span<UInt8>, into buffer: inout ReportBuffer) throws(DecodeError) {
        guard payload.count <= min(limits.payload_bytes, Int(Int32.max)) else {
            throw DecodeError(reason: .payloadTooLarge, offset: limits.payload_bytes)
        }
        var cursor = JSONCursor(nestingLimit: limits.nesting)
        cursor.skipWhitespace(in: payload)
        let start = cursor.position
        guard start < payload.count else { throw DecodeError(reason: .emptyPayload, offset: start) }
        let reportCount = buffer.reports.count
        let problemCount = buffer.problems.count
        let hadIdentities = buffer.hasIdentities
        let rootKind: JSONKind
        do throws(JSONError) {
            rootKind = try cursor.peekKind(in: payload)
            switch rootKind {
            case .object: try decodeElement(&cursor, in: payload, into: &buffer)
            case .array: try decodeArray(&cursor, in: payload, into: &buffer)
            default: try cursor.skipValue(in: payload)
            }
            try cursor.finish(in: payload)
        } catch {
            buffer.reports.removeSubrange(reportCount...)
            buffer.problems.removeSubrange(problemCount...)
            buffer.hasIdentities = hadIdentities
            throw DecodeError(error, in: payload)
        }
        guard rootKind == .object || rootKind == .array else {
            throw DecodeError(reason: .rootNotContainer, offset: start)
        }
    }

    private func decodeArray(
        _ cursor: inout JSONCursor, in payload: Span<UInt8>, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        var count = 0
        try cursor.beginArray(in: payload)
        while try cursor.nextElement(in: payload) {
            let kind = try cursor.peekKind(in: payload)
            guard count < limits.elements else { throw JSONError(offset: cursor.position, reason: .tooManyValues) }
            count += 1
            if kind == .object {
                try decodeElement(&cursor, in: payload, into: &buffer)
            } else {
                buffer.problems.append(
                    ReportProblem(offset: cursor.position, reason: .elementNotObject, field: ""))
                try cursor.skipValue(in: payload)
            }
        }
    }

    private func decodeElement(
        _ cursor: inout JSONCursor, in payload: Span<UInt8>, into buffer: inout ReportBuffer
    ) throws(JSONError) {
        var element = NativeElement()
        try element.read(&cursor, in: payload)
        if element.isUsable {
            buffer.reports.append(element.report)
            if !element.report.identity.isEmpty { buffer.hasIdentities = true }
        } else if let problem = element.problem {
            buffer.problems.append(problem)
        }
    }
}
