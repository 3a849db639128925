/// Number of insertions, deletions, replacements and swaps of neighbours that turn one text into the other, no part being
/// edited twice: the optimal string alignment distance (F. J. Damerau, doi:10.1145/363958.363994). O(a × b).
func editDistance(_ a: some StringProtocol, _ b: some StringProtocol) -> Int {
    let a = Array(a.unicodeScalars)
    let b = Array(b.unicodeScalars)
    var beforePrevious = [Int](repeating: 0, count: b.count + 1)
    var previous = Array(0...b.count)
    for i in 0..<a.count {
        var current = [i + 1] + [Int](repeating: 0, count: b.count)
        for j in 0..<b.count {
            let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
            current[j + 1] = min(previous[j + 1] + 1, current[j] + 1, replaced)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                current[j + 1] = min(current[j + 1], beforePrevious[j - 1] + 1)
            }
        }
        (beforePrevious, previous) = (previous, current)
    }
    return previous[b.count]
}

/// The known name that was probably meant: at most a third of its letters differ, upper and lower case count as equal.
/// Nil where none is that near; of several the first in the order given.
func nearestName(to name: String, among known: some Sequence<String>) -> String? {
    // Nothing that is so long is a misspelling; the distance costs time in proportion to the length.
    guard name.count <= 128 else { return nil }
    let lowered = name.lowercased()
    var best: (name: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(lowered, candidate.lowercased())
        guard distance <= max(1, min(4, max(candidate.count, name.count) / 3)) else { continue }
        if best.map({ distance < $0.distance }) ?? true { best = (candidate, distance) }
    }
    return best?.name
}
