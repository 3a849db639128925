import BrokerHarness
import Foundation
import Glibc

/// A way of having no room for the store.
enum FullDisk: CaseIterable {
    /// A small file system in memory, filled by another file. Needs the right to mount.
    case tmpfs
    /// A limit of the process on the size of its files: works everywhere.
    case fileSizeLimit

    /// Those that this machine allows.
    static let possible: [FullDisk] = {
        guard let folder = try? Folder(), (try? FullDisk.tmpfs.make(in: folder)) != nil else { return [.fileSizeLimit] }
        return FullDisk.allCases
    }()

    func make(in folder: Folder) throws -> any LimitedDisk {
        switch self {
        case .tmpfs: try SmallFileSystem(at: folder.file("disk"), size_mib: 16)
        case .fileSizeLimit: SizeLimit(path: folder.path)
        }
    }
}

/// A place for a store that can be full.
protocol LimitedDisk {
    var path: String { get }
    /// Takes the room that is left. Again for a process that was started since.
    func fill(for service: Fleetstream) throws
    func empty(for service: Fleetstream) throws
}

private final class SmallFileSystem: LimitedDisk {
    let path: String

    init(at path: String, size_mib: Int) throws {
        self.path = path
        guard mkdir(path, 0o755) == 0, mount("tmpfs", path, "tmpfs", 0, "size=\(size_mib)m") == 0 else {
            throw HarnessError("cannot mount a tmpfs at \(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    private var ballast: String { path + "/ballast" }

    func fill(for service: Fleetstream) throws {
        guard let file = fopen(ballast, "a") else { throw HarnessError("cannot write \(ballast)") }
        let piece = [UInt8](repeating: 1, count: 4096)
        setvbuf(file, nil, Int32(_IONBF), 0)
        while fwrite(piece, 1, piece.count, file) == piece.count {}
        fclose(file)
    }

    func empty(for service: Fleetstream) throws { unlink(ballast) }
}

private struct SizeLimit: LimitedDisk {
    let path: String

    func fill(for service: Fleetstream) throws { try limit(service, "65536:") }
    func empty(for service: Fleetstream) throws { try limit(service, "unlimited:") }

    private func limit(_ service: Fleetstream, _ value: String) throws {
        guard let processID = service.processID else { return }
        let outcome = try run("prlimit", ["--pid", "\(processID)", "--fsize=\(value)"])
        guard outcome.status == 0 else { throw HarnessError(outcome.errors) }
    }
}
