import Glibc

/// A value behind a lock.
///
/// This is `Synchronization.Mutex` over a POSIX mutex: the thread sanitizer knows what a POSIX mutex orders, while it
/// reports every contended use of Swift 6.3's `Mutex` on Linux as a race.
package final class Guarded<Value>: @unchecked Sendable {  // `value` is touched only between lock and unlock
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        let result = pthread_mutex_init(mutex, nil)
        guard result == 0 else { fatalError("pthread_mutex_init: \(String(cString: strerror(result)))") }
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Waits for the lock, and holds it while `body` runs. `body` must not keep what it finds in the value, nor lock again.
    package func withLock<Result: Sendable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
