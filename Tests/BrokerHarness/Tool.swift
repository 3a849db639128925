import Foundation
import MQTTTransport

/// Why a helper of the tests could not do its work.
package struct HarnessError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}

/// A command-line program that runs with a deadline; its output is collected in a file.
package final class Tool: Sendable {
    private let process: ChildProcess
    private let directory: TemporaryDirectory

    /// Starts `name`, looked for in PATH and the system's folders.
    package init(_ name: String, _ arguments: [String]) throws {
        directory = try TemporaryDirectory()
        process = try ChildProcess(Self.find(name), arguments, outputFile: directory.path + "/output")
    }

    deinit { process.end(signal: SIGKILL, timeout_ms: 2_000) }

    package var output: String {
        (try? Data(contentsOf: URL(fileURLWithPath: directory.path + "/output")))
            .map { String(decoding: $0, as: UTF8.self) } ?? ""
    }

    package var lines: [String] { output.split(separator: "\n").map(String.init) }
    package var exitStatus: Int32? { process.exitStatus }

    /// Waits for the end; nil where the time ran out.
    @discardableResult
    package func wait(timeout_ms: Int) -> Int32? { process.wait(timeout_ms: timeout_ms) }

    /// Ends it with SIGTERM.
    package func terminate() { process.end(signal: SIGTERM, timeout_ms: 2_000) }

    /// Runs a program to its end and returns its output.
    @discardableResult
    package static func run(_ name: String, _ arguments: [String], timeout_ms: Int = 20_000) throws -> String {
        let tool = try Tool(name, arguments)
        guard let status = tool.wait(timeout_ms: timeout_ms) else {
            throw HarnessError("\(name) \(arguments.joined(separator: " ")) did not end: \(tool.output)")
        }
        // 27: mosquitto_sub's own time-out (-W), an ordinary end here.
        guard status == 0 || status == 27 else {
            throw HarnessError("\(name) \(arguments.joined(separator: " ")) failed (\(status)): \(tool.output)")
        }
        return tool.output
    }

    private static func find(_ name: String) throws -> String {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/bin", "/usr/sbin", "/usr/local/bin"]
        guard
            let found = folders.map({ $0 + "/" + name }).first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else {
            throw HarnessError("\(name) is not installed")
        }
        return found
    }
}

/// A directory that goes with this object.
package final class TemporaryDirectory: Sendable {
    package let path: String

    package init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fleetstream-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Asks `condition` again and again until it holds. Returns false where the time runs out: tests wait for what happens,
/// never for a time.
package func eventually(within timeout_ms: Int = 15_000, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date().addingTimeInterval(Double(timeout_ms) / 1_000)
    while true {
        if try condition() { return true }
        if Date() > deadline { return false }
        usleep(5_000)
    }
}
