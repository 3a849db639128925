import Foundation
import Testing

@testable import FleetService

@Suite struct `The shipped configuration` {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../Config/fleetstream.json5").standardizedFileURL.path

    private let content: [UInt8]

    init() throws {
        content = Array(try Data(contentsOf: URL(fileURLWithPath: Self.path)))
    }

    @Test func `holds every key with its default, in the table's order, and nothing else`() throws {
        let document = try #require(JSON5Value(json5: content))
        var found: [String: JSON5Value] = [:]
        func collect(_ value: JSON5Value, _ path: [String]) {
            if case .object(let members) = value {
                for (name, member) in members { collect(member, path + [name]) }
            } else {
                found[path.joined(separator: ".")] = value
            }
        }
        collect(document, [])
        for setting in Setting.all { #expect(found[setting.key] == setting.value(in: .default), "\(setting.key)") }
        #expect(found.count == Setting.all.count)

        let places = JSON5Places(scanning: content)
        let order = Setting.all.map { places.key($0.key.split(separator: ".").map(String.init)) }
        #expect(order == order.sorted())
    }

    @Test func `has a comment before every key, or before those right above it`() throws {
        let lines = String(decoding: content, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        let places = JSON5Places(scanning: content)
        for setting in Setting.all {
            var line = places.key(setting.key.split(separator: ".").map(String.init)).line - 2
            // Neighbours may share a comment: snapshot_interval_s and snapshot_every_messages, certificate and key.
            while lines[line].contains(": ") && !lines[line].contains("//") { line -= 1 }
            #expect(lines[line].contains("//"), "\(setting.key)")
        }
    }

    @Test func `loads without an error, and is the defaults`() throws {
        let root = URL(fileURLWithPath: Self.path).deletingLastPathComponent().deletingLastPathComponent().path
        let (shipped, origins) = try Configuration.loadWithOrigins(
            path: Self.path, environment: [:], workingDirectory: root)
        var expected = Configuration.default
        expected.store.path = root + "/fleetstream.sqlite"
        expected.fleets[0].geofences = root + "/Geofences"
        expected.rulesFile = root + "/Config/rules.json5"
        expected.smsFolder = root + "/Config/sms"
        expected.smsBridge.store = root + "/sms-bridge.sqlite"
        #expect(shipped == expected)
        for setting in Setting.all { #expect(origins[setting.key] != .builtIn) }
    }
}
