import Glibc

/// The file into which a run writes what really happened, line by line; or none.
struct TruthFile {
    private var descriptor: Int32 = -1
    private let path: String

    init(path: String?) throws(SimulationError) {
        self.path = path ?? ""
        guard let path else { return }
        descriptor = open(path, O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .output("\(path): \(String(cString: strerror(errno)))") }
    }

    mutating func append(_ lines: [UInt8]) throws(SimulationError) {
        guard descriptor >= 0 else { return }
        var start = 0
        while start < lines.count {
            let written = lines.withUnsafeBytes { bytes in
                bytes.baseAddress.map { write(descriptor, $0 + start, bytes.count - start) } ?? 0
            }
            if written > 0 {
                start += written
            } else if errno != EINTR {
                throw .output("\(path): \(String(cString: strerror(errno)))")
            }
        }
    }

    mutating func close() {
        guard descriptor >= 0 else { return }
        _ = Glibc.close(descriptor)
        descriptor = -1
    }
}
