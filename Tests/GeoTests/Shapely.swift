import Foundation
import Geo

/// GEOS through Python's shapely, as an oracle of other people's making. Missing where neither is installed nor can be.
enum Shapely {
    /// Whether shapely can be used; tries once to install it, and says so where it cannot.
    static let isAvailable: Bool = {
        if run(["-c", "import shapely"], input: Data()) != nil { return true }
        print("shapely is missing: trying `python3 -m pip install shapely`")
        for flags in [[], ["--break-system-packages"]] {
            _ = run(["-m", "pip", "install", "--quiet", "shapely"] + flags, input: Data())
            if run(["-c", "import shapely"], input: Data()) != nil { return true }
        }
        print("NOT COMPARED WITH GEOS: python3 with shapely could neither be found nor be installed")
        return false
    }()

    /// Runs python3; its output, or nil if it failed.
    static func run(_ arguments: [String], input: Data) -> Data? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("geo-\(UUID().uuidString)")
        let source = output.appendingPathExtension("in")
        defer {
            try? FileManager.default.removeItem(at: output)
            try? FileManager.default.removeItem(at: source)
        }
        guard (try? input.write(to: source)) != nil, FileManager.default.createFile(atPath: output.path, contents: nil),
            let reading = try? FileHandle(forReadingFrom: source), let writing = try? FileHandle(forWritingTo: output)
        else { return nil }
        process.standardInput = reading
        process.standardOutput = writing
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        return process.terminationStatus == 0 ? try? Data(contentsOf: output) : nil
    }

    /// All that goes over is doubles: how many of what, and then coordinates, so that nothing is rounded.
    private static let prelude = """
        import sys, struct, shapely
        data = sys.stdin.buffer.read()
        values = struct.unpack('<%dd' % (len(data) // 8), data)
        at = 0
        def number():
            global at
            at += 1
            return values[at - 1]
        def ring():
            return [(number(), number()) for _ in range(int(number()))]
        def shape():
            parts = []
            for _ in range(int(number())):
                rings = [ring() for _ in range(int(number()))]
                parts.append(shapely.Polygon(rings[0], rings[1:]))
            return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)

        """

    static func contains(_ parts: [[[Coordinate]]], _ points: [Coordinate]) -> [Bool]? {
        let script =
            prelude + """
                s = shape()
                shapely.prepare(s)
                n = int(number())
                xs, ys = values[at:at + n], values[at + n:at + 2 * n]
                sys.stdout.buffer.write(bytes(shapely.contains_xy(s, xs, ys).astype('u1')))
                """
        var input = encode(parts)
        input.append(Double(points.count))
        input += points.map(\.longitude)
        input += points.map(\.latitude)
        return run(["-c", script], input: data(input)).map { $0.map { $0 == 1 } }
    }

    static func isValid(_ shapes: [[[[Coordinate]]]]) -> [Bool]? {
        let script =
            prelude + """
                sys.stdout.buffer.write(bytes(1 if shapely.is_valid(shape()) else 0 for _ in range(int(number()))))
                """
        return run(["-c", script], input: data([Double(shapes.count)] + shapes.flatMap(encode))).map {
            $0.map { $0 == 1 }
        }
    }

    private static func encode(_ parts: [[[Coordinate]]]) -> [Double] {
        var values = [Double(parts.count)]
        for part in parts {
            values.append(Double(part.count))
            for ring in part {
                values.append(Double(ring.count))
                for c in ring { values += [c.longitude, c.latitude] }
            }
        }
        return values
    }

    private static func data(_ values: [Double]) -> Data {
        values.withUnsafeBytes { Data($0) }
    }
}
