import Testing
import Wire

@testable import FleetCore

/// A command from its request to its end.
@Suite struct `The life of a command` {
    @Test func `it is asked, sent, acknowledged and done`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"interval","parameters":{"seconds":5},"requested_by":"ann"}"#)
        #expect(stage.taken() == ["sent 1"])
        stage.wait(1)
        try stage.answer("c", #"{"status":"accepted"}"#)
        stage.wait(1)
        try stage.answer("c", #"{"status":"done","time":1800000001500}"#)
        #expect(stage.taken() == ["acknowledged 1", "done 1"])
        #expect(stage.events.map(\.time_ms) == [1_800_000_000_000, 1_800_000_001_000, 1_800_000_001_500])
        #expect(stage.desk.open.isEmpty && stage.desk.ofVehicle.isEmpty)
        let message = try #require(stage.messages.first)
        #expect(stage.messages.count == 1)
        #expect(message.vehicle.text == "V-1" && message.id.text == "c")
        #expect(
            String(decoding: message.payload, as: UTF8.self)
                == #"{"id":"c","command":"interval","parameters":{"seconds":5},"issued":"2027-01-15T08:00:00.000Z","#
                + #""expires":"2027-01-15T08:05:00.000Z","attempt":1}"#)
        let data = CommandStage.data(stage.events[0])
        #expect(data["name"]?.string == "interval" && data["requested_by"]?.string == "ann")
        #expect(data["parameters"]?["seconds"]?.number == 5 && data["command"]?.string == "c")
        #expect(stage.events.allSatisfy { $0.subject == .command(DispatchID("c")) && $0.vehicle?.text == "V-1" })
    }

    /// What leads where: the steps that tell of it, and what they tell.
    @Test(arguments: [
        (["accepted"], ["acknowledged 1"]), (["done"], ["done 1"]), (["refused"], ["refused 1 by_vehicle"]),
        (["failed"], ["failed 1 by_vehicle"]),
        (["accepted", "accepted"], ["acknowledged 1"]),
        (["accepted", "done"], ["acknowledged 1", "done 1"]),
        (["accepted", "refused"], ["acknowledged 1", "refused 1 by_vehicle"]),
        (["accepted", "failed"], ["acknowledged 1", "failed 1 by_vehicle"]),
        (["accepted", "cancel"], ["acknowledged 1", "failed 1 cancelled"]),
        (["accepted", "wait 30"], ["acknowledged 1"]),
        (["accepted", "wait 300"], ["acknowledged 1", "expired 1 not_done"]),
        (["cancel"], ["failed 1 cancelled"]),
        (["cancel", "cancel"], ["failed 1 cancelled"]),
        (["wait 29.999"], []),
        (["wait 30"], ["sent 2"]),
        (["wait 30", "wait 29.999"], ["sent 2"]),
        (["wait 30", "wait 30"], ["sent 2", "sent 3"]),
        (["wait 30", "wait 30", "wait 30"], ["sent 2", "sent 3", "failed 3 no_answer"]),
        (["wait 30", "accepted"], ["sent 2", "acknowledged 2"]),
        (["wait 299.999"], ["sent 2"]),
        (["wait 300"], ["expired 1 no_answer"]),
        (["wait 1000"], ["expired 1 no_answer"]),
        (["done", "wait 1000"], ["done 1"]),
        (["done", "ask"], ["done 1"]), (["ask", "ask"], []), (["accepted", "ask"], ["acknowledged 1"]),
        (["cancel", "ask"], ["failed 1 cancelled"]),
    ]) func `every step leads where it should`(_ happenings: [String], _ told: [String]) throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.position)
        _ = stage.taken()
        for happening in happenings {
            if happening.hasPrefix("wait ") {
                stage.tick(after: try #require(Double(happening.dropFirst(5))))
            } else if happening == "cancel" {
                try stage.ask("c", "")
            } else if happening == "ask" {
                try stage.ask("c", CommandStage.position)
            } else {
                try stage.answer("c", #"{"status":"\#(happening)"}"#)
            }
        }
        #expect(stage.taken() == told)
    }

    @Test func `time-out, retries and expiry of the request go before those of the rules`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock","timeout_s":2,"retries":1,"expires_s":600}"#)
        stage.tick(after: 2)
        stage.tick(after: 2)
        #expect(stage.taken() == ["sent 1", "sent 2", "failed 2 no_answer"])
        try stage.ask("d", #"{"vehicle":"V-1","command":"lock","timeout_s":2,"retries":0}"#)
        stage.tick(after: 2)
        #expect(stage.taken() == ["sent 1", "failed 1 no_answer"])
    }

    @Test func `expiry goes before a time-out of the same moment, and before an answer`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock","timeout_s":30,"retries":0,"expires_s":30}"#)
        stage.tick(after: 30)
        #expect(stage.taken() == ["sent 1", "expired 1 no_answer"])
        try stage.ask("d", #"{"vehicle":"V-1","command":"lock","expires_s":30}"#)
        stage.wait(30)
        #expect(try stage.answer("d", #"{"status":"done"}"#) == .commandNotOpen)
        #expect(stage.taken() == ["sent 1", "expired 1 no_answer"])
    }

    @Test func `what came too late is never sent`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock","expires":1800000000000}"#)
        #expect(stage.taken() == ["expired 0 too_late"] && stage.messages.isEmpty)
        try stage.ask("d", #"{"vehicle":"V-1","command":"lock","expires":1800000000001}"#)
        #expect(stage.taken() == ["sent 1"])
    }

    @Test func `nothing stays open for longer than a week`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock","expires":4000000000000}"#)
        try stage.answer("c", #"{"status":"accepted"}"#)
        stage.tick(after: 604_799.999)
        #expect(!stage.desk.open.isEmpty)
        stage.tick(after: 0.001)
        #expect(stage.taken() == ["sent 1", "acknowledged 1", "expired 1 not_done"])
    }

    // MARK: - Repetition

    @Test func `an id with another content is refused while it is open, and free afterwards`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock"}"#)
        try stage.ask("c", #"{"vehicle":"V-1","command":"unlock"}"#)
        #expect(stage.taken() == ["sent 1", "refused 0 id_reused"])
        try stage.ask("c", #"{ "command":"lock", "vehicle":"V-1", "more":0 }"#)
        #expect(stage.taken() == [])
        try stage.answer("c", #"{"status":"done"}"#)
        try stage.ask("c", #"{"vehicle":"V-1","command":"unlock"}"#)
        #expect(stage.taken() == ["done 1", "sent 1"])
        let ids = Set(stage.events.map { $0.identity(fleet: [1]) })
        #expect(ids.count == stage.events.count, "two happenings have one id")
    }

    @Test func `ids of events are those of command, step and attempt, not of times`() throws {
        var ids: [[Hash128]] = []
        for delay_s in [0.0, 7.25] {
            var stage = CommandStage()
            stage.wait(delay_s)
            try stage.ask("c", CommandStage.position)
            stage.tick(after: 30 + delay_s)
            try stage.answer("c", #"{"status":"accepted"}"#)
            stage.wait(delay_s)
            try stage.answer("c", #"{"status":"done"}"#)
            ids.append(stage.events.map { $0.identity(fleet: Array("acme".utf8)) })
        }
        #expect(ids[0] == ids[1] && Set(ids[0]).count == 4)
    }

    @Test func `repeated answers are silent, others that come too late are named`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.position)
        #expect(try stage.answer("c", #"{"status":"done"}"#, vehicle: "V-2") == .otherVehicle)
        #expect(try stage.answer("other", #"{"status":"done"}"#) == .commandNotOpen)
        #expect(try stage.answer("c", #"{"status":"done"}"#) == nil)
        #expect(try stage.answer("c", #"{"status":"done"}"#) == nil)
        #expect(try stage.answer("c", #"{"status":"accepted"}"#) == nil)
        #expect(try stage.answer("c", #"{"status":"failed"}"#) == .commandNotOpen)
        #expect(try stage.answer("c", #"{"status":"done"}"#, vehicle: "V-2") == .commandNotOpen)
        #expect(stage.taken() == ["sent 1", "done 1"])
    }

    @Test func `who cancelled and why is told`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.position)
        try stage.ask("c", #"{"status":"cancelled","reason":"found","requested_by":"bob"}"#)
        let data = CommandStage.data(try #require(stage.events.last))
        #expect(data["reason"]?.string == "cancelled" && data["detail"]?.string == "found")
        #expect(data["cancelled_by"]?.string == "bob")
    }

    // MARK: - Limits

    @Test func `a vehicle and a fleet have so many open commands and no more`() throws {
        var stage = CommandStage()
        stage.rules.openOfVehicle = 2
        stage.rules.openOfFleet = 3
        for number in 1...3 { try stage.ask("c\(number)", CommandStage.position) }
        #expect(stage.taken() == ["sent 1", "sent 1", "refused 0 too_many_of_vehicle"])
        for number in 4...5 { try stage.ask("c\(number)", #"{"vehicle":"V-\#(number)","command":"lock"}"#) }
        #expect(stage.taken() == ["sent 1", "refused 0 too_many_of_fleet"])
        try stage.answer("c1", #"{"status":"done"}"#)
        try stage.ask("c6", CommandStage.position)
        #expect(stage.taken() == ["done 1", "sent 1"])
    }

    @Test func `what is over is forgotten at last, the oldest first`() throws {
        var stage = CommandStage()
        for number in 0...CommandDesk.closedMax {
            try stage.ask("c\(number)", CommandStage.position)
            try stage.answer("c\(number)", #"{"status":"done"}"#)
        }
        #expect(stage.desk.closed.count == CommandDesk.closedMax)
        #expect(stage.desk.closedByID.count == CommandDesk.closedMax)
        _ = stage.taken()
        try stage.ask("c1", CommandStage.position)
        #expect(stage.taken() == [])
        try stage.ask("c0", CommandStage.position)
        #expect(stage.taken() == ["sent 1"])
    }

    // MARK: - Opposites

    @Test func `unlock stops lock from being sent again`() throws {
        var stage = CommandStage()
        try stage.ask("lock", #"{"vehicle":"V-1","command":"lock"}"#)
        try stage.ask("other", #"{"vehicle":"V-2","command":"lock"}"#)
        try stage.ask("unlock", #"{"vehicle":"V-1","command":"unlock"}"#)
        #expect(stage.taken() == ["sent 1", "sent 1", "failed 1 superseded", "sent 1"])
        #expect(CommandStage.data(stage.events[2])["superseded_by"]?.string == "unlock")
        stage.tick(after: 30)
        #expect(stage.messages.map(\.id.text) == ["lock", "other", "unlock", "other", "unlock"])
    }

    @Test func `what was acknowledged is not taken back by its opposite`() throws {
        var stage = CommandStage()
        try stage.ask("lock", #"{"vehicle":"V-1","command":"lock"}"#)
        try stage.answer("lock", #"{"status":"accepted"}"#)
        try stage.ask("unlock", #"{"vehicle":"V-1","command":"unlock"}"#)
        try stage.answer("lock", #"{"status":"done"}"#)
        #expect(stage.taken() == ["sent 1", "acknowledged 1", "sent 1", "done 1"])
    }
}
