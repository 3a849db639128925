import Glibc

/// What a terminal can do, as far as the environment and the descriptor tell.
package enum TerminalKind: Sendable, Equatable {
    /// No terminal, or one that cannot be drawn on: print lines.
    case lines
    /// Can be drawn on.
    case screen(DemoScreen.Style)

    /// `TERM=dumb` or no `TERM` means that the cursor cannot be moved; `NO_COLOR` with any text in it that colours are not
    /// wanted (no-color.org).
    package static func of(isTerminal: Bool, environment: [String: String]) -> TerminalKind {
        guard isTerminal, let term = environment["TERM"], !term.isEmpty, term != "dumb" else { return .lines }
        let wantsNoColour = !(environment["NO_COLOR"] ?? "").isEmpty
        return .screen(wantsNoColour ? .plain : .colour)
    }

    /// Of standard output.
    package static func ofStandardOutput(environment: [String: String]) -> TerminalKind {
        of(isTerminal: isatty(STDOUT_FILENO) == 1, environment: environment)
    }
}

/// Columns and rows of a terminal.
package struct TerminalSize: Sendable, Equatable {
    package var width: Int
    package var height: Int

    /// Asks the terminal behind a descriptor; 80 × 24 where there is none, or it does not know.
    package static func of(descriptor: Int32) -> TerminalSize {
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return TerminalSize(width: 80, height: 24)
        }
        return TerminalSize(width: Int(size.ws_col), height: Int(size.ws_row))
    }
}

/// Takes over a terminal for drawing: the alternate screen, no cursor, no wrapping, no echo of what is typed. Ctrl-C still
/// makes its signal. All of it is put back by `end`, at `exit`, and when a signal kills the process.
///
/// One session at a time, of one thread.
package struct TerminalSession: ~Copyable {
    /// Alternate screen with saved cursor, cursor hidden, no automatic wrap (xterm control sequences; ECMA-48).
    static let enterSequence = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J\u{1B}[H"
    /// The reverse: colours off, wrap, cursor, main screen.
    static let leaveSequence = "\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

    private let descriptor: Int32

    /// Begins drawing on the terminal behind `descriptor`.
    package init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
        TerminalRestoration.arm(descriptor)
        writeFully(Self.enterSequence, to: descriptor)
    }

    /// The size now; it changes when the user resizes the window.
    package var size: TerminalSize { TerminalSize.of(descriptor: descriptor) }

    /// Writes one rendered screen. Blocks while the terminal does not take it (Ctrl-S).
    package func draw(_ screen: String) {
        writeFully(screen, to: descriptor)
    }

    /// Puts the terminal back. Without it the end of the session's life does.
    package consuming func end() {}

    deinit {
        TerminalRestoration.restore()
    }
}

/// Writes all of a text, unless the descriptor refuses it: a screen that nobody sees is no error.
private func writeFully(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return }
        bytes = bytes.dropFirst(count)
    }
}
