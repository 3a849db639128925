import BrokerHarness
import FleetService
import Foundation
import Glibc
import MQTTTransport

/// A `fleetstream run` against a broker, which can be killed and started again on the same store.
final class Fleetstream {
    let folder: Folder
    let store: String
    var socket: String { folder.file("status.socket") }
    private let arguments: [String]
    private let environment: [String: String]
    private var process: ChildProcess?
    private var starts = 0

    /// - Parameters:
    ///   - geofences: a file or folder.
    ///   - settings: further `--set` values.
    ///   - environment: variables besides those of the tests.
    init(
        port: Int, folder: Folder, storeFolder: String? = nil, geofences: String, settings: [String] = [],
        environment: [String: String] = [:]
    ) {
        self.folder = folder
        self.environment = environment
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
    var exitStatus: Int32? { process?.exitStatus }
    var log: String {
        (1...max(starts, 1)).map { (try? String(contentsOfFile: folder.file("log-\($0)"), encoding: .utf8)) ?? "" }
            .joined()
    }

    /// Starts the process, and does not wait for anything. `arguments` are appended.
    func launch(_ more: [String] = []) throws {
        starts += 1
        let command = environment.map { "\($0)=\($1)" } + [Programs.fleetstream] + arguments + more
        process = try ChildProcess("/usr/bin/env", command, outputFile: folder.file("log-\(starts)"))
    }

    /// Starts it and waits until it answers as connected.
    func start(_ more: [String] = [], waitingForBroker: Bool = true) throws {
        try launch(more)
        try waitUntilRunning(waitingForBroker: waitingForBroker)
    }

    func waitUntilRunning(waitingForBroker: Bool = true) throws {
        try wait("fleetstream is running", for: 30) {
            guard let status else {
                if let exitStatus { throw HarnessError("fleetstream ended with \(exitStatus)\n\(log.suffix(3000))") }
                return false
            }
            return status.state == "running" && (status.broker.isConnected || !waitingForBroker)
        }
    }

    func kill() { process?.end(signal: SIGKILL, timeout_ms: 5000) }

    func send(_ signal: Int32) { process?.send(signal) }

    /// SIGTERM; the exit status, nil where it did not end in time.
    func stop(timeout_ms: Int = 5000) -> Int32? {
        process?.send(SIGTERM)
        return process?.wait(timeout_ms: timeout_ms)
    }

    /// What it answers on its socket; nil where it is not running.
    var status: ServiceStatus? {
        guard let answer = StatusClient.ask(socket) else { return nil }
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try? decoder.decode(ServiceStatus.self, from: Data(answer))
    }

    /// `VmRSS` of the process, in bytes.
    var residentMemory_bytes: Int {
        guard let processID, let text = try? String(contentsOfFile: "/proc/\(processID)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
        else { return 0 }
        return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1024 } ?? 0
    }

    /// Waits until something holds; fails with the log where it does not in time.
    func wait(_ what: String, for timeout_s: Double = 15, until holds: () throws -> Bool) throws {
        let isSo = try eventually(within: Int(timeout_s * 1000), holds)
        guard isSo else {
            let state = status.map { "\($0)" } ?? "no answer"
            throw HarnessError("waited \(timeout_s) s in vain: \(what)\n\(state)\n\(log.suffix(3000))")
        }
    }
}
