import TestSupport
import Testing

@testable import Window

@Suite struct `Streams` {
    /// What a viewer has in hand after some pieces of a stream.
    private struct Viewer {
        var vehicles: [String: String] = [:]
        var events: [String] = []
        var lastID: String?
        var begins = 0
        var resumed = 0

        mutating func read(_ bytes: [UInt8]) {
            for block in String(decoding: bytes, as: UTF8.self).split(separator: "\n\n") {
                var name = ""
                var data = ""
                for line in block.split(separator: "\n") {
                    if line.hasPrefix("event: ") { name = String(line.dropFirst(7)) }
                    if line.hasPrefix("data: ") { data = String(line.dropFirst(6)) }
                    if line.hasPrefix("id: ") { lastID = String(line.dropFirst(4)) }
                }
                take(name, data)
            }
        }

        private mutating func take(_ name: String, _ data: String) {
            switch name {
            case "begin":
                begins += 1
                if data.contains("true") { resumed += 1 }
            case "vehicles":
                for part in data.split(separator: "{").dropFirst() {
                    let id = part.split(separator: "\"").dropFirst(2).first.map(String.init) ?? ""
                    vehicles[id] = String(part.split(separator: "}").first ?? "")
                }
            case "event": events.append(data)
            default: break
            }
        }
    }

    private func feed(_ stage: SiteStage, from id: String? = nil) throws -> any ResponseStream {
        let target = "/stream?fleet=a" + (id.map { "&last_event_id=\($0)" } ?? "")
        guard case .stream(let stream) = stage.get(target).body else { throw WindowError("no stream") }
        return stream
    }

    private func piece(_ stream: any ResponseStream, room: Int = 100_000, now_ms: Int64 = 1) -> [UInt8] {
        var out: [UInt8] = []
        #expect(stream.fill(&out, room: room, now_ms: now_ms))
        return out
    }

    @Test func `a viewer is told everything, then what changes, each vehicle once`() throws {
        let stage = try SiteStage()
        for number in 0..<3 { stage.state("v\(number)") }
        stage.event(#"{"id":"1"}"#)
        let stream = try feed(stage)
        var viewer = Viewer()
        viewer.read(piece(stream))
        #expect(viewer.vehicles.count == 3 && viewer.events.count == 1 && viewer.begins == 1 && viewer.resumed == 0)
        #expect(piece(stream).isEmpty)
        for speed_kmh in 0..<50 { stage.state("v1", speed_kmh: Double(speed_kmh)) }
        stage.site.tick()
        let change = String(decoding: piece(stream), as: UTF8.self)
        #expect(change.split(separator: "\"id\":").count == 2 && change.contains("\"speed_kmh\":49"))
        #expect(piece(stream).isEmpty)
    }

    @Test func `silence is broken now and then`() throws {
        let stage = try SiteStage()
        stage.state("v")
        let stream = try feed(stage)
        _ = piece(stream, now_ms: 1_000)
        #expect(piece(stream, now_ms: 15_999).isEmpty)
        #expect(piece(stream, now_ms: 16_000) == Array(": still here\n\n".utf8))
        #expect(piece(stream, now_ms: 16_500).isEmpty)
    }

    @Test(arguments: 0..<40)
    func `however it is interrupted, a viewer knows in the end what there is`(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let stage = try SiteStage()
        stage.state("v0")
        stage.site.tick()
        var stream = try feed(stage)
        var viewer = Viewer()
        var expected: [String: Double] = ["v0": 30]
        var events = 0
        for step in 0..<60 {
            for _ in 0..<(random.next() % 6) {
                let id = "v\(random.next() % 12)"
                expected[id] = Double(step)
                stage.state(id, speed_kmh: Double(step))
            }
            if random.next() % 3 == 0 {
                events += 1
                stage.event(#"{"id":"\#(events)"}"#)
            }
            stage.site.tick()
            // Sometimes with room for one vehicle only, sometimes not asked at all.
            if random.next() % 4 != 0 { viewer.read(piece(stream, room: random.next() % 2 == 0 ? 1 : 100_000)) }
            if random.next() % 10 == 0 { stream = try feed(stage, from: viewer.lastID) }
        }
        for _ in 0..<200 { viewer.read(piece(stream)) }
        #expect(Set(viewer.vehicles.keys) == Set(expected.keys), "seed \(seed)")
        for (id, speed_kmh) in expected {
            #expect(viewer.vehicles[id]?.contains("\"speed_kmh\":\(Int(speed_kmh))") == true, "seed \(seed), \(id)")
        }
        #expect(Set(viewer.events).count == events, "seed \(seed)")
        #expect(viewer.events.count == events, "seed \(seed): no event is told twice")
    }

    @Test(arguments: [
        "78-1-0-0-0-0", "77-9-0-0-0-0", "77-1-0-9-0-0", "77-1-0-0-0-9", "77-1-0", "x", "77-1-0-0-0", "77--1-0-0-0-0",
        "",
    ])
    func `an id of another process, or one that was never given, begins anew`(id: String) throws {
        let stage = try SiteStage()
        stage.state("v")
        var viewer = Viewer()
        viewer.read(piece(try feed(stage, from: id)))
        #expect(viewer.resumed == 0 && viewer.vehicles.count == 1)
    }

    @Test func `a viewer is told when to load geofences and routes again`() throws {
        let stage = try SiteStage()
        stage.state("v")
        let stream = try feed(stage)
        _ = piece(stream)
        stage.inbox.putRoutes(fleet: "a", featureCollection: Array("{}".utf8))
        stage.site.tick()
        let text = String(decoding: piece(stream), as: UTF8.self)
        #expect(text.hasPrefix("event: routes\ndata: {\"version\":1}\n\n") && text.contains("id: 77-1-0-0-0-1\n"))
        #expect(piece(stream).isEmpty)
        stage.inbox.putGeofences(fleet: "a", featureCollection: Array("{}".utf8))
        stage.site.tick()
        #expect(String(decoding: piece(stream), as: UTF8.self).hasPrefix("event: geofences\ndata: {\"version\":1}\n\n"))
    }

    @Test func `viewers at the same place are told the same`() throws {
        let stage = try SiteStage()
        for number in 0..<100 { stage.state("v\(number)") }
        let streams = try (0..<3).map { _ in try feed(stage) }
        let first = streams.map { piece($0, room: 500) }
        #expect(Set(first).count == 1)
        stage.state("v0", speed_kmh: 99)
        stage.site.tick()
        let second = streams.map { piece($0) }
        #expect(Set(second).count == 1)
        #expect(String(decoding: second[0], as: UTF8.self).contains("\"speed_kmh\":99"))
    }
}
