import Wire

/// Reads one Feature.
struct FeatureParser {
    let index: Int
    /// Where the feature starts in the whole text.
    let base: Int
    let vertexLimit: Int
    let timeZones: (String) -> TimeZoneRules?
    /// The zone of a schedule that names none.
    var defaultTimeZone: String?
    /// The id that the feature must have, if that is known from elsewhere.
    var expectedID: String?
    private(set) var warnings: [GeofenceProblem] = []
    private(set) var id: String?

    init(index: Int, base: Int, vertexLimit: Int, timeZones: @escaping (String) -> TimeZoneRules?) {
        self.index = index
        self.base = base
        self.vertexLimit = vertexLimit
        self.timeZones = timeZones
    }

    /// A problem of this feature; `offset` counts from the start of the whole text.
    func problem(
        _ code: GeofenceProblem.Code, _ reason: String, at offset: Int, isWarning: Bool = false
    ) -> GeofenceProblem {
        GeofenceProblem(
            code: code, reason: reason, offset: offset, featureIndex: index, featureID: id ?? expectedID,
            isWarning: isWarning)
    }

    func problem(_ code: GeofenceProblem.Code, _ reason: String, _ node: JSONNode) -> GeofenceProblem {
        problem(code, reason, at: base + node.offset)
    }

    /// - Parameter bytes: the feature alone.
    mutating func parse(_ bytes: Span<UInt8>) throws(GeofenceProblem) -> Geofence {
        let node = try tree(bytes)
        guard node.object != nil else { throw problem(.notAFeature, "a feature must be an object", node) }
        // The id first, so that all other problems can name it.
        let properties = try self.properties(of: node)
        id = try readID(node, properties)
        guard let type = node["type"]?.string, type == "Feature" else {
            throw problem(.notAFeature, "\"type\" must be \"Feature\"", node["type"] ?? node)
        }
        warnMisspelt(properties)
        guard let id else {
            throw problem(.missingID, "the feature has no id, neither in \"properties\" nor as its own", node)
        }
        guard let geometry = node["geometry"], !geometry.isNull else {
            throw problem(.missingGeometry, "the feature has no geometry", node)
        }
        let reader = PropertyReader(parser: self, properties: properties)
        let shape = try GeometryReader(parser: self, properties: reader).read(geometry)
        var fence = Geofence(id: id, shape: shape)
        try reader.fill(&fence)
        return fence
    }

    private mutating func tree(_ bytes: Span<UInt8>) throws(GeofenceProblem) -> JSONNode {
        do {
            // A position is an array and two or three numbers.
            return try JSONNode.parse(bytes, valueLimit: vertexLimit * 4 + 100_000)
        } catch {
            id = (try? Self.findID(bytes)) ?? nil
            switch error.reason {
            case .tooManyValues:
                throw problem(
                    .tooManyVertices, "the feature holds more than the \(vertexLimit) positions allowed",
                    at: base + error.offset)
            case .numberOutOfRange:
                throw problem(.notFinite, "\(error.reason)", at: base + error.offset)
            default:
                throw problem(.notJSON, "not JSON: \(error.reason)", at: base + error.offset)
            }
        }
    }

    /// The id in the properties of a feature that is not read further, so that its problem can name it.
    private static func findID(_ bytes: Span<UInt8>) throws(JSONError) -> String? {
        var cursor = JSONCursor()
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            guard key.matches("properties", in: bytes), try cursor.peekKind(in: bytes) == .object else {
                try cursor.skipValue(in: bytes)
                continue
            }
            try cursor.beginObject(in: bytes)
            while let key = try cursor.nextKey(in: bytes) {
                if key.matches("id", in: bytes), try cursor.peekKind(in: bytes) == .string {
                    return try cursor.readString(in: bytes).string(in: bytes)
                }
                try cursor.skipValue(in: bytes)
            }
        }
        return nil
    }

    private func properties(of node: JSONNode) throws(GeofenceProblem) -> JSONNode? {
        guard let properties = node["properties"], !properties.isNull else { return nil }
        guard properties.object != nil else {
            throw problem(.wrongType, "\"properties\" must be an object", properties)
        }
        return properties
    }

    // MARK: The id

    private func readID(_ node: JSONNode, _ properties: JSONNode?) throws(GeofenceProblem) -> String? {
        guard let source = properties?["id"] ?? node["id"], !source.isNull else { return expectedID }
        let text: String
        if let string = source.string {
            text = string
        } else if let number = source.number, number == number.rounded(), abs(number) < 1e15 {
            text = String(Int64(number))
        } else {
            throw problem(.wrongType, "the id must be a string or a whole number", source)
        }
        guard !text.isEmpty, text.utf8.count <= 256, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw problem(.invalidID, "the id must have 1 to 256 bytes and no control characters", source)
        }
        if let expectedID, expectedID != text {
            throw problem(
                .idMismatch, "the id \"\(text)\" is not \"\(expectedID)\", for which the feature was sent", source)
        }
        return text
    }

    // MARK: Misspelt names

    private mutating func warnMisspelt(_ properties: JSONNode?) {
        for member in properties?.object ?? [] where !PropertyReader.names.contains(member.key) {
            guard let near = Spelling.nearest(to: member.key, of: PropertyReader.names) else { continue }
            warnings.append(
                problem(
                    .misspeltProperty, "the property \"\(member.key)\" is not known: is \"\(near)\" meant?",
                    at: base + member.keyOffset, isWarning: true))
        }
    }
}

/// Finds names that were probably meant.
enum Spelling {
    /// The nearest name within two edits (one for names of up to four letters, where two would fit anything).
    static func nearest(to word: String, of names: [String]) -> String? {
        let letters = Array(word.lowercased().utf8)
        guard letters.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let distance = editDistance(letters, Array(name.utf8))
            if distance <= (name.utf8.count <= 4 ? 1 : 2), distance < best?.distance ?? 3 { best = (name, distance) }
        }
        return best?.name
    }

    /// Insertions, deletions, replacements, and swaps of neighbours (optimal string alignment).
    static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        for i in 1...a.count {
            for j in 1...b.count {
                let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
                rows[i][j] = min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    rows[i][j] = min(rows[i][j], rows[i - 2][j - 2] + 1)
                }
            }
        }
        return rows[a.count][b.count]
    }
}
