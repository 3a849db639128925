import Foundation
import TestSupport
import Testing

@testable import FleetService

@Suite struct LineReaderTests {
    /// The lines of a file with this content.
    private func lines(_ content: Data) throws -> [[UInt8]] {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("lines-\(UUID().uuidString)")
        try content.write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let handle = try #require(FileHandle(forReadingAtPath: url.path))
        var reader = LineReader(handle)
        var lines: [[UInt8]] = []
        while let range = try reader.next() { lines.append(Array(reader.bytes[range])) }
        return lines
    }

    private func lines(_ text: String) throws -> [String] {
        try lines(Data(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `lines end with a line feed or the file`() throws {
        #expect(try lines("") == [])
        #expect(try lines("\n") == [""])
        #expect(try lines("a") == ["a"])
        #expect(try lines("a\nb\n") == ["a", "b"])
        #expect(try lines("a\r\n\nb") == ["a\r", "", "b"])
    }

    @Test func `lines longer than a piece stay whole, up to the limit`() throws {
        let long = String(repeating: "x", count: 3_000_000)
        #expect(try lines("a\n\(long)\nb") == ["a", long, "b"])
        // Beyond 16 MiB a line is cut, and nothing of it is lost.
        let pieces = try lines(Data(repeating: 0x79, count: 20 << 20) + Data("\nend".utf8))
        #expect(pieces.count == 3 && pieces.last == Array("end".utf8))
        #expect(pieces.dropLast().allSatisfy { $0.count <= 17 << 20 })
        #expect(pieces.dropLast().reduce(0) { $0 + $1.count } == 20 << 20)
    }

    @Test func `any text is read as Foundation splits it`() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        var data = Data()
        for _ in 0..<4000 {
            let length = Int.random(in: 0...1500, using: &random)
            data.append(contentsOf: (0..<length).map { _ in UInt8.random(in: 11...255, using: &random) } + [10])
        }
        let expected = data.split(separator: 10, omittingEmptySubsequences: false).dropLast().map(Array.init)
        #expect(try lines(data) == expected, "seed \(seed)")
    }

    @Test func `a pipe that comes in drops is read to its end`() throws {
        let pipe = Pipe()
        let writing = pipe.fileHandleForWriting
        let thread = Thread {
            for number in 0..<50 {
                writing.write(Data("line ".utf8))
                writing.write(Data("\(number)\n".utf8))
            }
            writing.closeFile()
        }
        thread.start()
        var reader = LineReader(pipe.fileHandleForReading)
        var lines: [String] = []
        while let range = try reader.next() { lines.append(String(decoding: reader.bytes[range], as: UTF8.self)) }
        #expect(lines == (0..<50).map { "line \($0)" })
    }
}
