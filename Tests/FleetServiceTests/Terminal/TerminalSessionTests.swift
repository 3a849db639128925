import Foundation
import Testing

@testable import FleetService

@Suite(.serialized) struct `Terminal session` {
    @Test func `what can be drawn on follows from the environment`() {
        #expect(TerminalKind.of(isTerminal: true, environment: ["TERM": "xterm"]) == .screen(.colour))
        #expect(TerminalKind.of(isTerminal: true, environment: ["TERM": "xterm", "NO_COLOR": "1"]) == .screen(.plain))
        #expect(TerminalKind.of(isTerminal: true, environment: ["TERM": "xterm", "NO_COLOR": ""]) == .screen(.colour))
        #expect(TerminalKind.of(isTerminal: true, environment: ["TERM": "dumb"]) == .lines)
        #expect(TerminalKind.of(isTerminal: true, environment: [:]) == .lines)
        #expect(TerminalKind.of(isTerminal: false, environment: ["TERM": "xterm"]) == .lines)
    }

    @Test func `without a terminal the size is 80 by 24`() throws {
        let pipe = Pipe()
        let size = TerminalSize.of(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        #expect(size == TerminalSize(width: 80, height: 24))
    }

    @Test func `the size is the terminal's`() throws {
        let terminal = try PseudoTerminal(width: 101, height: 33)
        #expect(TerminalSize.of(descriptor: terminal.side) == TerminalSize(width: 101, height: 33))
    }

    @Test func `a session enters, draws and restores once`() throws {
        let pipe = Pipe()
        do {
            let session = TerminalSession(descriptor: pipe.fileHandleForWriting.fileDescriptor)
            session.draw("screen")
            session.end()
        }
        TerminalRestoration.restore()
        try pipe.fileHandleForWriting.close()
        let written = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        #expect(written == TerminalSession.enterSequence + "screen" + TerminalSession.leaveSequence)
    }

    @Test func `leaving scope restores`() throws {
        let pipe = Pipe()
        func draw() {
            let session = TerminalSession(descriptor: pipe.fileHandleForWriting.fileDescriptor)
            session.draw("x")
        }
        draw()
        draw()
        try pipe.fileHandleForWriting.close()
        let written = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        let once = TerminalSession.enterSequence + "x" + TerminalSession.leaveSequence
        #expect(written == once + once)
    }

    @Test func `exit restores`() async throws {
        let result = await #expect(processExitsWith: .exitCode(3), observing: [\.standardOutputContent]) {
            let session = TerminalSession()
            session.draw("x")
            exit(3)
        }
        try expectRestored(result?.standardOutputContent)
    }

    @Test func `an interrupt restores, and still ends the process`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGINT), observing: [\.standardOutputContent]) {
            signal(SIGINT, SIG_DFL)  // A shell's background job ignores it.
            let session = TerminalSession()
            session.draw("x")
            // To the process: the thread that runs the test blocks signals.
            kill(getpid(), SIGINT)
            sleep(10)
            session.end()
        }
        try expectRestored(result?.standardOutputContent)
    }

    @Test func `an abort restores, and still ends the process`() async throws {
        let result = await #expect(processExitsWith: .signal(SIGABRT), observing: [\.standardOutputContent]) {
            let session = TerminalSession()
            session.draw("x")
            abort()
        }
        try expectRestored(result?.standardOutputContent)
    }

    @Test func `who handles a signal keeps it`() async {
        await #expect(processExitsWith: .exitCode(7)) {
            signal(SIGTERM) { _ in _exit(7) }
            let session = TerminalSession()
            kill(getpid(), SIGTERM)
            sleep(10)
            session.end()
        }
    }

    private func expectRestored(_ output: [UInt8]?) throws {
        let text = String(decoding: try #require(output), as: UTF8.self)
        let drawn = TerminalSession.enterSequence + "x" + TerminalSession.leaveSequence
        #expect(text.contains(drawn))
        #expect(text.components(separatedBy: TerminalSession.leaveSequence).count == 2)
    }
}

/// Both ends of a pseudo-terminal of a given size.
private final class PseudoTerminal {
    private let controller: Int32
    /// The end that programs see as their terminal.
    let side: Int32

    struct Failure: Error {}

    init(width: UInt16, height: UInt16) throws {
        // What posix_openpt, grantpt, unlockpt and ptsname do, which Glibc's module leaves out; the numbers are Linux's
        // TIOCSPTLCK and TIOCGPTN.
        controller = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var lock: Int32 = 0
        var number: UInt32 = 0
        guard controller >= 0, ioctl(controller, 0x4004_5431, &lock) == 0, ioctl(controller, 0x8004_5430, &number) == 0
        else { throw Failure() }
        side = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        var size = winsize(ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0)
        guard side >= 0, ioctl(side, UInt(TIOCSWINSZ), &size) == 0 else { throw Failure() }
    }

    deinit {
        close(side)
        close(controller)
    }
}
