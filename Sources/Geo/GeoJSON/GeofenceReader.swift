import Wire

/// Reads geofences from GeoJSON (RFC 7946): a FeatureCollection or a single Feature.
///
/// Polygon and MultiPolygon are areas as they stand, Point with the property `radius_m` is a circle, LineString and
/// MultiLineString with `buffer_m` a corridor. Each feature stands for itself: what is wrong with one does not stop the rest. A
/// text that is not JSON at all is one problem.
package struct GeofenceReader: Sendable {
    package static let defaultVertexLimit = 100_000
    static let radiusLimit_m = 1_000_000.0
    static let bufferLimit_m = 50_000.0

    /// The most positions that one fence may have.
    package let vertexLimit: Int
    /// The zone of schedules that name none; nil: each must name its own.
    let defaultTimeZone: String?
    private let timeZones: @Sendable (String) -> TimeZoneRules?

    /// - Parameter timeZones: the rules for a time zone's name, nil for an unknown one. Fixed offsets such as "+08:00" and "UTC" are
    ///   known without it.
    package init(
        vertexLimit: Int = GeofenceReader.defaultVertexLimit, defaultTimeZone: String? = nil,
        timeZones: @escaping @Sendable (String) -> TimeZoneRules?
    ) {
        self.vertexLimit = vertexLimit
        self.defaultTimeZone = defaultTimeZone
        self.timeZones = timeZones
    }

    /// Reads a FeatureCollection or a Feature. Of features with the same id the first is kept.
    package func read(_ bytes: Span<UInt8>) -> GeofenceReading {
        var reading = GeofenceReading()
        let features: [Range<Int>]
        do {
            features = try findFeatures(bytes)
        } catch {
            reading.problems.append(error)
            return reading
        }
        var ids: Set<String> = []
        for (index, range) in features.enumerated() {
            var parser = makeParser(index: index, base: range.lowerBound)
            do {
                let fence = try parser.parse(bytes.extracting(range))
                reading.problems.append(contentsOf: parser.warnings)
                if ids.insert(fence.id).inserted {
                    reading.fences.append(fence)
                    reading.ranges.append(range)
                } else {
                    reading.problems.append(
                        parser.problem(
                            .duplicateID, "another feature of this text has the id \"\(fence.id)\" already",
                            at: range.lowerBound))
                }
            } catch {
                reading.problems.append(contentsOf: parser.warnings)
                reading.problems.append(error)
            }
        }
        return reading
    }

    package func read(_ bytes: [UInt8]) -> GeofenceReading { read(bytes.span) }

    /// Reads a single Feature whose id is known from elsewhere (its topic); an id in the text must agree with it.
    package func readFeature(_ bytes: Span<UInt8>, id: String) -> GeofenceReading {
        var reading = GeofenceReading()
        var parser = makeParser(index: 0, base: 0)
        parser.expectedID = id
        do {
            reading.fences.append(try parser.parse(bytes))
            reading.ranges.append(0..<bytes.count)
            reading.problems = parser.warnings
        } catch {
            reading.problems = parser.warnings + [error]
        }
        return reading
    }

    package func readFeature(_ bytes: [UInt8], id: String) -> GeofenceReading { readFeature(bytes.span, id: id) }

    private func makeParser(index: Int, base: Int) -> FeatureParser {
        var parser = FeatureParser(index: index, base: base, vertexLimit: vertexLimit) { name in
            TimeZoneRules(fixedOffset: name) ?? timeZones(name)
        }
        parser.defaultTimeZone = defaultTimeZone
        return parser
    }

    // MARK: The text as a whole

    /// Where the features stand. Checks the syntax of the whole text.
    private func findFeatures(_ bytes: Span<UInt8>) throws(GeofenceProblem) -> [Range<Int>] {
        var features: [Range<Int>]?
        var type: String?
        var whole = 0..<0
        do {
            var cursor = JSONCursor()
            cursor.skipWhitespace(in: bytes)
            guard cursor.position < bytes.count else { throw JSONError(offset: 0, reason: .emptyInput) }
            let start = cursor.position
            guard try cursor.peekKind(in: bytes) == .object else {
                try cursor.skipValue(in: bytes)
                try cursor.finish(in: bytes)
                throw GeofenceProblem(
                    code: .notAFeature, reason: "the text is neither a FeatureCollection nor a Feature", offset: start)
            }
            try cursor.beginObject(in: bytes)
            while let key = try cursor.nextKey(in: bytes) {
                let kind = try cursor.peekKind(in: bytes)
                if key.matches("type", in: bytes), kind == .string {
                    type = try cursor.readString(in: bytes).string(in: bytes)
                } else if key.matches("features", in: bytes), kind == .array {
                    features = try elements(&cursor, bytes)
                } else {
                    try cursor.skipValue(in: bytes)
                }
            }
            whole = start..<cursor.position
            try cursor.finish(in: bytes)
        } catch let error as JSONError {
            throw GeofenceProblem(code: .notJSON, reason: "not JSON: \(error.reason)", offset: error.offset)
        } catch let problem as GeofenceProblem {
            throw problem
        } catch {
            throw GeofenceProblem(code: .notJSON, reason: "not JSON: \(error)", offset: 0)
        }
        switch type {
        case "Feature": return [whole]
        case "FeatureCollection":
            if let features { return features }
            throw GeofenceProblem(
                code: .wrongType, reason: "\"features\" must be an array of features", offset: whole.lowerBound)
        default:
            throw GeofenceProblem(
                code: .notAFeature, reason: "\"type\" must be \"FeatureCollection\" or \"Feature\"",
                offset: whole.lowerBound)
        }
    }

    private func elements(_ cursor: inout JSONCursor, _ bytes: Span<UInt8>) throws(JSONError) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        try cursor.beginArray(in: bytes)
        while try cursor.nextElement(in: bytes) {
            cursor.skipWhitespace(in: bytes)
            let start = cursor.position
            try cursor.skipValue(in: bytes)
            elements.append(start..<cursor.position)
        }
        return elements
    }
}
