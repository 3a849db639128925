import FoundationEssentials

/// One object of a scenario file while it is read: knows which keys it may have, and keeps values within bounds.
struct ScenarioSection<Key: CodingKey & CaseIterable & RawRepresentable> where Key.RawValue == String {
    private let container: KeyedDecodingContainer<Key>
    private let file: String
    private let path: [String]

    static var fileKey: CodingUserInfoKey? { CodingUserInfoKey(rawValue: "file") }

    /// Fails where the object has a key that is not one of `Key`'s, naming the nearest that is.
    init(_ decoder: any Decoder) throws {
        container = try decoder.container(keyedBy: Key.self)
        file = Self.fileKey.flatMap { decoder.userInfo[$0] as? String } ?? "scenario"
        path = decoder.codingPath.map(\.stringValue)
        let given = try decoder.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        let known = Key.allCases.map(\.rawValue)
        if let unknown = given.filter({ !known.contains($0) }).min() {
            throw SimulationError.unknownKey(
                file: file, key: name(of: unknown), nearest: name(of: nearestName(to: unknown, among: known)))
        }
    }

    private func name(of key: String) -> String {
        (path + [key]).joined(separator: ".")
    }

    private func failure(_ key: Key, _ reason: String) -> SimulationError {
        .scenario(file: file, key: name(of: key.rawValue), reason: reason)
    }

    /// Replaces `value` where the key is there.
    func read(_ key: Key, into value: inout Double, in range: ClosedRange<Double>) throws {
        guard let given = try container.decodeIfPresent(Double.self, forKey: key) else { return }
        guard range.contains(given) else {
            throw failure(key, "\(given) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        value = given
    }

    func read(_ key: Key, into value: inout Int, in range: ClosedRange<Int>) throws {
        // By way of Double, because the decoder does not say which number it could not represent.
        guard let number = try container.decodeIfPresent(Double.self, forKey: key) else { return }
        guard let given = Int(exactly: number) else { throw failure(key, "\(number) is not a whole number") }
        guard range.contains(given) else {
            throw failure(key, "\(given) is not between \(range.lowerBound) and \(range.upperBound)")
        }
        value = given
    }

    /// Replaces `value` where the key is there; every 64-bit number is allowed.
    func read(_ key: Key, into value: inout UInt64) throws {
        guard container.contains(key) else { return }
        guard let given = try? container.decode(UInt64.self, forKey: key) else {
            throw failure(key, "must be a whole number from 0 to \(UInt64.max)")
        }
        value = given
    }

    func read<T: Decodable>(_ key: Key, into value: inout T) throws {
        if let given = try container.decodeIfPresent(T.self, forKey: key) { value = given }
    }

    /// The value, where the key is there.
    func optional<T: Decodable>(_ key: Key) throws -> T? {
        try container.decodeIfPresent(T.self, forKey: key)
    }

    /// Replaces `value` by the case that the text names.
    func read<T: RawRepresentable & CaseIterable>(choice key: Key, into value: inout T) throws
    where T.RawValue == String {
        guard let given = try container.decodeIfPresent(String.self, forKey: key) else { return }
        guard let choice = T(rawValue: given) else {
            throw failure(key, "must be one of " + T.allCases.map(\.rawValue).joined(separator: ", "))
        }
        value = choice
    }

    /// Fails where a minimum is above its maximum.
    func require<T: Comparable>(_ minimum: T, atMost maximum: T, _ key: Key, _ other: Key) throws {
        guard minimum <= maximum else {
            throw failure(key, "\(minimum) is more than \(name(of: other.rawValue)), \(maximum)")
        }
    }

    func require(_ condition: Bool, _ key: Key, _ reason: String) throws {
        guard condition else { throw failure(key, reason) }
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

/// The name with the smallest edit distance (Levenshtein); the first of equals.
func nearestName(to text: String, among names: [String]) -> String {
    func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = min(above + 1, row[j] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = above
            }
        }
        return row[b.count]
    }
    let wanted = Array(text.lowercased().utf8.prefix(100))
    let scored = names.map { (distance(wanted, Array($0.lowercased().utf8)), $0) }
    return scored.min { $0.0 < $1.0 }?.1 ?? ""
}
