import Geo
import Glibc
import Wire

/// The files that `fleetbench fences` is given.
enum BenchFile {
    static func bytes(_ path: String) throws(BenchError) -> [UInt8] {
        guard let file = fopen(path, "rb") else { throw BenchError("\(path) cannot be opened") }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        guard size >= 0 else { throw BenchError("\(path) cannot be read") }
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = fread(buffer.baseAddress, 1, size, file)
        }
        guard bytes.count == size else { throw BenchError("\(path) cannot be read to its end") }
        return bytes
    }

    /// Little-endian doubles: longitude, latitude, longitude…
    static func points(_ path: String) throws(BenchError) -> [Coordinate] {
        let bytes = try bytes(path)
        guard bytes.count % 16 == 0 else { throw BenchError("\(path) does not hold pairs of doubles") }
        return bytes.withUnsafeBytes { raw in
            (0..<raw.count / 16).map { i in
                let x = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i * 16, as: UInt64.self))
                let y = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: i * 16 + 8, as: UInt64.self))
                return Coordinate(latitude: Double(bitPattern: y), longitude: Double(bitPattern: x))
            }
        }
    }

    /// The Polygon and MultiPolygon features of a FeatureCollection, numbered in their order as "0", "1", …
    ///
    /// Nothing else is asked of them: neither ids nor validity (what counts is the parity of edges).
    static func polygons(_ path: String) throws(BenchError) -> [Geofence] {
        try polygons(try bytes(path))
    }

    static func polygons(_ bytes: [UInt8]) throws(BenchError) -> [Geofence] {
        do {
            return try collection(bytes.span)
        } catch let error as JSONError {
            throw BenchError("the polygons are not JSON: \(error.reason) at byte \(error.offset)")
        } catch let error as BenchError {
            throw error
        } catch {
            throw BenchError("\(error)")
        }
    }

    private static func collection(_ bytes: Span<UInt8>) throws -> [Geofence] {
        var fences: [Geofence] = []
        var cursor = JSONCursor()
        cursor.skipWhitespace(in: bytes)
        try cursor.beginObject(in: bytes)
        while let key = try cursor.nextKey(in: bytes) {
            guard key.matches("features", in: bytes) else {
                try cursor.skipValue(in: bytes)
                continue
            }
            try cursor.beginArray(in: bytes)
            while try cursor.nextElement(in: bytes) {
                cursor.skipWhitespace(in: bytes)
                let start = cursor.position
                try cursor.skipValue(in: bytes)
                let node = try JSONNode.parse(bytes.extracting(start..<cursor.position), valueLimit: 50_000_000)
                fences.append(Geofence(id: String(fences.count), shape: try shape(node, fences.count)))
            }
        }
        return fences
    }

    private static func shape(_ feature: JSONNode, _ number: Int) throws(BenchError) -> Shape {
        guard let geometry = feature["geometry"], let type = geometry["type"]?.string,
            let coordinates = geometry["coordinates"]?.array
        else { throw BenchError("feature \(number) has no geometry") }
        switch type {
        case "Polygon": return .multiPolygon([try rings(coordinates, number)])
        case "MultiPolygon":
            var parts: [[[Coordinate]]] = []
            for part in coordinates { parts.append(try rings(part.array ?? [], number)) }
            return .multiPolygon(parts)
        default: throw BenchError("feature \(number) is a \(type), not a Polygon or MultiPolygon")
        }
    }

    private static func rings(_ nodes: [JSONNode], _ number: Int) throws(BenchError) -> [[Coordinate]] {
        var rings: [[Coordinate]] = []
        for node in nodes {
            var ring: [Coordinate] = []
            for position in node.array ?? [] {
                guard let values = position.array, values.count >= 2, let x = values[0].number,
                    let y = values[1].number, abs(x) <= 180, abs(y) <= 90
                else { throw BenchError("feature \(number) has a position that is none") }
                ring.append(Coordinate(latitude: y, longitude: x))
            }
            guard !ring.isEmpty else { throw BenchError("feature \(number) has an empty ring") }
            rings.append(ring)
        }
        return rings
    }
}
