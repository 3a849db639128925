import CPlatform
import Glibc

/// An eventfd: any thread may `signal`, one thread waits for it in `poll` together with its socket.
final class WakeUp: Sendable {
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        if descriptor < 0 {
            fatalError("WakeUp: the system refuses one more descriptor (\(String(cString: strerror(errno))))")
        }
    }

    deinit { close(descriptor) }

    /// From any thread. Signals add up to one wake-up.
    func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// By the waiting thread. True where somebody signalled since the last time.
    @discardableResult
    func consume() -> Bool {
        var count: UInt64 = 0
        return read(descriptor, &count, 8) == 8
    }

    struct Readiness {
        var isReadable = false
        var isWritable = false
        var isSignalled = false
    }

    /// Waits at most `timeout_ms` for the socket (negative: there is none), or for a signal, which is consumed.
    func wait(socket: Int32, forWriting: Bool, timeout_ms: Int) -> Readiness {
        var entries = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN) | (forWriting ? Int16(POLLOUT) : 0), revents: 0),
        ]
        let ready = poll(&entries, socket < 0 ? 1 : 2, Int32(clamping: max(0, timeout_ms)))
        guard ready > 0 else { return Readiness() }
        let events = Int32(entries[1].revents)
        let failed = events & (POLLERR | POLLHUP | POLLNVAL) != 0
        var readiness = Readiness(
            isReadable: failed || events & POLLIN != 0, isWritable: failed || events & POLLOUT != 0)
        if entries[0].revents != 0 { readiness.isSignalled = consume() }
        return readiness
    }
}
