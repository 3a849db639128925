import Wire

/// Reads the geometry of a Feature and checks it.
struct GeometryReader {
    let parser: FeatureParser
    let properties: PropertyReader
    private var vertexCount = 0

    init(parser: FeatureParser, properties: PropertyReader) {
        self.parser = parser
        self.properties = properties
    }

    consuming func read(_ geometry: JSONNode) throws(GeofenceProblem) -> Shape {
        guard geometry.object != nil, let type = geometry["type"]?.string else {
            throw parser.problem(.wrongType, "\"geometry\" must be an object with a \"type\"", geometry)
        }
        let coordinates = geometry["coordinates"] ?? geometry
        switch type {
        case "Polygon":
            return try checked(Shape.multiPolygon([rings(coordinates)]), coordinates)
        case "MultiPolygon":
            var parts: [[[Coordinate]]] = []
            for part in try elements(coordinates, "polygons") { parts.append(try rings(part)) }
            return try checked(Shape.multiPolygon(parts), coordinates)
        case "Point":
            guard let radius_m = try properties.number("radius_m", above: 0, upTo: GeofenceReader.radiusLimit_m) else {
                throw parser.problem(.missingRadius, "a Point needs the property \"radius_m\"", geometry)
            }
            guard let values = coordinates.array, !values.isEmpty else {
                throw parser.problem(.emptyCoordinates, "the Point has no coordinates", coordinates)
            }
            return .circle(center: try position(coordinates), radius_m: radius_m)
        case "LineString":
            return try corridor([try line(coordinates)], geometry)
        case "MultiLineString":
            var lines: [[Coordinate]] = []
            for element in try elements(coordinates, "lines") { lines.append(try line(element)) }
            return try corridor(lines, geometry)
        default:
            throw parser.problem(
                .unsupportedGeometry,
                "\"\(type)\" is not supported: use Polygon, MultiPolygon, Point, LineString or MultiLineString",
                geometry)
        }
    }

    // MARK: Polygons

    private mutating func rings(_ node: JSONNode) throws(GeofenceProblem) -> [[Coordinate]] {
        var rings: [[Coordinate]] = []
        for element in try elements(node, "rings") {
            let ring = try positions(element)
            guard let first = ring.first, let last = ring.last, ring.count >= 4 else {
                throw parser.problem(
                    .tooFewPositions,
                    "a ring has \(ring.count) positions; it needs four, the last equal to the first", element)
            }
            guard first == last else {
                throw parser.problem(
                    .unclosedRing, "a ring is not closed: it starts at \(first.text) and ends at \(last.text)", element)
            }
            rings.append(ring)
        }
        return rings
    }

    private func checked(_ shape: Shape, _ node: JSONNode) throws(GeofenceProblem) -> Shape {
        guard let problem = shape.validityProblem() else { return shape }
        let code: GeofenceProblem.Code =
            switch problem.code {
            case .zeroArea: .zeroArea
            case .selfCrossing: .selfCrossing
            case .holeOutside: .holeOutside
            case .nestedHoles: .nestedHoles
            case .disconnected: .disconnected
            case .overlappingParts: .overlappingParts
            }
        throw parser.problem(code, problem.message, node)
    }

    // MARK: Lines

    private func corridor(_ lines: [[Coordinate]], _ geometry: JSONNode) throws(GeofenceProblem) -> Shape {
        guard let buffer_m = try properties.number("buffer_m", above: 0, upTo: GeofenceReader.bufferLimit_m) else {
            throw parser.problem(.missingBuffer, "a line needs the property \"buffer_m\"", geometry)
        }
        return .corridor(lines, buffer_m: buffer_m)
    }

    private mutating func line(_ node: JSONNode) throws(GeofenceProblem) -> [Coordinate] {
        let line = try positions(node)
        guard line.count >= 2 else {
            throw parser.problem(.tooFewPositions, "a line has \(line.count) position; it needs two", node)
        }
        return line
    }

    // MARK: Positions

    private func elements(_ node: JSONNode, _ what: String) throws(GeofenceProblem) -> [JSONNode] {
        guard let elements = node.array else {
            throw parser.problem(.wrongType, "\"coordinates\" must hold an array of \(what)", node)
        }
        guard !elements.isEmpty else { throw parser.problem(.emptyCoordinates, "an array of \(what) is empty", node) }
        return elements
    }

    private mutating func positions(_ node: JSONNode) throws(GeofenceProblem) -> [Coordinate] {
        let elements = try elements(node, "positions")
        vertexCount += elements.count
        guard vertexCount <= parser.vertexLimit else {
            throw parser.problem(
                .tooManyVertices, "the feature has more than the \(parser.vertexLimit) positions allowed", node)
        }
        var positions: [Coordinate] = []
        positions.reserveCapacity(elements.count)
        for element in elements { positions.append(try position(element)) }
        return positions
    }

    /// Longitude, latitude, and perhaps a height, which is not used.
    private func position(_ node: JSONNode) throws(GeofenceProblem) -> Coordinate {
        guard let values = node.array, values.count >= 2, let x = values[0].number, let y = values[1].number else {
            throw parser.problem(.wrongType, "a position must be an array of longitude and latitude", node)
        }
        let position = Coordinate(latitude: y, longitude: x)
        guard x.isFinite, y.isFinite else {
            throw parser.problem(.notFinite, "the position \(position.text) is not finite", node)
        }
        guard abs(x) <= 180 else {
            throw parser.problem(.outOfRange, "the longitude of \(position.text) is beyond ±180", node)
        }
        guard abs(y) <= 90 else {
            throw parser.problem(.outOfRange, "the latitude of \(position.text) is beyond ±90", node)
        }
        return position
    }
}
