import Foundation
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What whoever shows a fleet asks the engine for, beside its effects.
@Suite struct `For showing` {
    private func batch(_ messages: [(topic: String, payload: String)], at time_ms: Int64) -> MessageBatch {
        var batch = MessageBatch()
        for (index, message) in messages.enumerated() {
            batch.append(
                receivedTime_ms: time_ms + Int64(index), topic: Array(message.topic.utf8),
                payload: Array(message.payload.utf8))
        }
        return batch
    }

    private let start_ms: Int64 = 1_795_000_000_000

    @Test func `all states are those that were published last`() throws {
        var processor = Processor(topicRoot: "fleets", shardCount: 3, resolveTimeZone: { _ in nil })
        var published: [String: String] = [:]
        for round in 0..<20 {
            let time_ms = start_ms + Int64(round) * 10_000
            let reports = (0..<30).map { number in
                (
                    topic: "fleets/\(number % 2 == 0 ? "a" : "b")/vehicles/T-\(number)/telemetry",
                    payload: #"{"time":\#(time_ms),"lat":25.\#(number + 10),"lon":121.5,"speed_kmh":\#(round)}"#
                )
            }
            var work = batch(reports, at: time_ms)
            work.append(kind: .tick, receivedTime_ms: time_ms + 9_000)
            processor.apply(work).visit { effect, bytes in
                guard effect.kind == .state else { return }
                published[String(decoding: bytes[effect.topic], as: UTF8.self)] = String(
                    decoding: bytes[effect.payload], as: UTF8.self)
            }
        }
        var told: [String: String] = [:]
        for shard in processor.shards {
            shard.visitStates(vehicles_max: 1000) { topic, payload in
                told[String(decoding: topic, as: UTF8.self)] = String(decoding: payload, as: UTF8.self)
            }
        }
        #expect(told.count == 30 && told == published)
        var few = 0
        for shard in processor.shards { shard.visitStates(vehicles_max: 1) { _, _ in few += 1 } }
        #expect(few <= 6 && few > 0)
    }

    @Test func `geofences are told with their ids, those of dispatch before those of files`() throws {
        var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: { _ in nil })
        func feature(_ name: String) -> String {
            #"{"type":"Feature","secret":1,"properties":{"name":"\#(name)","radius_m":50},"geometry":{"type":"Point","coordinates":[121.5,25]}}"#
        }
        var work = MessageBatch()
        for id in ["one", "two", "three"] {
            work.append(
                kind: .fileGeofence, receivedTime_ms: start_ms, topic: Router.fileGeofenceTopic(fleet: "+", id: id),
                payload: Array(feature("file \(id)").utf8))
        }
        _ = processor.apply(work)
        let before = processor.router.geofencesVersion
        _ = processor.apply(
            batch(
                [
                    ("fleets/a/dispatch/geofences/two", feature("dispatch")), ("fleets/a/dispatch/geofences/one", ""),
                    ("fleets/a/dispatch/geofences/four \"4\"", feature("four")),
                ], at: start_ms))
        #expect(processor.router.geofencesVersion != before)
        let catalogue = try #require(processor.router.geofenceCatalogues.first)
        #expect(catalogue.fleet == "a")
        let text = catalogue.featureCollection(bytes_max: 1_000_000)
        let collection = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        let features = try #require(collection["features"] as? [[String: Any]])
        #expect(features.map { $0["id"] as? String } == ["four \"4\"", "three", "two"])
        let names = features.map { ($0["properties"] as? [String: Any])?["name"] as? String }
        #expect(names == ["four", "file three", "dispatch"])
        #expect(!String(decoding: text, as: UTF8.self).contains("secret"))
        let unchanged = processor.router.geofencesVersion
        _ = processor.apply(batch([("fleets/a/vehicles/T/status", "online")], at: start_ms + 10))
        #expect(processor.router.geofencesVersion == unchanged)
        let short = catalogue.featureCollection(bytes_max: 200)
        #expect((try JSONSerialization.jsonObject(with: Data(short)) as? [String: Any])?["features"] != nil)
    }
}
