import Wire

/// The time field that all of our own formats share: RFC 3339 text, or milliseconds since 1970.
enum ReportTime {
    /// 2000-01-01T00:00:00Z. Trackers without a fix count from 1970 or 1980.
    static let minimum_ms: Int64 = 946_684_800_000
    /// 2100-01-01T00:00:00Z, itself excluded. The GPS week counter's rollovers lead into the decades before it, so what
    /// is merely in the future is left to the engine, which has a clock to compare with.
    static let end_ms: Int64 = 4_102_444_800_000

    /// Reads a value of the given kind; the inner failure is about this value only, the cursor is past it then too.
    static func read(
        _ cursor: inout JSONCursor, _ kind: JSONKind, in bytes: Span<UInt8>
    ) throws(JSONError) -> Result<Int64, DecodeReason> {
        switch kind {
        case .number:
            let decimal = try cursor.readDecimal(in: bytes)
            guard let number = decimal.truncated else { return .failure(.timeImplausible) }
            if isPlausible(number) { return .success(number) }
            let asSeconds = number.multipliedReportingOverflow(by: 1_000)
            let isSeconds = !asSeconds.overflow && isPlausible(asSeconds.partialValue)
            return .failure(isSeconds ? .timeInSeconds : .timeImplausible)
        case .string:
            let text = try cursor.readString(in: bytes)
            let parsed: Int64?
            if text.hasEscapes {
                parsed = RFC3339.parse(text.unescapedBytes(in: bytes).span)
            } else {
                parsed = RFC3339.parse(bytes, text.range)
            }
            guard let time_ms = parsed else { return .failure(.invalidTime) }
            return isPlausible(time_ms) ? .success(time_ms) : .failure(.timeImplausible)
        default:
            try cursor.skipValue(in: bytes)
            return .failure(.wrongType)
        }
    }

    static func isPlausible(_ time_ms: Int64) -> Bool { time_ms >= minimum_ms && time_ms < end_ms }
}
