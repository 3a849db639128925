import Foundation
import Wire

/// Reads a file or a pipe line by line in large pieces. A line that is longer than the limit is cut into pieces of it.
struct LineReader {
    private static let piece = 1 << 20
    /// A report is at most 64 KiB, in a capture all of it may be escaped.
    private static let lineMax = 16 << 20

    /// Owned, because a file is closed with its handle.
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line without its line end, as a range of `bytes`; nil at the end.
    mutating func next() throws(ReplayError) -> Range<Int>? {
        var searched = position
        while true {
            if let end = indexOfLineEnd(from: searched) {
                let line = position..<end
                position = end + 1
                return line
            }
            searched = buffer.count
            if isAtEnd || buffer.count - position >= Self.lineMax {
                guard position < buffer.count else { return nil }
                let line = position..<buffer.count
                position = buffer.count
                return line
            }
            searched -= position
            try fill()
        }
    }

    /// What ranges point into, until the next call of `next`.
    var bytes: [UInt8] { _read { yield buffer } }

    /// Whether a line holds nothing but spaces and control characters.
    func isBlank(_ line: Range<Int>) -> Bool {
        for index in line where buffer[index] > 0x20 { return false }
        return true
    }

    private func indexOfLineEnd(from start: Int) -> Int? {
        buffer.withUnsafeBytes { raw in
            guard start < raw.count, let base = raw.baseAddress,
                let found = memchr(base + start, 10, raw.count - start)
            else { return nil }
            return UnsafeRawPointer(found) - base
        }
    }

    private mutating func fill() throws(ReplayError) {
        buffer.removeFirst(position)
        position = 0
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: Self.piece))
        let descriptor = handle.fileDescriptor
        let count = buffer.withUnsafeMutableBytes { raw -> Int in
            while true {
                let count = read(descriptor, raw.baseAddress.map { $0 + old }, Self.piece)
                if count >= 0 || errno != EINTR { return count }
            }
        }
        buffer.removeLast(Self.piece - max(count, 0))
        if count < 0 { throw ReplayError(message: "reading the input: \(String(cString: strerror(errno)))") }
        if count == 0 { isAtEnd = true }
    }
}

/// Why a replay ended before its input did.
package struct ReplayError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package var description: String { message }
}
