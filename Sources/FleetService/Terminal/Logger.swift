import Glibc

/// How important a message is, least first.
package enum LogLevel: String, Sendable, CaseIterable, Comparable {
    case debug, info, warning, error

    private var rank: Int {
        switch self {
        case .debug: 0
        case .info: 1
        case .warning: 2
        case .error: 3
        }
    }

    package static func < (a: LogLevel, b: LogLevel) -> Bool { a.rank < b.rank }
}

/// How log lines look: for people, or one JSON object a line.
package enum LogFormat: String, Sendable, CaseIterable { case text, json }

/// A value that accompanies a message. There is none for a `Secret`, on purpose.
package enum LogValue: Sendable, Equatable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral
{
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    /// Bytes from outside: the log shows the beginning and how many there are.
    case payload([UInt8])

    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
}

/// Writes structured lines to standard error. A value to be passed around; copies share the rate limit.
///
/// Safe from any thread. A line is one `write`, so lines do not mix.
package struct Logger: Sendable {
    /// Texts are cut to so many characters, payloads to so many bytes.
    static let text_max = 400
    static let payload_max = 64

    package let level: LogLevel
    package let format: LogFormat
    private let limiter: LogLimiter
    private let clock_ms: @Sendable () -> Int64
    private let sink: @Sendable (String) -> Void

    /// `clock_ms` gives milliseconds since 1970; `sink` gets each line with its line feed.
    package init(
        level: LogLevel = .info, format: LogFormat = .text,
        clock_ms: @escaping @Sendable () -> Int64 = Logger.systemClock_ms,
        sink: @escaping @Sendable (String) -> Void = Logger.writeToStandardError
    ) {
        self.level = level
        self.format = format
        self.limiter = LogLimiter()
        self.clock_ms = clock_ms
        self.sink = sink
    }

    package init(_ configuration: Configuration.Log) {
        self.init(level: configuration.level, format: configuration.format)
    }

    package func debug(_ message: String, once key: String? = nil, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.debug, message, once: key, fields)
    }

    package func info(_ message: String, once key: String? = nil, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.info, message, once: key, fields)
    }

    package func warning(_ message: String, once key: String? = nil, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.warning, message, once: key, fields)
    }

    package func error(_ message: String, once key: String? = nil, _ fields: KeyValuePairs<String, LogValue> = [:]) {
        log(.error, message, once: key, fields)
    }

    /// Writes a message with its fields, if its level is enough. Of those with the same `once` key at most one a second is
    /// written; the next says as `suppressed` how many were not.
    package func log(
        _ level: LogLevel, _ message: String, once key: String? = nil, _ fields: KeyValuePairs<String, LogValue> = [:]
    ) {
        guard level >= self.level else { return }
        let time_ms = clock_ms()
        var suppressed = 0
        if let key {
            guard let count = limiter.admit(key, at: time_ms) else { return }
            suppressed = count
        }
        sink(
            LogLine(time_ms: time_ms, level: level, message: message, fields: fields, suppressed: suppressed).text(
                format))
    }

    package static let systemClock_ms: @Sendable () -> Int64 = {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }

    package static let writeToStandardError: @Sendable (String) -> Void = { line in
        var bytes = Array(line.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            // Nobody reads the log any more: there is nowhere to complain.
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
