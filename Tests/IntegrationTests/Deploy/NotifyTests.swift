import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// What the process tells systemd, with a socket in systemd's place.
@Suite struct `Under systemd` {
    private func stage(_ socket: NotifySocket, _ more: [String: String] = [:]) throws -> Stage {
        try Stage(
            environment: ["NOTIFY_SOCKET": socket.name, "WATCHDOG_USEC": "2000000"].merging(more) { $1 },
            isStarted: false)
    }

    @Test(arguments: [false, true])
    func `it is ready when it runs, works, and says when it ends`(isAbstract: Bool) throws {
        let socket = try NotifySocket(isAbstract: isAbstract)
        let stage = try stage(socket)
        try stage.service.launch()
        try stage.service.wait("it is ready") { socket.count("READY=1") > 0 }
        #expect(stage.service.status?.state == "running")
        try stage.service.wait("the watchdog is fed") { socket.count("WATCHDOG=1") >= 3 }
        try stage.service.wait("the text for people tells of the broker") {
            socket.lines.contains { $0.hasPrefix("STATUS=connected to mqtt://127.0.0.1:") }
        }
        #expect(socket.count("STOPPING=1") == 0)
        #expect(stage.service.stop() == 0)
        #expect(socket.count("READY=1") == 1 && socket.count("STOPPING=1") == 1)
        let lines = socket.lines
        #expect(lines.firstIndex(of: "READY=1") ?? 0 < lines.firstIndex(of: "WATCHDOG=1") ?? 0, "\(lines)")
    }

    @Test func `without a broker it is still fed`() throws {
        let socket = try NotifySocket(isAbstract: true)
        let stage = try stage(socket)
        stage.broker.stop()
        try stage.service.launch()
        try stage.service.wait("it is ready") { socket.count("READY=1") > 0 }
        try stage.service.wait("the watchdog is fed") { socket.count("WATCHDOG=1") >= 8 }
        try stage.service.wait("the text for people tells of it") {
            socket.lines.contains { $0.hasPrefix("STATUS=AWAY from ") }
        }
    }

    @Test func `a watchdog of another process is none`() throws {
        let socket = try NotifySocket(isAbstract: true)
        let stage = try stage(socket, ["WATCHDOG_PID": "1"])
        try stage.service.launch()
        // The second text comes after five rounds, with each of which the watchdog would have been fed.
        try stage.service.wait("the second text") { socket.lines.filter { $0.hasPrefix("STATUS=") }.count >= 2 }
        #expect(socket.count("READY=1") == 1)
        #expect(socket.count("WATCHDOG=1") == 0)
    }

    @Test func `a pipeline that hangs is not fed for`() throws {
        let socket = try NotifySocket(isAbstract: false)
        let folder = try Folder()
        let library = folder.file("hang.so")
        try Tool.run(
            "clang", ["-shared", "-fPIC", "-O1", "-o", library, try folder.write(Self.hangingDisk, to: "hang.c")])
        let mark = folder.file("hang")
        let stage = try stage(socket, ["LD_PRELOAD": library, "HANG_FILE": mark])
        try stage.service.launch()
        try stage.service.wait("the watchdog is fed") { socket.count("WATCHDOG=1") >= 2 }
        try folder.write("", to: "hang")
        // The next tick commits.
        try stage.service.wait("the disk hangs") { FileManager.default.fileExists(atPath: mark + "ing") }
        // What was on its way when it began to hang, and what is allowed for a batch that takes long: a second.
        sleep(2)
        let fed = socket.count("WATCHDOG=1")
        sleep(3)
        #expect(socket.count("WATCHDOG=1") == fed)
        #expect(stage.service.exitStatus == nil)
        try FileManager.default.removeItem(atPath: mark)
        try stage.service.wait("it is fed again") { socket.count("WATCHDOG=1") >= fed + 2 }
        #expect(stage.service.stop() == 0)
    }

    /// A disk that does not come back from a flush while a file is there.
    private static let hangingDisk = #"""
        #define _GNU_SOURCE
        #include <fcntl.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <sys/syscall.h>
        #include <unistd.h>

        static void hang(void) {
            const char *mark = getenv("HANG_FILE");
            char hanging[4096];
            if (!mark || access(mark, F_OK)) return;
            snprintf(hanging, sizeof hanging, "%sing", mark);
            close(open(hanging, O_CREAT | O_WRONLY, 0600));
            while (!access(mark, F_OK)) usleep(10000);
        }
        int fdatasync(int fd) { hang(); return (int)syscall(SYS_fdatasync, fd); }
        int fsync(int fd) { hang(); return (int)syscall(SYS_fsync, fd); }
        """#
}
