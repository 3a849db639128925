import BrokerHarness
import FleetService
import Foundation
import Testing

/// `fleetstream top`, beside `fleetstream status`.
@Suite struct `The command top` {
    /// Runs the program in a terminal of 100 × 30, types when it has shown something, and waits for its end. Prints the exit
    /// status, whether the terminal has its settings again, and what was shown.
    private static let terminal = #"""
        import fcntl, os, pty, select, struct, sys, termios, time
        keys, wanted, program = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2].encode(), sys.argv[3:]
        controller, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        before = termios.tcgetattr(side)
        child = os.fork()
        if child == 0:
            os.setsid()
            fcntl.ioctl(side, termios.TIOCSCTTY, 0)
            for number in range(3): os.dup2(side, number)
            os.environ["TERM"] = "xterm"
            os.execv(program[0], program)
        shown, typed, quiet = b"", False, False
        while True:
            if select.select([controller], [], [], 0.05)[0]:
                shown += os.read(controller, 65536)
            if not typed and shown.count(wanted) >= 2:
                quiet = not termios.tcgetattr(side)[3] & (termios.ECHO | termios.ICANON)
                os.write(controller, keys)
                typed = True
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended: break
        while select.select([controller], [], [], 0.05)[0]: shown += os.read(controller, 65536)
        print(os.waitstatus_to_exitcode(status), quiet, termios.tcgetattr(side) == before)
        sys.stdout.write(shown.decode("utf-8", "replace"))
        """#

    @Test(arguments: ["q", #"\x03"#])
    func `it fills the terminal, and puts it back`(keys: String) throws {
        let stage = try Stage()
        try stage.broker.publish(Report.drive(throughTheYard_m, from: now_ms() - 600_000), of: "T-1")
        try stage.service.wait("the visit, and the vehicle is counted") {
            stage.service.status?.events["geofence.exited"] == 1 && stage.service.status?.vehicles.moving == 1
        }
        let outcome = try run(
            "python3",
            [
                "-c", Self.terminal, keys, "geofence.exited 1", Programs.fleetstream, "top", "--interval", "0.1",
                "--socket", stage.service.socket,
            ])
        let shown = outcome.output
        #expect(shown.hasPrefix("0 True True\n"), "\(outcome)")
        #expect(shown.contains("\u{1B}[?1049h") && shown.hasSuffix("\u{1B}[?1049l"), "\(outcome)")
        let status = try run(Programs.fleetstream, ["status", "--socket", stage.service.socket]).output
        for label in ["broker", "vehicles", "geofences", "deliveries", "dispatch", "messages", "input"] {
            let row = try #require(status.split(separator: "\n").first { $0.hasPrefix(label) })
            // All but the rate at the end, which goes down from look to look.
            let text =
                label == "input"
                ? row.dropFirst(14).split(separator: ",").dropLast().joined(separator: ",") : String(row.dropFirst(14))
            #expect(shown.contains(text), "\(label): \(text)")
        }
    }

    @Test func `without a terminal it prints lines, also while nobody answers`() throws {
        let stage = try Stage()
        let lines = try run(
            Programs.fleetstream, ["top", "--count", "3", "--interval", "0.1", "--socket", stage.service.socket])
        #expect(lines.status == 0, "\(lines)")
        let printed = lines.output.split(separator: "\n")
        #expect(
            printed.count == 3 && printed.allSatisfy { $0.contains("Z running, 0 of 0 vehicles online") }, "\(lines)")
        let watch = try Tool(
            "env", [Programs.fleetstream, "top", "--interval", "0.1", "--socket", stage.service.socket])
        try #require(eventually { watch.output.contains(" running, ") })
        stage.service.kill()
        try #require(eventually { watch.output.contains("nobody answers on \(stage.service.socket)") })
        try stage.service.start()
        let before = watch.lines.count
        try #require(eventually { watch.lines.dropFirst(before).contains { $0.contains(" running, ") } })
        watch.terminate()
        #expect(watch.exitStatus == 0)
    }

    @Test func `where nothing runs it says so`() throws {
        let folder = try Folder()
        let outcome = try run(Programs.fleetstream, ["top", "--store", folder.file("none.sqlite")])
        #expect(outcome.status == 69 && outcome.errors.contains("none.sqlite"), "\(outcome)")
        for arguments in [["--interval", "0"], ["--interval", "x"], ["--count", "0"]] {
            #expect(try run(Programs.fleetstream, ["top"] + arguments).status == 64)
        }
    }
}
