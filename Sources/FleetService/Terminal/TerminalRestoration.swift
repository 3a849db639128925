import Glibc
import Synchronization

/// Puts the terminal back, whoever comes first: the session's end, `exit`, or a signal.
///
/// The state is global because a signal handler and `atexit` take no context. It is written before it is armed and not
/// changed while it is, so the handler reads it without a lock; whoever exchanges `armed` restores, all others do nothing.
enum TerminalRestoration {
    /// The descriptor, -1 while nothing is to be restored.
    private static let armed = Atomic<Int32>(-1)

    /// What a handler may use without allocating: the terminal's settings and the sequence.
    private struct Saved {
        var inputSettings: UnsafeMutablePointer<termios>
        var hasInputSettings = false
        var sequence: UnsafeMutablePointer<UInt8>
        var sequenceLength: Int
    }

    /// Signals that end the process, by the user or by a defect.
    private static let signals: [Int32] = [
        SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP,
    ]

    /// Unsafe because of the handler: see above. Allocated once, never freed.
    private nonisolated(unsafe) static var saved: Saved = {
        let sequence = Array(TerminalSession.leaveSequence.utf8)
        let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: sequence.count)
        bytes.initialize(from: sequence, count: sequence.count)
        let settings = UnsafeMutablePointer<termios>.allocate(capacity: 1)
        settings.initialize(to: termios())
        return Saved(inputSettings: settings, sequence: bytes, sequenceLength: sequence.count)
    }()

    private static let installAtExit: Void = {
        atexit { TerminalRestoration.restore() }
    }()

    /// Remembers the terminal's settings, and sees to it that they come back.
    static func arm(_ descriptor: Int32) {
        guard armed.load(ordering: .acquiring) == -1 else { return }
        _ = installAtExit
        saved.hasInputSettings = isatty(STDIN_FILENO) == 1 && tcgetattr(STDIN_FILENO, saved.inputSettings) == 0
        for signal in signals { install(signal) }
        armed.store(descriptor, ordering: .releasing)
        if saved.hasInputSettings {
            var quiet = saved.inputSettings.pointee
            quiet.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
        }
    }

    /// Our handler only where none is: who handles a signal ends the session in its own way.
    private static func install(_ signal: Int32) {
        var previous = sigaction()
        guard sigaction(signal, nil, &previous) == 0 else { return }
        let isFree = previous.sa_flags & SA_SIGINFO == 0 && previous.__sigaction_handler.sa_handler == nil
        guard isFree else { return }
        var action = sigaction()
        action.__sigaction_handler.sa_handler = restoreAndRaiseAgain
        sigemptyset(&action.sa_mask)
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        sigaction(signal, &action, nil)
    }

    /// Puts the terminal back if that was not done. Uses only what POSIX allows in a signal handler, and keeps `errno`.
    static func restore() {
        let descriptor = armed.exchange(-1, ordering: .acquiringAndReleasing)
        guard descriptor >= 0 else { return }
        let error = errno
        var written = 0
        while written < saved.sequenceLength {
            let count = write(descriptor, saved.sequence + written, saved.sequenceLength - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            written += count
        }
        if saved.hasInputSettings { tcsetattr(STDIN_FILENO, TCSANOW, saved.inputSettings) }
        errno = error
    }
}

/// Runs on whichever thread the signal interrupts. SA_RESETHAND has put the default action back, so that raising the
/// signal again ends the process as it would have ended without us, with a core file and the right exit status.
private func restoreAndRaiseAgain(_ signal: Int32) {
    TerminalRestoration.restore()
    raise(signal)
}
