import BrokerHarness
import Foundation
import Glibc
import MQTTTransport
import Testing

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
        .deletingLastPathComponent()
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
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }
}

/// What a program said and how it ended.
struct Outcome {
    var status: Int32
    var output: String
    var errors: String
}

/// Runs a program to its end.
func run(
    _ program: String, _ arguments: [String], input: String? = nil, environment: [String: String] = [:],
    timeout_s: Double = 60
) throws -> Outcome {
    let folder = try Folder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for name in ["in", "out", "err"] { _ = FileManager.default.createFile(atPath: folder.file(name), contents: nil) }
    if let input { try folder.write(input, to: "in") }
    process.standardInput = FileHandle(forReadingAtPath: folder.file("in"))
    process.standardOutput = FileHandle(forWritingAtPath: folder.file("out"))
    process.standardError = FileHandle(forWritingAtPath: folder.file("err"))
    try process.run()
    let deadline = Date().addingTimeInterval(timeout_s)
    while process.isRunning, Date() < deadline { usleep(5000) }
    if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        throw HarnessError("\(program) \(arguments) did not end within \(timeout_s) s")
    }
    process.waitUntilExit()
    return Outcome(
        status: process.terminationStatus, output: try String(contentsOfFile: folder.file("out"), encoding: .utf8),
        errors: try String(contentsOfFile: folder.file("err"), encoding: .utf8))
}

/// A `fleetstream run` against a broker, which can be killed and started again on the same store.
final class Fleetstream {
    let folder: Folder
    let store: String
    private let arguments: [String]
    private var process: ChildProcess?
    private var starts = 0

    init(
        port: Int, folder: Folder, storeFolder: String? = nil, geofences: String = Programs.geofences,
        settings: [String] = []
    ) {
        self.folder = folder
        store = (storeFolder ?? folder.path) + "/fleetstream.sqlite"
        var arguments = [
            "run", "--store", store, "--socket", folder.file("status.socket"), "--set", "mqtt.port=\(port)", "--set",
            #"fleets=[{id:"+",geofences:"\#(geofences)"}]"#, "--set", "mqtt.reconnect_max_s=0.5",
        ]
        for setting in settings { arguments += ["--set", setting] }
        self.arguments = arguments
    }

    deinit { process?.end(signal: SIGKILL, timeout_ms: 2000) }

    var processID: Int32? { process?.processID }
    var log: String {
        (1...max(starts, 1)).map { (try? String(contentsOfFile: folder.file("log-\($0)"), encoding: .utf8)) ?? "" }
            .joined()
    }

    /// Starts it and waits until it answers as connected.
    func start(waitingForBroker: Bool = true) throws {
        starts += 1
        process = try ChildProcess(Programs.fleetstream, arguments, outputFile: folder.file("log-\(starts)"))
        try wait("fleetstream is running", for: 20) {
            guard let status = self.status else { return false }
            let isUp = status["state"] as? String == "running"
            let isConnected = (status["broker"] as? [String: Any])?["isConnected"] as? Bool == true
            return isUp && (isConnected || !waitingForBroker)
        }
    }

    func kill() { process?.end(signal: SIGKILL, timeout_ms: 5000) }

    func send(_ signal: Int32) { process?.send(signal) }

    /// SIGTERM; the exit status, nil where it did not end in time.
    func stop(timeout_ms: Int = 5000) -> Int32? {
        process?.send(SIGTERM)
        return process?.wait(timeout_ms: timeout_ms)
    }

    /// What `fleetstream status --json` prints; nil where it is not running.
    var status: [String: Any]? {
        guard
            let outcome = try? run(
                Programs.fleetstream,
                ["status", "--json", "--store", store, "--socket", folder.file("status.socket")]),
            outcome.status == 0
        else { return nil }
        return try? JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    }

    func figure(_ group: String, _ name: String) -> Int {
        ((status?[group] as? [String: Any])?[name] as? NSNumber)?.intValue ?? -1
    }

    /// Waits until something holds; fails with the log where it does not in time.
    func wait(_ what: String, for timeout_s: Double = 10, until holds: () -> Bool) throws {
        let deadline = Date().addingTimeInterval(timeout_s)
        while Date() < deadline {
            if holds() { return }
            usleep(20_000)
        }
        throw HarnessError("waited \(timeout_s) s in vain: \(what)\n\(log.suffix(3000))")
    }
}

/// A message as `mosquitto_sub -F %j` printed it.
struct Received {
    var topic: String
    var payload: String
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(payload.utf8))) as? [String: Any] ?? [:] }
    var data: [String: Any] { json["data"] as? [String: Any] ?? [:] }
    var id: String { json["id"] as? String ?? "" }

    /// Reads lines of `%j`, also of what `replay` writes.
    static func lines(_ text: String) -> [Received] {
        text.split(separator: "\n").compactMap { line in
            guard let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
                let topic = object["topic"] as? String
            else { return nil }
            if let payload = object["payload"] as? String { return Received(topic: topic, payload: payload) }
            guard let payload = object["payload"], JSONSerialization.isValidJSONObject(payload),
                let data = try? JSONSerialization.data(withJSONObject: payload, options: [.sortedKeys])
            else { return Received(topic: topic, payload: "") }
            return Received(topic: topic, payload: String(decoding: data, as: UTF8.self))
        }
    }
}

/// Random numbers that a seed repeats.
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
