import Wire

/// The keys of a format and what each stands for. A lookup compares the keys of the same length only: a few nanoseconds,
/// no allocation unless the key is written with escapes.
struct KeyTable<Member: Sendable>: Sendable {
    private let names: [StaticString]
    private let members: [Member]
    /// By length: where the names of that length begin; the entry behind the last ends them.
    private let starts: [Int]

    init(_ entries: [(StaticString, Member)]) {
        let sorted = entries.enumerated().sorted {
            ($0.element.0.utf8CodeUnitCount, $0.offset) < ($1.element.0.utf8CodeUnitCount, $1.offset)
        }
        names = sorted.map(\.element.0)
        members = sorted.map(\.element.1)
        var starts: [Int] = []
        for (index, entry) in sorted.enumerated() {
            while starts.count <= entry.element.0.utf8CodeUnitCount { starts.append(index) }
        }
        starts.append(sorted.count)
        self.starts = starts
    }

    /// What the key stands for; nil where it is none of the format's.
    func member(for key: JSONText, in bytes: Span<UInt8>) -> Member? {
        guard key.hasEscapes else { return member(bytes, key.range) }
        let unescaped = key.unescapedBytes(in: bytes)
        return member(unescaped.span, 0..<unescaped.count)
    }

    /// The same for a word that is part of a text.
    func member(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Member? {
        guard range.count + 1 < starts.count else { return nil }
        for index in starts[range.count]..<starts[range.count + 1]
        where hasBytes(of: names[index], bytes, at: range.lowerBound) {
            return members[index]
        }
        return nil
    }
}
