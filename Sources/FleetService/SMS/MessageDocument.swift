import FleetCore
import Wire

/// A JSON5 file whose values are taken out one by one, and what is wrong with them, with their places.
struct MessageDocument {
    private(set) var errors: [ConfigurationError] = []
    /// The members at the top; nil where the file is none.
    private(set) var top: [String: JSON5Value]?
    private let name: String
    private let places: JSON5Places

    enum Part { case key, value }

    init(_ content: [UInt8], name: String) {
        self.name = name
        places = JSON5Places(scanning: content)
        if let offset = firstInvalidUTF8(content.span) {
            let place = LineTable(content).place(of: offset)
            errors.append(error(place, nil, "the byte here is not UTF-8", "save the file as UTF-8"))
            return
        }
        if let failure = places.failure {
            errors.append(error(failure.place, nil, failure.problem, failure.advice))
            return
        }
        for repetition in places.repetitions {
            let first = places.members[repetition.path]?.key.line ?? 1
            let key = repetition.path.joined(separator: ".")
            errors.append(
                error(repetition.key, key, "the key was given on line \(first) already", "remove one of the two"))
        }
        guard case .object(let members)? = JSON5Value(json5: content) else {
            report([], .value, "is not one object of JSON5", "put braces around its members")
            return
        }
        top = members
    }

    mutating func report(_ path: [String], _ part: Part, _ problem: String, _ advice: String) {
        let place = part == .key ? places.key(path) : places.value(path)
        let key = path.isEmpty ? nil : path.map { shortened($0, to: 60) }.joined(separator: ".")
        errors.append(error(place, key, problem, advice))
    }

    private func error(_ place: TextPlace, _ key: String?, _ problem: String, _ advice: String) -> ConfigurationError {
        ConfigurationError(
            origin: .file(path: name, line: place.line, column: place.column), key: key, problem: problem,
            advice: advice)
    }

    /// In the order of their places.
    var sortedErrors: [ConfigurationError] {
        func place(_ error: ConfigurationError) -> TextPlace {
            guard case .file(_, let line, let column) = error.origin else { return TextPlace(line: 0, column: 0) }
            return TextPlace(line: line, column: column)
        }
        return errors.enumerated().sorted { (place($0.element), $0.offset) < (place($1.element), $1.offset) }
            .map(\.element)
    }

    // MARK: - Values

    /// Reports members that nobody knows.
    mutating func refuseOthers(_ members: [String: JSON5Value], at path: [String], known: [String]) {
        for key in members.keys.sorted() where !known.contains(key) {
            let nearest = nearestName(to: key, among: known).map { "did you mean \($0)?" }
            report(
                path + [key], .key, "there is no such key",
                nearest ?? "the keys here are \(known.joined(separator: ", "))")
        }
    }

    mutating func object(_ value: JSON5Value?, at path: [String], _ wanted: String) -> [String: JSON5Value] {
        guard let value else { return [:] }
        if case .object(let members) = value { return members }
        report(path, .value, "is \(value.shown)", "give \(wanted)")
        return [:]
    }

    mutating func text(_ value: JSON5Value?, at path: [String], _ wanted: String) -> String? {
        guard let value else { return nil }
        if case .string(let text) = value { return text }
        report(path, .value, "is \(value.shown)", "give \(wanted)")
        return nil
    }

    mutating func flag(_ value: JSON5Value?, at path: [String], _ wanted: String) -> Bool? {
        guard let value else { return nil }
        if case .bool(let flag) = value { return flag }
        report(path, .value, "is \(value.shown)", "give true or false: \(wanted)")
        return nil
    }

    mutating func integer(
        _ value: JSON5Value?, at path: [String], in range: ClosedRange<Int>, _ wanted: String
    ) -> Int? {
        guard let value else { return nil }
        if case .number(let number) = value, let integer = Int(exactly: number), range.contains(integer) {
            return integer
        }
        report(
            path, .value, "is \(value.shown)",
            "give a whole number from \(range.lowerBound) to \(range.upperBound): \(wanted)")
        return nil
    }

    /// One of several words.
    mutating func word<Word>(_ value: JSON5Value?, at path: [String], of words: [(String, Word)]) -> Word? {
        guard let value else { return nil }
        if case .string(let text) = value, let found = words.first(where: { $0.0 == text }) { return found.1 }
        report(path, .value, "is \(value.shown)", "give one of \(words.map { "\"\($0.0)\"" }.joined(separator: ", "))")
        return nil
    }
}
