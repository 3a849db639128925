import Glibc
import Synchronization

/// Whether the user asked for an end: SIGINT or SIGTERM.
enum StopSignal {
    private static let requested = Atomic<Bool>(false)

    static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// From now on SIGINT and SIGTERM ask for an end instead of making one; a closed output is an error of `write` instead of a
    /// signal. The handler only stores a flag, which is safe at any time.
    static func install() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in StopSignal.requested.store(true, ordering: .relaxed) }
        // No SA_RESTART: a sleep or a blocked write ends early.
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        signal(SIGPIPE, SIG_IGN)
    }
}
