import FleetCore
import Foundation
import Testing
import Wire

@testable import FleetService

@Suite final class GeofenceFilesTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("geofences-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }

    private func load(_ key: String = "+") -> GeofenceFiles {
        GeofenceFiles.load([Configuration.Fleet(id: key, geofences: folder.path)], defaultTimeZone: "Asia/Taipei")
    }

    private func circle(_ id: String, radius_m: Double = 50) -> String {
        #"{"type":"Feature","properties":{"id":"\#(id)","radius_m":\#(radius_m)},"geometry":{"type":"Point","coordinates":[121.5,25]}}"#
    }

    private func collection(_ features: String...) -> String {
        "{\"type\":\"FeatureCollection\",\"features\":[\n  " + features.joined(separator: ",\n  ") + "\n]}"
    }

    /// The ids in the frames that lead from one state to another, deletions with a minus.
    private func changes(_ files: GeofenceFiles, from known: [String: [String: [UInt8]]]) -> [String] {
        var batch = MessageBatch()
        files.appendChanges(from: known, to: &batch, receivedTime_ms: 7)
        return (0..<batch.count).map { index in
            let header = batch.header(at: index)
            #expect(header.kind == .fileGeofence && header.receivedTime_ms == 7)
            return (header.payload.isEmpty ? "-" : "") + String(decoding: batch.bytes[header.topic], as: UTF8.self)
        }
    }

    @Test func `files of a folder in order of their names, and nothing else in it`() throws {
        try write("b.geojson", collection(circle("b1"), circle("b2")))
        try write("a.geojson", circle("a1"))
        try write(".hidden.geojson", "{")
        try write("notes.md", "{")
        let files = load()
        #expect(files.problems.isEmpty)
        #expect(files.count == 3)
        #expect(files.features["+"]?["b2"] == Array(circle("b2").utf8))
        #expect(changes(files, from: [:]) == ["+/a1", "+/b1", "+/b2"])
    }

    @Test func `of one id in two files the first is kept, and the other told with its place`() throws {
        try write("a.geojson", collection(circle("x"), circle("same", radius_m: 1)))
        try write("b.geojson", collection(circle("y"), circle("same", radius_m: 2)))
        let files = load()
        #expect(files.features["+"]?["same"] == Array(circle("same", radius_m: 1).utf8))
        let problem = try #require(files.problems.first)
        #expect(files.problems.count == 1 && problem.code == "duplicate_id" && problem.geofence == "same")
        #expect(problem.file.hasSuffix("/b.geojson") && problem.line == 3 && problem.column == 3)
        #expect(
            problem.description.contains("b.geojson:3:3: geofence 'same': ") && problem.message.contains("a.geojson"))
    }

    @Test func `what is wrong is told with line and column, and the rest is used`() throws {
        let wrong =
            #"{"type":"Feature","properties":{"id":"wrong","radius_m":-1},"geometry":{"type":"Point","coordinates":[1,1]}}"#
        try write("a.geojson", collection(circle("good"), wrong))
        let files = load()
        #expect(files.count == 1)
        let problem = try #require(files.problems.first)
        #expect(problem.line == 3 && (problem.column ?? 0) > 1 && problem.geofence == "wrong" && !problem.isWarning)
        #expect(GeofenceFiles.place(of: 0, in: []) == (1, 1))
        #expect(GeofenceFiles.place(of: 3, in: Array("a\nbc".utf8)) == (2, 2))
        #expect(GeofenceFiles.place(of: 99, in: Array("a\nbc".utf8)).line == 2)
    }

    @Test func `no folder, an empty setting, a folder that holds a folder`() throws {
        let missing = GeofenceFiles.load(
            [Configuration.Fleet(id: "+", geofences: folder.path + "/none")], defaultTimeZone: "UTC")
        #expect(missing.problems.map(\.code) == ["missing_file"])
        let empty = GeofenceFiles.load([Configuration.Fleet(id: "+", geofences: "")], defaultTimeZone: "UTC")
        #expect(empty.problems.isEmpty && empty.count == 0)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("odd.geojson"), withIntermediateDirectories: true)
        #expect(load().problems.map(\.code) == ["unreadable"])
        #expect(load().count == 0)
    }

    @Test func `a reload tells what changed and nothing else`() throws {
        try write("a.geojson", collection(circle("same"), circle("changed"), circle("gone")))
        let known = load().features
        #expect(changes(load(), from: known) == [])
        try write("a.geojson", collection(circle("same"), circle("changed", radius_m: 60), circle("new")))
        #expect(changes(load(), from: known) == ["+/changed", "-+/gone", "+/new"])
    }

    @Test func `what cannot be read or is refused takes nothing away`() throws {
        try write("a.geojson", collection(circle("kept"), circle("other")))
        try write("b.geojson", circle("b"))
        let known = load().features
        // A file that is being written.
        try write("a.geojson", String(collection(circle("kept"), circle("other")).dropLast(10)))
        #expect(changes(load(), from: known) == [])
        // A fence that became invalid, beside one that is gone.
        try write("a.geojson", collection(circle("kept", radius_m: -5)))
        #expect(changes(load(), from: known) == ["-+/other"])
        // The folder is away, as a share may be.
        try FileManager.default.removeItem(at: folder)
        #expect(changes(load(), from: known) == [])
    }

    @Test func `fleets are told apart by their keys`() throws {
        try write("a.geojson", circle("a"))
        let files = GeofenceFiles.load(
            [Configuration.Fleet(id: "north", geofences: folder.path), Configuration.Fleet(id: "+", geofences: "")],
            defaultTimeZone: "UTC")
        #expect(files.features == ["north": ["a": Array(circle("a").utf8)], "+": [:]])
        #expect(changes(files, from: [:]) == ["north/a"])
    }
}
