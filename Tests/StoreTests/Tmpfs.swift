import Glibc
import Testing

/// A small file system in memory: a disk that is full, or read-only. Needs root.
final class Tmpfs {
    let path: String

    init(at path: String, size: String) throws {
        self.path = path
        guard mkdir(path, 0o755) == 0, mount("tmpfs", path, "tmpfs", 0, "size=\(size)") == 0 else {
            throw Failure("cannot mount a tmpfs at \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    func makeReadOnly() throws {
        guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_RDONLY), nil) == 0 else {
            throw Failure("cannot remount \(path): \(String(cString: strerror(errno)))")
        }
    }

    /// Whether this process may mount one: root in a container often may not.
    static let isPermitted: Bool = {
        guard geteuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        return (try? Tmpfs(at: directory("probe"), size: "64k")) != nil
    }()
}
