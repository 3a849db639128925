import Glibc

/// A file that only this user (or root) may write, and nobody else may read.
package enum PrivateFile {
    /// Its bytes. Refused are other kinds of files, longer ones, and those of others or open to others.
    package static func read(_ path: String, bytes_max: Int) throws(SigningError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw SigningError("\(path) cannot be read: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SigningError("\(path) is no file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw SigningError("\(path) can be read by others: chmod 600 \(path)")
        }
        guard status.st_uid == geteuid() || status.st_uid == 0 else {
            throw SigningError("\(path) belongs to another user, who could change it")
        }
        guard status.st_size <= bytes_max else { throw SigningError("\(path) is too long") }
        var bytes = [UInt8](repeating: 0, count: bytes_max)
        var count = 0
        while count < bytes.count {
            let got = bytes[count...].withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard got >= 0 else {
                throw SigningError("\(path) cannot be read: \(String(cString: strerror(errno)))")
            }
            if got == 0 { break }
            count += got
        }
        return Array(bytes[..<count])
    }
}
