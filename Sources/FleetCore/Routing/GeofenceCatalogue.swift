import Wire

/// The texts of a fleet's geofences, as they were at one moment: what shows them to people works on this beside the router.
/// Making one copies nothing.
package struct GeofenceCatalogue: Sendable {
    package let fleet: String
    private let files: [String: FenceSource]
    private let published: [String: FenceSource?]

    init(fleet: String, files: [String: FenceSource], published: [String: FenceSource?]) {
        self.fleet = fleet
        self.files = files
        self.published = published
    }

    /// All of them as one GeoJSON FeatureCollection, in the order of their ids, each with its id, as far as there is room.
    package func featureCollection(bytes_max: Int) -> [UInt8] {
        var texts: [String: [UInt8]] = files.mapValues(\.feature)
        for (id, source) in published { texts[id] = source?.feature }
        var out = Array("{\"type\":\"FeatureCollection\",\"features\":[".utf8)
        var isFirst = true
        for (id, text) in texts.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            guard out.count + text.count <= bytes_max else { break }
            if !isFirst { out.append(ascii: ",") }
            isFirst = false
            out.append(feature: text, id: id)
        }
        out.append(ascii: "]}")
        return out
    }
}

extension Router {
    /// The geofences of every fleet that is served; see `geofencesVersion`.
    package var geofenceCatalogues: [GeofenceCatalogue] {
        fleets.map { fleet in
            GeofenceCatalogue(
                fleet: String(decoding: fleet.name, as: UTF8.self), files: files[fleet.fileKey]?.fences ?? [:],
                published: fleet.published)
        }
    }
}

extension [UInt8] {
    /// A feature with properties and geometry as its text has them, and the id by which the fleet knows it. Nothing else of
    /// the text is taken over.
    fileprivate mutating func append(feature text: [UInt8], id: String) {
        append(ascii: "{\"type\":\"Feature\",\"id\":")
        appendJSON(string: id)
        for name: StaticString in ["properties", "geometry"] {
            append(ascii: ",\"")
            append(ascii: name)
            append(ascii: "\":")
            if let range = Self.range(ofMember: name, in: text.span) {
                append(contentsOf: text[range])
            } else {
                append(ascii: "null")
            }
        }
        append(ascii: "}")
    }

    /// Where the value of an object's member stands; the last of several, as the reader takes it.
    private static func range(ofMember name: StaticString, in text: Span<UInt8>) -> Range<Int>? {
        var cursor = JSONCursor()
        var found: Range<Int>?
        do throws(JSONError) {
            try cursor.beginObject(in: text)
            while let key = try cursor.nextKey(in: text) {
                let isWanted = key.matches(name, in: text)
                cursor.skipWhitespace(in: text)
                let start = cursor.position
                try cursor.skipValue(in: text)
                if isWanted { found = start..<cursor.position }
            }
        } catch { return found }
        return found
    }
}
