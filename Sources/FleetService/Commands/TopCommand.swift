import Foundation
import Glibc

/// `fleetstream top`
enum TopCommand {
    /// What a look at the process gave.
    private enum Look: Sendable {
        case figures(ServiceStatus)
        case absent
        case otherVersion
    }

    static func run(_ options: TopOptions) async -> ExitCode {
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        let socket = configuration.statusSocket
        let first = await look(socket)
        switch first {
        case .figures: break
        case .absent: return StatusCommand.explainAbsence(configuration)
        case .otherVersion:
            CommandRunner.printError("the answer of \(socket) is not that of a fleetstream of this version")
            return .failure
        }
        let isStopping = StopFlag()
        Signals.listen([SIGINT, SIGTERM, SIGHUP]) { _ in isStopping.set() }
        switch TerminalKind.ofStandardOutput(environment: ProcessInfo.processInfo.environment) {
        case .lines: await showLines(options, socket, first, isStopping)
        case .screen(let style): await showScreen(options, socket, first, style, isStopping)
        }
        return .success
    }

    private static func look(_ socket: String) async -> Look {
        guard let answer = await CommandRunner.offPool({ StatusClient.ask(socket) }) else { return .absent }
        return ServiceStatus(json: answer).map { .figures($0) } ?? .otherVersion
    }

    /// What is wrong with a look, in words; the last figures that came stay in `status`.
    private static func take(_ look: Look, into status: inout ServiceStatus, _ socket: String) -> String? {
        switch look {
        case .figures(let new):
            status = new
            return nil
        case .absent: return "nobody answers on \(socket)"
        case .otherVersion: return "a fleetstream of another version answers on \(socket)"
        }
    }

    private static func showLines(
        _ options: TopOptions, _ socket: String, _ first: Look, _ isStopping: StopFlag
    ) async {
        var status = ServiceStatus()
        var last = first
        var looks = 0
        while true {
            let trouble = take(last, into: &status, socket)
            let time = Date().formatted(.iso8601)
            print("\(time) \(trouble ?? TopScreen.line(status, trouble: nil))")
            fflush(nil)
            looks += 1
            if looks == options.count { return }
            await pause(options.interval_s, until: isStopping, readsKeys: false)
            if isStopping.isSet { return }
            last = await look(socket)
        }
    }

    private static func showScreen(
        _ options: TopOptions, _ socket: String, _ first: Look, _ style: DemoScreen.Style, _ isStopping: StopFlag
    ) async {
        var status = ServiceStatus()
        var last = first
        var looks = 0
        let terminal = TerminalSession()
        while true {
            let trouble = take(last, into: &status, socket)
            let size = terminal.size
            terminal.draw(
                TopScreen.render(status, trouble: trouble, width: size.width, height: size.height, style: style))
            looks += 1
            if looks == options.count { break }
            await pause(options.interval_s, until: isStopping, readsKeys: true)
            if isStopping.isSet { break }
            last = await look(socket)
        }
        terminal.end()
    }

    /// Waits, but not for longer than until a signal or, where keys are read, a q.
    private static func pause(_ seconds: Double, until isStopping: StopFlag, readsKeys: Bool) async {
        let end = ContinuousClock.now + .seconds(seconds)
        while !isStopping.isSet, ContinuousClock.now < end {
            let left = min(.milliseconds(100), end - ContinuousClock.now)
            guard readsKeys else {
                try? await Task.sleep(for: left)
                continue
            }
            let wait_ms = Int32(max(1, left / .milliseconds(1)))
            switch await CommandRunner.offPool({ key(within: wait_ms) }) {
            case .character(UInt8(ascii: "q")), .character(UInt8(ascii: "Q")): isStopping.set()
            case .none, .character: break
            // Nobody types any more: without this the wait would be over at once for ever.
            case .closed: try? await Task.sleep(for: left)
            }
        }
    }

    private enum Key: Sendable {
        case none
        case character(UInt8)
        case closed
    }

    private static func key(within wait_ms: Int32) -> Key {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, wait_ms) > 0 else { return .none }
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) == 1 ? .character(byte) : .closed
    }
}
