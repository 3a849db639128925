/// What one request and one connection may take. A request beyond is refused with the status that says so; none of these
/// limits is for honest clients to notice.
package struct HTTPLimits: Sendable, Equatable {
    /// Bytes of the request line without its end; beyond: 414.
    package var requestLine_bytes = 4096
    /// Bytes of all header lines together; beyond: 431.
    package var headers_bytes = 16_384
    /// Header lines; beyond: 431.
    package var headers_max = 64
    /// Parameters behind the question mark; beyond: 400.
    package var parameters_max = 32

    /// Connections at a time, of everybody and from one address; beyond: 503.
    package var connections_max = 1024
    package var connectionsPerAddress_max = 256
    /// Requests on one connection; the last one's answer closes it.
    package var requestsPerConnection_max = 1000

    /// A connection that sends nothing is closed after so long …
    package var idle_ms: Int64 = 15_000
    /// … and a request must be whole so long after its first byte; beyond: 408.
    package var request_ms: Int64 = 10_000
    /// A reader that takes nothing of an answer for so long is dropped …
    package var stalled_ms: Int64 = 10_000
    /// … and also one that has not taken all of an answer after so long, and a second for each of
    /// `bytesPerSecond_min` bytes.
    package var response_ms: Int64 = 30_000
    package var bytesPerSecond_min = 32_768

    /// Bytes that the system is asked to keep for a reader that does not take them; it doubles that.
    package var sendBuffer_bytes: Int32 = 131_072
    /// Bytes that are kept ready for a reader of a stream.
    package var streamBuffer_bytes = 262_144
    /// How often streams are given what is new.
    package var streamInterval_ms: Int64 = 500

    package init() {}
}
