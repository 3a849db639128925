import Wire

/// The page at `/` and its parts, from memory: they are in the program itself.
struct Page {
    private let parts: [String: HTTPResponse]

    init(_ options: Site.Options) {
        let security = ContentSecurity.page(tilesOrigin: Self.origin(ofTiles: options.tiles))
        var config = Array("{\"tiles\":".utf8)
        config.appendJSON(string: options.tiles)
        config.append(ascii: ",\"tiles_attribution\":")
        config.appendJSON(string: options.tilesAttribution)
        config.append(ascii: "}\n")
        func part(_ type: StaticString, _ content: [UInt8]) -> HTTPResponse {
            var response = HTTPResponse(.ok, type, content)
            let hash = Hash128(content, seed: 0)
            response.caching = .tagged(String(hash.high, radix: 16) + String(hash.low, radix: 16))
            response.contentSecurity = security
            return response
        }
        var parts = ["config.json": part(HTTPResponse.json, config)]
        for file in PageFiles.all { parts[file.name] = part(file.type, Array(file.content.utf8)) }
        self.parts = parts
    }

    /// The part at a path; nil where there is none.
    func part(_ path: [String]) -> HTTPResponse? {
        path.count > 1 ? nil : parts[path.first ?? "index.html"]
    }

    /// `https://tile.example.org` of the template.
    private static func origin(ofTiles template: String) -> String? {
        // Scheme, nothing, host, path.
        let parts = template.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1].isEmpty else { return nil }
        return "\(parts[0])//\(parts[2])"
    }
}

/// A file of the page, as it is in the program.
struct PageFile: Sendable {
    var name: String
    var type: StaticString
    var content: String
}
