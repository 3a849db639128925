internal import Glibc

/// The exclusive right to write a store: a kernel lock (`flock`) on a file beside it, held for the writer's lifetime.
///
/// The kernel gives the lock back when the process ends in whatever way, so a killed process leaves nothing to clear up.
/// The lock belongs to the open file, so a second writer within one process is refused as well. The lock file itself
/// stays: removing it would let two processes lock two different files of the same name. It holds the owner's process id,
/// for the error message of the one who is refused.
final class OwnershipLock {
    private let descriptor: Int32

    init(storePath: String) throws(StoreError) {
        let path = storePath + ".lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw StoreError(systemError: errno, doing: "create the lock file", path: path)
        }
        var result: Int32
        repeat { result = flock(descriptor, LOCK_EX | LOCK_NB) } while result != 0 && errno == EINTR
        guard result == 0 else {
            let systemError = errno
            let owner = Self.readOwner(descriptor)
            _ = Glibc.close(descriptor)
            guard systemError == EWOULDBLOCK else {
                throw StoreError(systemError: systemError, doing: "lock", path: path)
            }
            throw StoreError(
                .locked,
                "the store \(storePath) is in use by another writer\(owner.map { " (process \($0))" } ?? ""); "
                    + "stop it first, or configure another file")
        }
        self.descriptor = descriptor
        writeOwner()
    }

    deinit {
        // Closing is not enough while a child process that is just being started holds a copy of the descriptor, which it
        // does until its exec; unlocking gives up the lock for all copies.
        flock(descriptor, LOCK_UN)
        _ = Glibc.close(descriptor)
    }

    private func writeOwner() {
        // Only for a message: without room on the disk the lock works all the same.
        let owner = Array("\(getpid())\n".utf8)
        if ftruncate(descriptor, 0) == 0 { _ = pwrite(descriptor, owner, owner.count, 0) }
    }

    private static func readOwner(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: bytes[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}

extension StoreError {
    /// The error for a failed system call.
    init(systemError: Int32, doing: String, path: String) {
        let code = Self.classify(systemError: systemError)
        var message = "cannot \(doing) \(path): \(String(cString: strerror(systemError)))"
        switch code {
        case .notPermitted: message += "; give this user the right to write the file and its directory"
        case .full: message += "; make room on the disk or in the quota"
        default: break
        }
        self.init(code, message)
    }
}
