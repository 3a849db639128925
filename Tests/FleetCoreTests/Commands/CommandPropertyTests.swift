import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What holds whatever happens: random commands, answers, fixes and pauses.
@Suite struct `Random lives of commands` {
    @Test(arguments: seeds(60)) func `nothing is immobilised that moves, or of which nobody knows`(_ seed: UInt64)
        throws
    {
        var play = CommandPlay(seed: seed)
        for _ in 0..<400 {
            let sent = play.stage.messages.count
            try play.step()
            play.check(from: sent, seed: seed)
            #expect(play.stage.desk.open.count <= 7, "seed \(seed)")
            play.stage.desk.checkInvariants("seed \(seed)")
        }
    }

    @Test func `the plays do immobilise`() throws {
        var count = 0
        for seed in UInt64(1)...20 {
            var play = CommandPlay(seed: seed)
            for _ in 0..<400 { try play.step() }
            count += play.stage.messages.count { String(decoding: $0.payload, as: UTF8.self).contains("immobilise") }
        }
        #expect(count >= 20, "\(count) in 20 plays: the property above says nothing")
    }

    @Test(arguments: seeds(40)) func `every command ends once, and in the end`(_ seed: UInt64) throws {
        var play = CommandPlay(seed: seed)
        for _ in 0..<300 { try play.step() }
        play.stage.tick(after: 604_800)
        #expect(play.stage.desk.open.isEmpty, "seed \(seed)")
        let ends: Set<EventType> = [.commandDone, .commandRefused, .commandFailed, .commandExpired]
        var sent: [Hash128: Int] = [:]
        for event in play.stage.events {
            let id = event.identity(fleet: [])
            sent[id, default: 0] += 1
        }
        // An id that is reused is refused each time it is tried, and once only for a consumer.
        for event in play.stage.events where sent[event.identity(fleet: []), default: 0] > 1 {
            #expect(CommandStage.data(event)["reason"]?.string == "id_reused", "seed \(seed): \(event)")
        }
        // By content, for an id that is free again may be used for something else.
        var open: [[UInt8]: Int] = [:]
        for event in play.stage.events where CommandStage.data(event)["reason"]?.string != "id_reused" {
            let key = event.subject.id.bytes + event.cause.drop { $0 != UInt8(ascii: "/") }
            let state = open[key] ?? 0
            #expect(state == 0, "seed \(seed): \(event.type) after the end")
            open[key] = ends.contains(event.type) ? 1 : 0
        }
        #expect(open.values.allSatisfy { $0 == 1 }, "seed \(seed): a command has no end")
    }

    @Test(arguments: seeds(40)) func `a snapshot in the middle changes nothing`(_ seed: UInt64) throws {
        var straight = CommandPlay(seed: seed)
        var restored = CommandPlay(seed: seed)
        var snapshots = SplitMix64(seed: seed ^ 0xA5)
        for _ in 0..<300 {
            try straight.step()
            try restored.step()
            guard snapshots.chance(10) else { continue }
            var writer = ByteWriter()
            restored.stage.desk.write(to: &writer)
            var reader = ByteReader(writer.bytes)
            let read = try CommandDesk(from: &reader)
            #expect(reader.isAtEnd && read == restored.stage.desk, "seed \(seed)")
            restored.stage.desk = read
        }
        #expect(straight.stage.events == restored.stage.events, "seed \(seed)")
        #expect(straight.stage.messages.map(\.payload) == restored.stage.messages.map(\.payload), "seed \(seed)")
    }

    @Test(arguments: seeds(40)) func `a broken snapshot is an error or a desk that keeps its invariants`(
        _ seed: UInt64
    ) throws {
        var play = CommandPlay(seed: seed)
        for _ in 0..<120 { try play.step() }
        var writer = ByteWriter()
        play.stage.desk.write(to: &writer)
        for _ in 0..<40 {
            var bytes = writer.bytes
            if play.random.chance(30) {
                bytes.removeLast(play.random.int(1...bytes.count))
            } else {
                bytes[play.random.int(0...(bytes.count - 1))] = UInt8(play.random.int(0...255))
            }
            var reader = ByteReader(bytes)
            guard var desk = try? CommandDesk(from: &reader) else { continue }
            desk.checkInvariants("seed \(seed)")
            var stage = play.stage
            stage.take(desk.tick(now_ms: stage.now_ms, rules: stage.rules))
            stage.take(desk.tick(now_ms: stage.now_ms + 40_000, rules: stage.rules))
            desk.checkInvariants("seed \(seed)")
        }
    }
}

extension CommandDesk {
    /// That the lists say the same.
    func checkInvariants(_ comment: Comment) {
        for (id, command) in open {
            #expect(command.id == id && command.serial < nextSerial, comment)
            #expect(ofVehicle[command.request.vehicle]?.count(where: { $0 == id }) == 1, comment)
            #expect(closedByID[id] == nil, comment)
            #expect((command.phase == .sent) == (command.deadline_ms != .max), comment)
            #expect(command.phase == .held ? command.request.command == .immobilise : command.attempt > 0, comment)
        }
        #expect(ofVehicle.values.reduce(0) { $0 + $1.count } == open.count, comment)
        #expect(ofVehicle.values.allSatisfy { !$0.isEmpty }, comment)
        #expect(closed.count == closedByID.count && closed.count <= Self.closedMax, comment)
        #expect(closed.allSatisfy { closedByID[$0.id] == $0 }, comment)
        for sighting in sightings.values {
            #expect((sighting.standingFrom?.time_ms ?? Int64.min) <= sighting.newest.time_ms, comment)
        }
    }
}
