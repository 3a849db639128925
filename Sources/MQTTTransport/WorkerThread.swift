import CPlatform
import Glibc
import Locks

/// What a new thread takes over.
private final class ThreadBody: Sendable {
    let name: String
    let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }
}

/// One operating-system thread with a name, that can be waited for. Connections live on such threads because they
/// block: never on Swift's cooperative pool.
package final class WorkerThread: Sendable {
    /// The thread, until somebody has joined it.
    private let thread: Guarded<pthread_t?>
    private let identity: pthread_t

    /// Starts `body`. The name is cut to the 15 bytes that Linux shows.
    package init(name: String, body: @escaping @Sendable () -> Void) {
        var created = pthread_t()
        let context = Unmanaged.passRetained(ThreadBody(name: name, run: body))
        let result = pthread_create(&created, nil, runWorkerThread, context.toOpaque())
        if result != 0 {
            fatalError("WorkerThread: the system refuses one more thread (\(String(cString: strerror(result))))")
        }
        identity = created
        thread = Guarded(created)
    }

    deinit {
        thread.withLock { if let thread = $0 { pthread_detach(thread) } }
    }

    /// Whether the caller runs on this thread.
    package var isCurrent: Bool { pthread_equal(pthread_self(), identity) != 0 }

    /// Waits until the body has returned. Concurrent calls all wait. Not from the thread itself.
    package func join() {
        thread.withLock { thread in
            guard let joined = thread else { return }
            pthread_join(joined, nil)
            thread = nil
        }
    }
}

/// The thread's entry point, called once by pthread on the new thread; the context is a retained `ThreadBody`, taken
/// over here.
private func runWorkerThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let body = Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
    platform_name_thread(body.name)
    body.run()
    return nil
}

/// Milliseconds of a clock that only moves forwards; for time-outs, never for data.
func monotonicTime_ms() -> Int64 {
    monotonicTime_ns() / 1_000_000
}

/// Nanoseconds of the same clock.
func monotonicTime_ns() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
