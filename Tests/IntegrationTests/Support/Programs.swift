import BrokerHarness
import Foundation
import Glibc
import MQTTTransport

/// The programs under test, as the build made them.
enum Programs {
    /// The folder of the test bundle is the folder of the executables.
    static let folder: URL = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        var candidates = [URL(fileURLWithPath: own).deletingLastPathComponent()]
        candidates += CommandLine.arguments.map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
        let isThere = { (folder: URL) in
            FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("fleetstream").path)
        }
        return candidates.first(where: isThere) ?? candidates[0]
    }()

    static var fleetstream: String { folder.appendingPathComponent("fleetstream").path }
    static var fleetsim: String { folder.appendingPathComponent("fleetsim").path }

    /// The root of the checkout.
    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static var geofences: String { checkout.appendingPathComponent("Geofences").path }
}

/// A folder that goes with the object.
final class Folder: Sendable {
    let path: String

    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fleetstream-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        try write(Data(text.utf8), to: name)
    }

    @discardableResult
    func write(_ data: Data, to name: String) throws -> String {
        try data.write(to: URL(fileURLWithPath: file(name)), options: .atomic)
        return file(name)
    }
}

/// What a program said and how it ended.
struct Outcome {
    var status: Int32
    var output: String
    var errors: String

    /// The messages of an output that has one a line.
    var messages: [Received] { Received.lines(output) }
}

/// Runs a program to its end. A name without a slash is looked for in PATH.
func run(
    _ program: String, _ arguments: [String], input: Data = Data(), environment: [String: String] = [:],
    workingFolder: String = "/", timeout_s: Double = 60
) throws -> Outcome {
    let folder = try Folder()
    try folder.write(input, to: "in")
    let script = #"cd "$1" && shift && in="$1" out="$2" err="$3" && shift 3 && exec "$@" < "$in" > "$out" 2> "$err""#
    var words = ["-c", script, "sh", workingFolder, folder.file("in"), folder.file("out"), folder.file("err")]
    if !environment.isEmpty { words += ["env"] + environment.map { "\($0)=\($1)" } }
    let process = try ChildProcess("/bin/sh", words + [program] + arguments, outputFile: folder.file("shell"))
    guard let status = process.wait(timeout_ms: Int(timeout_s * 1000)) else {
        process.end(signal: SIGKILL, timeout_ms: 2000)
        let said = (try? text(folder.file("err"))) ?? ""
        throw HarnessError("\(program) \(arguments) did not end within \(timeout_s) s: \(said.suffix(1000))")
    }
    return Outcome(status: status, output: try text(folder.file("out")), errors: try text(folder.file("err")))
}

/// The same with a text as input.
func run(
    _ program: String, _ arguments: [String], input: String, environment: [String: String] = [:],
    workingFolder: String = "/", timeout_s: Double = 60
) throws -> Outcome {
    try run(
        program, arguments, input: Data(input.utf8), environment: environment, workingFolder: workingFolder,
        timeout_s: timeout_s)
}

/// A file's content; bytes that are not UTF-8 are replaced.
private func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
}

/// What a query of an SQLite file answers, a row a line, columns with | between them: by the `sqlite3` program where it is
/// installed, else by Python's module.
func sqlite(_ file: String, _ query: String) throws -> [String] {
    let script = """
        import sqlite3, sys
        for row in sqlite3.connect(sys.argv[1]).execute(sys.argv[2]):
            print("|".join("" if v is None else v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in row))
        """
    let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/sqlite3")
    let outcome =
        isInstalled
        ? try run("sqlite3", ["-cmd", ".timeout 5000", file, query]) : try run("python3", ["-c", script, file, query])
    guard outcome.status == 0 else { throw HarnessError("\(query): \(outcome.errors)") }
    return outcome.output.split(separator: "\n").map(String.init)
}
