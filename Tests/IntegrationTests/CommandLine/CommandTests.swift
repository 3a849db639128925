import BrokerHarness
import FleetService
import Foundation
import Glibc
import MQTTTransport
import Testing

@Suite struct CommandTests {
    @Test func `help, version and what is no command`() throws {
        let version = try run(Programs.fleetstream, ["--version"])
        #expect(version.status == 0 && version.output.hasPrefix("fleetstream "))
        let help = try run(Programs.fleetstream, ["--help"])
        #expect(help.status == 0)
        for command in ["run", "demo", "check", "replay", "decode", "rules", "status", "top", "link"] {
            #expect(help.output.contains("\n  \(command) "))
            let own = try run(Programs.fleetstream, ["help", command])
            let flag = try run(Programs.fleetstream, [command, "--help"])
            #expect(own.status == 0 && own.output == flag.output)
            #expect(own.output.hasPrefix("Usage: fleetstream \(command)"))
            #expect(own.output.contains("Exit codes:"))
        }
        for arguments in [["run", "--stroe", "x"], ["rnu"], [], ["status", "--json=yes"], ["replay", "a", "b"]] {
            let outcome = try run(Programs.fleetstream, arguments)
            #expect(
                outcome.status == 64 && outcome.output.isEmpty && !outcome.errors.isEmpty, "\(arguments): \(outcome)")
        }
        #expect(try run(Programs.fleetstream, ["run", "--stroe", "x"]).errors.contains("--store"))
        #expect(try run(Programs.fleetstream, ["rnu"]).errors.contains("run"))
    }

    @Test func `status of nothing, and of a running process`() throws {
        let folder = try Folder()
        let nothing = try run(Programs.fleetstream, ["status", "--store", folder.file("none.sqlite")])
        #expect(nothing.status == 69 && nothing.errors.contains("none.sqlite"), "\(nothing)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("none.sqlite")))

        let stage = try Stage()
        try stage.broker.publish(Report.drive(throughTheYard_m, from: now_ms() - 600_000), of: "T-1")
        try stage.service.wait("the visit") { stage.service.status?.events["geofence.exited"] == 1 }
        let text = try run(Programs.fleetstream, ["status", "--socket", stage.service.socket])
        #expect(text.status == 0 && text.output.contains("geofence.exited 1"), "\(text)")
        let json = try run(Programs.fleetstream, ["status", "--json", "--socket", stage.service.socket])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        #expect(json.status == 0 && object["state"] as? String == "running")
        stage.broker.stop()
        try stage.service.wait("the broker is away") { stage.service.status?.broker.isConnected == false }
        for arguments in [[], ["--json"]] {
            #expect(
                try run(Programs.fleetstream, ["status", "--socket", stage.service.socket] + arguments).status == 1)
        }
        stage.service.kill()
        let left = try run(
            Programs.fleetstream, ["status", "--socket", stage.service.socket, "--store", stage.service.store])
        #expect(left.status == 69 && left.errors.contains("batches"), "\(left)")
    }
}

/// The demonstration as `make demo` runs it.
@Suite(.serialized) struct DemoTests {
    /// A temporary folder of its own, so that what is left behind can be seen.
    private func demo(_ arguments: [String]) throws -> (
        folder: Folder, arguments: [String], environment: [String: String]
    ) {
        let folder = try Folder()
        let all =
            ["demo", "--vehicles", "20", "--set", #"fleets=[{id:"+",geofences:"\#(Programs.geofences)"}]"#] + arguments
        return (folder, all, ["TMPDIR": folder.path])
    }

    private func expectNothingLeft(_ folder: Folder, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasPrefix("fleetstream")
        }
        #expect(left == [], sourceLocation: sourceLocation)
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").filter { Int($0) != nil }
        let ours = processes.filter { process in
            let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline").map {
                String(decoding: $0, as: UTF8.self)
            }
            return line?.contains(folder.path) == true
        }
        #expect(ours == [], sourceLocation: sourceLocation)
    }

    @Test func `it ends by itself with events in its summary, and leaves nothing behind`() throws {
        let (folder, arguments, environment) = try demo(["--seconds", "6", "--speedup", "30"])
        let outcome = try run(Programs.fleetstream, arguments, environment: environment)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.output.contains("vehicle.online"), "\(outcome)")
        #expect(outcome.output.contains("delivery.en_route"), "\(outcome)")
        #expect(outcome.output.contains("vehicles      20"), "\(outcome)")
        try expectNothingLeft(folder)
    }

    @Test(arguments: [SIGINT, SIGTERM]) func `a signal stops all three processes`(_ signal: Int32) throws {
        let (folder, arguments, environment) = try demo([])
        let words = environment.map { "\($0)=\($1)" } + [Programs.fleetstream] + arguments
        let process = try ChildProcess("/usr/bin/env", words, outputFile: folder.file("output"))
        let isRunning = eventually {
            ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).contains { name in
                FileManager.default.fileExists(atPath: "\(folder.path)/\(name)/fleetsim.log")
            }
        }
        let output = { (try? String(contentsOfFile: folder.file("output"), encoding: .utf8)) ?? "" }
        #expect(isRunning, "\(output())")
        usleep(300_000)
        process.send(signal)
        #expect(process.wait(timeout_ms: 15_000) == 0, "\(output())")
        process.end(signal: SIGKILL, timeout_ms: 1000)
        #expect(output().contains("messages "), "\(output())")
        try expectNothingLeft(folder)
    }
}
