import Foundation
import Glibc
import Store
import Synchronization
import Testing

@Suite struct OwnershipTests {
    let directory: TemporaryDirectory
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory("fleet.sqlite")
    }

    @Test func `a second writer is refused while the first one lives, readers are not`() throws {
        let writer = try StoreWriter(path: path)
        let error = storeError { _ = try StoreWriter(path: path) }
        #expect(error?.code == .locked)
        #expect(error?.message.contains("process \(getpid())") == true)
        #expect(error?.message.contains(path) == true)
        let reader = try StoreReader(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        #expect(try reader.statistics().journalRows == 1)
        writer.close()
        let second = try StoreWriter(path: path)
        #expect(try second.lastJournalSequence() == 1)
    }

    @Test func `a store is one store by whatever name`() throws {
        let writer = try StoreWriter(path: path)
        #expect(symlink(path, directory("alias.sqlite")) == 0)
        #expect(mkdir(directory("sub"), 0o755) == 0)
        #expect(storeError { _ = try StoreWriter(path: directory("alias.sqlite")) }?.code == .locked)
        #expect(storeError { _ = try StoreWriter(path: directory("sub/../fleet.sqlite")) }?.code == .locked)
        #expect(writer.path.hasSuffix("/fleet.sqlite"))
    }

    @Test func `a writer of another process is refused, a killed one leaves no lock`() async throws {
        let writer = try StoreWriter(path: path)
        await #expect(processExitsWith: .exitCode(3)) { [path = path as String] in
            let error = storeError { _ = try StoreWriter(path: path) }
            exit(error?.code == .locked ? 3 : 4)
        }
        _ = try writer.commit(Transaction(journal: journalEntry()))
        writer.close()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let writer = try StoreWriter(path: path)
            _ = try writer.commit(Transaction(journal: journalEntry()))
            kill(getpid(), SIGKILL)
        }
        let next = try StoreWriter(path: path)
        #expect(try next.lastJournalSequence() == 2)
    }

    /// A process that is being started has copies of all descriptors from its fork to its exec.
    @Test func `a copy of the lock's descriptor does not keep the lock`() throws {
        let writer = try StoreWriter(path: path)
        let lock = try #require(
            (0..<1_024 as Range<Int32>).first { descriptor in
                var target = [CChar](repeating: 0, count: 4_096)
                let count = readlink("/proc/self/fd/\(descriptor)", &target, target.count)
                return count > 0
                    && String(decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) == path + ".lock"
            })
        let copy = dup(lock)
        try #require(copy >= 0)
        defer { close(copy) }
        writer.close()
        let next = try StoreWriter(path: path)
        #expect(storeError { _ = try StoreWriter(path: path) }?.code == .locked)
        next.close()
    }

    @Test func `a writer belongs to the thread that first used it`() throws {
        let writer = try StoreWriter(path: path)
        #expect(try writer.lastJournalSequence() == 0)
        let first = onThread { storeError { _ = try writer.commit(Transaction(journal: journalEntry())) } }
        #expect(first == nil)
        let second = storeError { _ = try writer.commit(Transaction(journal: journalEntry())) }
        #expect(second?.code == .misuse)
        #expect(second?.message.contains("another thread") == true)
        #expect(try StoreReader(path: path).statistics().journalRows == 1)
        #expect(try writer.lastJournalSequence() == 1)
        writer.close()
    }

    @Test func `another program's transaction makes a commit wait, then fail so that it can be repeated`() throws {
        var options = StoreOptions()
        options.busyTimeout_ms = 50
        let writer = try StoreWriter(path: path, options: options)
        let shell = try RawDatabase(path)
        try shell("BEGIN IMMEDIATE")
        let transaction = Transaction(journal: journalEntry())
        let error = storeError { _ = try writer.commit(transaction) }
        #expect(error?.code == .busy)
        #expect(error?.isRetriable == true)
        #expect(storeError { _ = try writer.prune(now_ms: 0) }?.code == .busy)
        try shell("ROLLBACK")
        #expect(try writer.commit(transaction).journalSequence == 1)
    }

    /// POSIX drops all locks of a process on a file as soon as it closes any descriptor of it.
    @Test func `opening a reader does not take the writer's locks`() throws {
        let writer = try StoreWriter(path: path)
        _ = try writer.commit(Transaction(journal: journalEntry()))
        let before = try locks(of: path)
        #expect(before > 0)
        let reader = try StoreReader(path: path)
        #expect(storeError { _ = try StoreWriter(path: path) }?.code == .locked)
        #expect(try reader.statistics().journalRows == 1)
        reader.close()
        #expect(try locks(of: path) == before)
        writer.close()
        #expect(try locks(of: path) == 0)
    }

    /// How many POSIX locks this process holds on a file.
    private func locks(of path: String) throws -> Int {
        var status = stat()
        try #require(stat(path, &status) == 0)
        let table = String(decoding: try readBytes("/proc/locks"), as: UTF8.self)
        return table.split(separator: "\n").count {
            $0.contains("POSIX") && $0.contains(" \(getpid()) ") && $0.contains(":\(status.st_ino) ")
        }
    }

    /// Runs `body` on a thread of its own and waits for it.
    private func onThread(_ body: @escaping @Sendable () -> StoreError?) -> StoreError? {
        let box = ErrorBox()
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            box.error.withLock { $0 = body() }
            done.signal()
        }
        done.wait()
        return box.error.withLock { $0 }
    }

    private final class ErrorBox: Sendable {
        let error = Mutex<StoreError?>(nil)
    }
}
