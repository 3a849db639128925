import BrokerHarness
import Foundation
import Glibc
import MQTTTransport

/// The programs of OSRM, as PyPI's package `osrm-bindings` ships them: `Config/install-prerequisites.sh osrm` unpacks it into
/// `.build/osrm`. `FLEETSTREAM_OSRM` names another folder of programs.
enum OSRM {
    private static let installed = Programs.checkout.appendingPathComponent(".build/osrm/osrm/bin").path

    /// The folder of the programs; tries once to install them. Nil where there are none to be had.
    static let folder: String? = {
        let candidates = [ProcessInfo.processInfo.environment["FLEETSTREAM_OSRM"], installed].compactMap(\.self)
        let isThere = { FileManager.default.isExecutableFile(atPath: $0 + "/osrm-routed") }
        if let found = candidates.first(where: isThere) { return found }
        let installer = Programs.checkout.appendingPathComponent("Config/install-prerequisites.sh").path
        _ = try? run("/bin/sh", [installer, "osrm"], timeout_s: 240)
        if isThere(installed) { return installed }
        print("NOT COMPARED WITH OSRM: PyPI's osrm-bindings could not be installed")
        return nil
    }()
}

/// A real `osrm-routed` on a map.
final class OSRMRouter: Sendable {
    private let files: Folder
    private let process: ChildProcess
    let port: Int

    var url: String { "http://127.0.0.1:\(port)" }

    /// Prepares the map, by multi-level Dijkstra's three steps, and starts the server.
    init(programs: String, xml: String, profile: String) throws {
        files = try Folder()
        try files.write(xml, to: "town.osm")
        try files.write(profile, to: "profile.lua")
        let steps = [
            ("osrm-extract", ["-t", "1", "-p", files.file("profile.lua"), files.file("town.osm")]),
            ("osrm-partition", ["-t", "1", files.file("town.osrm")]),
            ("osrm-customize", ["-t", "1", files.file("town.osrm")]),
        ]
        for (program, arguments) in steps {
            let outcome = try run("\(programs)/\(program)", arguments, timeout_s: 120)
            guard outcome.status == 0 else {
                throw HarnessError("\(program) failed (\(outcome.status)): \(outcome.output)\(outcome.errors)")
            }
        }
        port = LocalBroker.freePort()
        let output = files.file("routed")
        process = try ChildProcess(
            "\(programs)/osrm-routed",
            ["--algorithm", "mld", "-i", "127.0.0.1", "-p", "\(port)", "-t", "2", files.file("town.osrm")],
            outputFile: output)
        let process = process
        let said = { (try? String(contentsOfFile: output, encoding: .utf8)) ?? "" }
        let isReady = eventually(within: 30_000) { said().contains("waiting for requests") || !process.isRunning }
        guard isReady, process.isRunning else { throw HarnessError("osrm-routed did not start: \(said())") }
    }

    deinit { process.end(signal: SIGTERM, timeout_ms: 5000) }

    func stop() { process.end(signal: SIGTERM, timeout_ms: 5000) }

    /// What it says to some URLs, fetched by Python.
    func answers(_ paths: [String]) throws -> [[String: Any]] {
        let script = """
            import sys, urllib.request, urllib.error
            for line in sys.stdin:
                try:
                    body = urllib.request.urlopen(line.strip()).read()
                except urllib.error.HTTPError as error:
                    body = error.read()
                print(body.decode().replace("\\n", " "))
            """
        let outcome = try run("python3", ["-c", script], input: paths.map { "\(url)\($0)\n" }.joined())
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
        return try outcome.output.split(separator: "\n").map { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] ?? [:]
        }
    }
}
