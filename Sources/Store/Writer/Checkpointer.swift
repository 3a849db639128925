internal import CSQLite
internal import Glibc
internal import Locks

/// Copies the write-ahead log into the database beside the commits, on a thread and a connection of its own.
///
/// A passive checkpoint takes no lock that a commit or a reader waits for. It copies what is in the log when it begins; as
/// long as commits go on meanwhile a rest remains, so that it never comes to where the log could start over. That last step
/// is the committing thread's (`WriterCore.checkpointIfDue`): a few pages, and little to sync, because this thread has
/// synced what it copied. See https://www.sqlite.org/wal.html, 3.
///
/// It is asked to copy a little at a time: one large copy would fill the disk's queue, and the commits' syncs would wait in
/// it.
final class Checkpointer {
    private let shared: CheckpointerState
    private var thread: pthread_t?

    /// Opens a second connection to the writer's store, and starts the thread.
    init(path: String, busyTimeout_ms: Int32) throws(StoreError) {
        let connection = try Connection(path: path, mode: .checkpoints)
        connection.setCheckpointOnClose(false)
        try connection.configure(busyTimeout_ms: busyTimeout_ms)
        try connection.execute("PRAGMA synchronous = FULL", doing: "configure the store")
        // The first read opens the log.
        _ = try connection.integer("PRAGMA schema_version")
        shared = CheckpointerState()
        let body = Unmanaged.passRetained(CheckpointerBody(connection, shared))
        var created = pthread_t()
        let result = pthread_create(&created, nil, runCheckpointer, body.toOpaque())
        guard result == 0 else {
            body.release()
            throw StoreError(systemError: result, doing: "start a thread to copy the write-ahead log of", path: path)
        }
        thread = created
    }

    deinit { end() }

    /// Asks for one more pass, which begins at once where none is under way.
    func ask() { shared.ask() }

    /// How many pages from the beginning of the log the newest pass found copied; nil while one is due or under way.
    var copied_pages: Int? { shared.copied_pages }

    /// Waits until no pass is due or under way. SQLite lets one connection at a time copy, and refuses the other at once; only
    /// the caller, who asks for passes, is to call this.
    func waitUntilIdle() { shared.waitUntilIdle() }

    /// Ends the thread after the pass that is under way, and closes its connection: before the writer's, which must be the
    /// last one to close. Does nothing the second time.
    func end() {
        guard let joined = thread else { return }
        thread = nil
        shared.end()
        pthread_join(joined, nil)
    }
}

/// What the thread and those who ask share.
private final class CheckpointerState: Sendable {
    private struct State {
        var isAsked = false
        var isWorking = false
        var isEnding = false
        /// Somebody waits for the end of the pass.
        var isAwaited = false
        var copied_pages = 0
    }

    private let state = Guarded(State())
    private let wakeUp = Semaphore()
    private let isIdle = Semaphore()

    func ask() {
        let isNew = state.withLock { state in
            defer { state.isAsked = true }
            return !state.isAsked
        }
        if isNew { wakeUp.signal() }
    }

    func end() {
        state.withLock { $0.isEnding = true }
        wakeUp.signal()
    }

    var copied_pages: Int? {
        state.withLock { $0.isAsked || $0.isWorking ? nil : $0.copied_pages }
    }

    func waitUntilIdle() {
        let mustWait = state.withLock { state in
            state.isAwaited = state.isAsked || state.isWorking
            return state.isAwaited
        }
        if mustWait { isIdle.wait() }
    }

    /// Waits until a pass is asked for; false where the thread is to end.
    func waitForWork() -> Bool {
        wakeUp.wait()
        return state.withLock { state in
            state.isAsked = false
            state.isWorking = !state.isEnding
            return !state.isEnding
        }
    }

    func finished(copied_pages: Int) {
        let mustTell = state.withLock { state in
            state.isWorking = false
            state.copied_pages = copied_pages
            let mustTell = state.isAwaited && !state.isAsked
            if mustTell { state.isAwaited = false }
            return mustTell
        }
        if mustTell { isIdle.signal() }
    }
}

/// What the thread takes over: it alone uses the connection.
private final class CheckpointerBody {
    private let connection: Connection
    private let shared: CheckpointerState

    init(_ connection: Connection, _ shared: CheckpointerState) {
        self.connection = connection
        self.shared = shared
    }

    func run() {
        // Linux counts niceness by thread. Where there is not time for all, commits come first.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5)
        while shared.waitForWork() { shared.finished(copied_pages: copy()) }
    }

    /// One pass. One that fails is made good by a later one, or by the writer, which then reports what is wrong.
    ///
    /// - Returns: how many pages of the log are copied.
    private func copy() -> Int {
        var log_pages: Int32 = 0
        var copied_pages: Int32 = 0
        let result = sqlite3_wal_checkpoint_v2(
            connection.handle, nil, SQLITE_CHECKPOINT_PASSIVE, &log_pages, &copied_pages)
        guard result == SQLITE_OK else { return 0 }
        // SQLite syncs the database only with the end of the log. What is synced here, the writer need not wait for.
        if copied_pages < log_pages { _ = csqlite_sync_database(connection.handle) }
        return Int(copied_pages)
    }
}

/// The thread's entry point, called once by pthread on the new thread; the context is a retained `CheckpointerBody`, taken
/// over here. With its release the connection closes, before the thread ends.
private func runCheckpointer(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<CheckpointerBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}

/// A POSIX semaphore.
private final class Semaphore: @unchecked Sendable {  // the system's own lock guards it
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func wait() { while sem_wait(semaphore) != 0 {} }
}
