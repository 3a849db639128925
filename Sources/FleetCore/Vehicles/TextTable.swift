import Telemetry
package import Wire

/// Texts that vehicles report (drivers, lists of diagnostic codes) as numbers, so that an observation has a fixed size.
///
/// A number is made from the text's own hash: the same text has the same number on every shard, in every order of arrival
/// and after a restart, but for two texts of one hash (once in 2³¹ pairs), of which the second gets the next free number.
package struct TextTable: Sendable {
    private var texts: [Int32: [UInt8]] = [:]

    /// A guard of the memory against made-up texts.
    private static let most = 1_000_000

    package init() {}

    package var count: Int { texts.count }

    /// The number of a text, which is remembered; -1 where there are too many. Expected O(length).
    package mutating func number(of text: Span<UInt8>) -> Int32 {
        var number = Int32(truncatingIfNeeded: stableHash64(text) >> 33)
        while let known = texts[number] {
            if Self.equals(known, text) { return number }
            number = (number &+ 1) & Int32.max
        }
        guard texts.count < Self.most else { return -1 }
        texts[number] = text.withUnsafeBytes { Array($0) }
        return number
    }

    /// The text of a number; nil for -1.
    package func text(of number: Int32) -> [UInt8]? { texts[number] }

    private static func equals(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    // MARK: - Snapshots

    package func write(to writer: inout ByteWriter) {
        writer.write(UInt32(texts.count))
        for (number, text) in texts.sorted(by: { $0.key < $1.key }) {
            writer.write(number)
            writer.write(text)
        }
    }

    /// Adds the texts of a snapshot's part to those that are there.
    package mutating func read(from reader: inout ByteReader) throws(SnapshotError) {
        for _ in 0..<(try reader.count()) {
            let number: Int32 = try reader.integer()
            let text = try reader.data()
            guard number >= 0, texts[number, default: text] == text, texts.count < Self.most else {
                throw SnapshotError(reason: "the numbers of texts do not agree")
            }
            texts[number] = text
        }
    }
}

extension TextTable {
    /// The number of a driver's id that stands as a JSON string in a payload; -1 for nobody.
    mutating func driver(_ range: ByteRange, in payload: Span<UInt8>) -> Int32 {
        guard let text = try? JSONNode.parse(payload.extracting(range.range)).string, !text.isEmpty else { return -1 }
        return number(of: Array(text.utf8).span)
    }

    /// The number of the diagnostic codes that stand as JSON in a payload: an array of strings, or one string with spaces or
    /// commas between them. They are sorted and joined by commas; -1 where there are none.
    mutating func codes(_ range: ByteRange, in payload: Span<UInt8>) -> Int32 {
        guard let node = try? JSONNode.parse(payload.extracting(range.range)) else { return -1 }
        var codes: [String] = []
        for text in node.array?.compactMap(\.string) ?? node.string.map({ [$0] }) ?? [] {
            codes += text.split { $0 == " " || $0 == "," }.map { String($0) }
        }
        if codes.isEmpty { return -1 }
        return number(of: Array(Set(codes).sorted().joined(separator: ",").utf8).span)
    }
}
