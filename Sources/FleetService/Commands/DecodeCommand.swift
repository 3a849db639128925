import Foundation
import Telemetry
import Wire

/// `fleetstream decode`
enum DecodeCommand {
    static func run(_ options: DecodeOptions) -> ExitCode {
        let limits = DecodeLimits()
        let payload: [UInt8]
        switch readWholeFile(options.file ?? "/dev/stdin", size_max: 16 * limits.payload_bytes) {
        case .success(let bytes): payload = withoutLineEnd(bytes)
        case .failure(let failure):
            CommandRunner.printError("fleetstream decode: \(options.file ?? "standard input") \(failure.problem)")
            return .inputOutput
        }
        let received_ms = options.received_ms ?? Int64(Date().timeIntervalSince1970 * 1000)
        var buffer = ReportBuffer()
        do throws(DecodeError) {
            try TelemetryDecoder(limits: limits).decode(
                payload.span, as: options.format, receivedTime_ms: received_ms, namesVehicles: true, into: &buffer)
        } catch {
            CommandRunner.printError("\(error)")
            return .failure
        }
        var out: [UInt8] = []
        for report in buffer.reports {
            report.appendJSON(to: &out, payload: payload.span)
            out.append(UInt8(ascii: "\n"))
        }
        for status in buffer.statuses {
            status.appendJSON(to: &out, payload: payload.span)
            out.append(UInt8(ascii: "\n"))
        }
        FileHandle.standardOutput.write(Data(out))
        for problem in buffer.problems { CommandRunner.printError("\(problem)") }
        if buffer.otherTypes > 0 {
            CommandRunner.printError("\(buffer.otherTypes) of a type that carries neither report nor status")
        }
        return buffer.problems.isEmpty ? .success : .failure
    }

    /// What `mosquitto_sub` and editors put behind a payload is no part of it.
    private static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        return bytes
    }
}
