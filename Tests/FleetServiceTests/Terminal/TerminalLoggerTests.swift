import Foundation
import Synchronization
import TestSupport
import Testing

@testable import FleetService

@Suite struct `Structured log` {
    /// Collects lines, with a clock that the test moves.
    private final class Recorder: Sendable {
        private let lines = Mutex<[String]>([])
        private let now_ms = Mutex<Int64>(1_795_133_730_250)

        func logger(_ level: LogLevel = .info, _ format: LogFormat = .text) -> Logger {
            Logger(
                level: level, format: format, clock_ms: { self.now_ms.withLock { $0 } },
                sink: { line in self.lines.withLock { $0.append(line) } })
        }

        func advance(_ interval_ms: Int64) {
            now_ms.withLock { $0 += interval_ms }
        }

        var written: [String] { lines.withLock { $0 } }
    }

    private let recorder = Recorder()

    @Test func `lines for people`() {
        let logger = recorder.logger()
        logger.info("ready")
        logger.warning(
            "broker away",
            ["host": "10.0.0.5", "attempt": 3, "wait_s": 0.5, "again": true, "reason": "no route", "x": ""])
        #expect(
            recorder.written == [
                "2026-11-20T00:15:30.250Z info ready\n",
                "2026-11-20T00:15:30.250Z warning broker away host=10.0.0.5 attempt=3 wait_s=0.5 again=true "
                    + "reason=\"no route\" x=\"\"\n",
            ])
    }

    @Test func `lines for machines are JSON, whatever is in them`() throws {
        let logger = recorder.logger(.debug, .json)
        logger.error("a \"b\" \\ \n\u{1B}", ["level": "台北", "n": .number(.nan), "p": .payload([0x41, 0, 0x22, 0xFF])])
        let line = try #require(recorder.written.first)
        #expect(line.filter { $0 == "\n" }.count == 1)
        #expect(
            JSON5Value(json5: line.utf8)
                == .object([
                    "time": .string("2026-11-20T00:15:30.250Z"), "level": .string("error"),
                    "message": .string("a \"b\" \\ \u{FFFD}\u{FFFD}"), "-level": .string("台北"), "n": .null,
                    "p": .string("A\\x00\"\\xff"),
                ]))
    }

    @Test(arguments: [LogFormat.text, .json])
    func `telephone numbers are masked, wherever they stand`(format: LogFormat) {
        recorder.logger(.debug, format).error(
            "refused +886912345678",
            ["to": "+886912345679", "body": .payload(Array("{\"phone\":\"0912345670\"}".utf8))])
        let line = recorder.written.joined()
        #expect(line.contains("+8869••••678") && line.contains("+8869••••679") && !line.contains("12345"), "\(line)")
    }

    @Test func `levels below the configured one are not written`() {
        let logger = recorder.logger(.warning)
        logger.debug("a")
        logger.info("b")
        logger.warning("c")
        logger.error("d")
        #expect(recorder.written.count == 2)
    }

    @Test func `of repeated messages one a second is written, and the rest counted`() {
        let logger = recorder.logger()
        let copy = logger
        for _ in 0..<5 { logger.warning("full", once: "disk") }
        copy.warning("other", once: "broker")
        recorder.advance(999)
        copy.warning("full", once: "disk")
        recorder.advance(1)
        logger.warning("full", once: "disk")
        recorder.advance(5000)
        logger.warning("full", once: "disk")
        #expect(
            recorder.written.map { String($0.dropFirst(33).dropLast()) } == [
                "full", "other", "full suppressed=5", "full",
            ])
    }

    @Test func `what is below the level does not use up the rate`() {
        let logger = recorder.logger(.warning)
        logger.debug("x", once: "key")
        logger.error("x", once: "key")
        #expect(recorder.written.count == 1)
    }

    @Test func `a clock that goes back does not silence`() {
        let logger = recorder.logger()
        logger.info("x", once: "key")
        recorder.advance(-3_600_000)
        logger.info("x", once: "key")
        #expect(recorder.written.count == 2)
    }

    @Test func `keys without number cost bounded memory, and are still limited`() {
        let logger = recorder.logger()
        for index in 0..<10_000 { logger.info("x", once: "key \(index)") }
        #expect(recorder.written.count == LogLimiter.keys_max + 1)
        recorder.advance(1000)
        logger.info("x", once: "fresh")
        #expect(recorder.written.count == LogLimiter.keys_max + 2)
    }

    @Test func `long texts and payloads are cut`() {
        let logger = recorder.logger()
        logger.info(
            "x",
            [
                "topic": .string(String(repeating: "t", count: 100_000)),
                "payload": .payload(Array(repeating: 0x7B, count: 5000)),
            ])
        let line = recorder.written[0]
        #expect(line.count < 700)
        #expect(line.contains("… (5000 bytes)"))
    }

    @Test func `times agree with Foundation's`() throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for seed in UInt64(1)...2000 {
            var random = SplitMix64(seed: seed)
            let time_ms = Int64.random(in: -62_135_596_800_000...253_402_300_799_999, using: &random)
            // Foundation's calendar is Julian before 1582.
            guard time_ms > -12_219_292_800_000 else { continue }
            let date = Date(timeIntervalSince1970: Double(time_ms / 1000) + Double(time_ms % 1000) / 1000)
            let parsed = try style.parse(isoTime(time_ms))
            #expect(abs(parsed.timeIntervalSince(date)) < 0.0005, "seed \(seed): \(isoTime(time_ms))")
        }
        #expect(isoTime(0) == "1970-01-01T00:00:00.000Z")
        #expect(isoTime(-1) == "1969-12-31T23:59:59.999Z")
        #expect(isoTime(951_827_696_789) == "2000-02-29T12:34:56.789Z")
    }

    @Test func `threads do not mix their lines`() async {
        let logger = recorder.logger()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for index in 0..<100 { logger.info("m", ["task": .integer(task), "index": .integer(index)]) }
                }
            }
        }
        #expect(recorder.written.count == 800)
    }
}
