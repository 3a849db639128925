import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What holds whatever happens: random commands, answers, fixes and pauses.
@Suite struct `Random lives of commands` {
    /// What a careful observer knows of one vehicle, reckoned apart from the desk.
    private struct Witness {
        var fixes: [(time_ms: Int64, received_ms: Int64, speed_kmh: Float, motorway: Bool?)] = []

        /// Why immobilising now would be wrong; nil where it may be right.
        func objection(_ now_ms: Int64) -> String? {
            guard let newest = fixes.max(by: { $0.time_ms < $1.time_ms }) else { return "no fix" }
            if now_ms - newest.time_ms > 10_000 || now_ms - newest.received_ms > 10_000 { return "stale" }
            if newest.motorway == true { return "motorway" }
            for fix in fixes where fix.time_ms > newest.time_ms - 10_000 && fix.speed_kmh >= 2 { return "moved" }
            if !fixes.contains(where: { $0.time_ms <= newest.time_ms - 10_000 }) { return "too short" }
            return nil
        }
    }

    private struct Play {
        var stage = CommandStage()
        var random: SplitMix64
        var witnesses: [String: Witness] = [:]
        var number = 0

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            stage.rules.openOfVehicle = 4
            stage.rules.openOfFleet = 7
        }

        mutating func step() throws {
            let vehicle = "V-\(random.int(1...2))"
            switch random.int(0...9) {
            case 0...1:
                number += 1
                let command = random.pick(["immobilise", "immobilise", "release", "lock", "unlock", "position"])
                let who = random.chance(90) ? "chief" : "thief"
                try stage.ask(
                    "c\(random.chance(80) ? number : random.int(1...number))",
                    #"{"vehicle":"\#(vehicle)","command":"\#(command)","reason":"r","requested_by":"\#(who)","#
                        + #""expires_s":\#(random.int(1...200)),"timeout_s":\#(random.int(1...40)),"retries":\#(random.int(0...3))}"#
                )
            case 2:
                let status = random.pick(["accepted", "done", "refused", "failed"])
                try stage.answer("c\(random.int(1...max(1, number)))", #"{"status":"\#(status)"}"#, vehicle: vehicle)
            case 3: if random.chance(30) { try stage.ask("c\(random.int(1...max(1, number)))", "") }
            case 4...7:
                let speed_kmh: Float = random.pick([0, 0, 0, 0, 0, 0, 1, 2, 30])
                let age_s = random.chance(80) ? 0 : Double(random.int(-5...20))
                let motorway = random.pick([false, false, false, false, true, nil])
                witnesses[vehicle, default: Witness()].fixes.append(
                    (stage.now_ms - Int64(age_s * 1000), stage.now_ms, speed_kmh, motorway))
                stage.fix(speed_kmh, age_s: age_s, motorway: motorway, vehicle: vehicle)
            default: stage.wait(Double(random.int(0...6000)) / 1000)
            }
            if random.chance(50) { stage.tick() }
        }

        /// Of the messages from `first` on, those that immobilise must have been safe to send.
        func check(from first: Int, seed: UInt64) {
            for message in stage.messages[first...] {
                let text = String(decoding: message.payload, as: UTF8.self)
                guard text.contains("\"immobilise\"") else { continue }
                let objection = (witnesses[message.vehicle.text] ?? Witness()).objection(stage.now_ms)
                #expect(objection == nil, "seed \(seed): \(text)")
            }
        }
    }

    @Test(arguments: seeds(60)) func `nothing is immobilised that moves, or of which nobody knows`(_ seed: UInt64)
        throws
    {
        var play = Play(seed: seed)
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
            var play = Play(seed: seed)
            for _ in 0..<400 { try play.step() }
            count += play.stage.messages.count { String(decoding: $0.payload, as: UTF8.self).contains("immobilise") }
        }
        #expect(count >= 20, "\(count) in 20 plays: the property above says nothing")
    }

    @Test(arguments: seeds(40)) func `every command ends once, and in the end`(_ seed: UInt64) throws {
        var play = Play(seed: seed)
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
        var straight = Play(seed: seed)
        var restored = Play(seed: seed)
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
        var play = Play(seed: seed)
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
