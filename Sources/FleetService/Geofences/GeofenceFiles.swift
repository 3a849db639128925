import FleetCore
import Foundation
import Geo
package import Wire

/// Something about a geofence file that its owner should know.
package struct GeofenceFileProblem: Sendable, Equatable, CustomStringConvertible {
    package var file: String
    /// Where it stands, from 1; nil where the file could not be read at all.
    package var line: Int?
    package var column: Int?
    /// The fence's id, where it is known.
    package var geofence: String?
    /// A word for programs.
    package var code: String
    package var message: String
    /// The fence is used all the same.
    package var isWarning: Bool

    package var description: String {
        let place = line.map { ":\($0):\(column ?? 1)" } ?? ""
        let id = geofence.map { "geofence '\($0)': " } ?? ""
        return "\(file)\(place): \(isWarning ? "warning: " : "")\(id)\(message)"
    }
}

/// The geofences of a configuration's files: what could be read, and what is wrong with the rest.
package struct GeofenceFiles: Sendable {
    /// The text of each valid fence, by the fleet's key and the fence's id.
    package private(set) var features: [String: [String: [UInt8]]] = [:]
    package private(set) var problems: [GeofenceFileProblem] = []
    /// Keys of which not everything could be read: what is known of them and not found any more stays as it is.
    private var unreadable: Set<String> = []
    /// Ids of fences that were refused: what is known of them stays as it is, so that a slip of the pen in a file does
    /// not end visits.
    private var refused: [String: Set<String>] = [:]
    private var reader = GeofenceReader(timeZones: TimeZones.rules(named:))

    /// A file of geofences is at most so large.
    private static let fileMax_bytes = 512 << 20

    /// The valid fences over all fleets.
    package var count: Int { features.values.reduce(0) { $0 + $1.count } }

    /// Reads the files of all fleets. What is wrong with one fence does not concern the others.
    package static func load(_ fleets: [Configuration.Fleet], defaultTimeZone: String) -> GeofenceFiles {
        var files = GeofenceFiles()
        files.reader = GeofenceReader(defaultTimeZone: defaultTimeZone, timeZones: TimeZones.rules(named:))
        for fleet in fleets { files.read(fleet.geofences, key: fleet.id) }
        return files
    }

    private mutating func read(_ path: String, key: String) {
        features[key] = [:]
        if path.isEmpty { return }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            unreadable.insert(key)
            problems.append(
                problem(
                    path, "missing_file", "there is no such file or folder; see fleets.geofences in the configuration"))
            return
        }
        var paths = [path]
        if isFolder.boolValue {
            do {
                paths = try FileManager.default.contentsOfDirectory(atPath: path)
                    .filter { $0.hasSuffix(".geojson") && !$0.hasPrefix(".") }.sorted().map { "\(path)/\($0)" }
            } catch {
                unreadable.insert(key)
                return problems.append(problem(path, "unreadable", "the folder cannot be read: \(error)"))
            }
        }
        var owners: [String: String] = [:]
        for path in paths { readFile(path, key: key, owners: &owners) }
    }

    private func problem(_ file: String, _ code: String, _ message: String) -> GeofenceFileProblem {
        GeofenceFileProblem(file: file, geofence: nil, code: code, message: message, isWarning: false)
    }

    private mutating func readFile(_ path: String, key: String, owners: inout [String: String]) {
        let size_bytes = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? NSNumber
        guard size_bytes?.intValue ?? 0 <= Self.fileMax_bytes else {
            unreadable.insert(key)
            return problems.append(problem(path, "file_too_large", "the file has more than 512 MiB"))
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            unreadable.insert(key)
            return problems.append(problem(path, "unreadable", "the file cannot be read"))
        }
        let bytes = Array(data)
        let read = reader.read(bytes.span)
        for found in read.problems {
            problems.append(GeofenceFileProblem(found, file: path, text: bytes))
            if found.isWarning { continue }
            if let id = found.featureID { refused[key, default: []].insert(id) } else { unreadable.insert(key) }
        }
        for (fence, range) in zip(read.fences, read.ranges) {
            let id = fence.id
            if let owner = owners[id] {
                var repeated = problem(path, "duplicate_id", "the id is used in \(owner) already")
                (repeated.line, repeated.column) = Self.place(of: range.lowerBound, in: bytes)
                repeated.geofence = id
                problems.append(repeated)
                continue
            }
            owners[id] = path
            features[key, default: [:]][id] = Array(bytes[range])
        }
    }

    /// Line and column, from 1, of a byte offset; columns count bytes.
    static func place(of offset: Int, in bytes: [UInt8]) -> (line: Int, column: Int) {
        var line = 1
        var start = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == 10 {
            line += 1
            start = index + 1
        }
        return (line, offset - start + 1)
    }

    /// Appends the frames that turn what the engine knows of the files into what they say now. A fleet whose files could
    /// not all be read (also: a text that is no GeoJSON, as when it is just being written) keeps the fences that it has, and
    /// so does one whose fence is no longer valid: a mistake in a file must not end the visits of a fleet.
    package func appendChanges(
        from known: [String: [String: [UInt8]]], to batch: inout MessageBatch, receivedTime_ms: Int64
    ) {
        for key in Set(known.keys).union(features.keys).sorted() {
            let old = known[key] ?? [:]
            let new = features[key] ?? [:]
            let isComplete = !unreadable.contains(key)
            if key != Configuration.Fleet.anyID, known[key] == nil, new.isEmpty {
                batch.append(
                    kind: .fileGeofence, receivedTime_ms: receivedTime_ms,
                    topic: Router.fileGeofenceTopic(fleet: key, id: ""))
            }
            for id in Set(old.keys).union(new.keys).sorted() where old[id] != new[id] {
                let isGone = isComplete && refused[key]?.contains(id) != true
                guard new[id] != nil || isGone else { continue }
                batch.append(
                    kind: .fileGeofence, receivedTime_ms: receivedTime_ms,
                    topic: Router.fileGeofenceTopic(fleet: key, id: id), payload: new[id] ?? [])
            }
        }
    }
}

extension GeofenceFileProblem {
    init(_ problem: GeofenceProblem, file: String, text: [UInt8]) {
        let place = GeofenceFiles.place(of: problem.offset, in: text)
        self.init(
            file: file, line: place.line, column: place.column, geofence: problem.featureID,
            code: problem.code.rawValue, message: problem.reason, isWarning: problem.isWarning)
    }
}
