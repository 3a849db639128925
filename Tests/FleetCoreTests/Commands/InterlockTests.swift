import TestSupport
import Testing
import Wire

@testable import FleetCore

/// An engine is stopped only where that is safe.
@Suite struct `The interlock of immobilise` {
    /// A vehicle that has stood for `standing_s` at the fix of now, and is asked to be immobilised.
    private func stage(standing_s: Double, motorway: Bool? = false) throws -> CommandStage {
        var stage = CommandStage()
        stage.fix(motorway: motorway)
        if standing_s > 0 {
            stage.wait(standing_s)
            stage.fix(motorway: motorway)
        }
        return stage
    }

    @Test(arguments: [(10.0, "sent 1"), (9.999, "held 1 standing_too_short"), (0, "held 1 standing_too_short")])
    func `it stands for ten seconds`(_ standing_s: Double, _ told: String) throws {
        var stage = try stage(standing_s: standing_s)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == [told])
        #expect(stage.messages.isEmpty == (told != "sent 1"))
    }

    @Test(arguments: [(10.0, "sent 1"), (10.001, "held 1 stale_fix")])
    func `the fix is at most ten seconds old`(_ age_s: Double, _ told: String) throws {
        var stage = try stage(standing_s: 20)
        stage.wait(age_s)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == [told])
    }

    @Test func `a clock that runs ahead makes no fix fresh`() throws {
        var stage = CommandStage()
        stage.fix(age_s: -100)
        stage.wait(15)
        stage.fix(age_s: -100)
        stage.wait(10.001)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 stale_fix"])
    }

    @Test func `a fix that was under way for long is not fresh`() throws {
        var stage = CommandStage()
        stage.fix(age_s: 40)
        stage.fix(age_s: 11)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 stale_fix"])
    }

    @Test(arguments: [(Float(1.9), "sent 1"), (2, "held 1 moving"), (50, "held 1 moving")])
    func `it does not move`(_ speed_kmh: Float, _ told: String) throws {
        var stage = try stage(standing_s: 20)
        stage.wait(1)
        stage.fix(speed_kmh)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == [told])
    }

    @Test func `positions that wander off are no stand, whatever the speed says`() throws {
        var stage = try stage(standing_s: 20)
        stage.wait(1)
        stage.fix(north_m: 20)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["sent 1"])
        stage.wait(1)
        stage.fix(north_m: 60)
        try stage.ask("d", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 standing_too_short"])
    }

    @Test func `without a speed the way tells`() throws {
        var stage = CommandStage()
        stage.fix(nil)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 moving"])
        for _ in 0..<2 {
            stage.wait(8)
            stage.fix(nil)
        }
        #expect(stage.taken() == [])
        stage.wait(2)
        stage.fix(nil)
        #expect(stage.taken() == ["sent 1"])
        stage.wait(2)
        stage.fix(nil, north_m: 20)
        try stage.ask("d", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 moving"])
    }

    @Test func `a gap is no stand, unless the ignition was off`() throws {
        for (flags, told) in [(Fix.Flags(), "held 1 standing_too_short"), (.ignitionOff, "sent 1")] {
            var stage = CommandStage()
            stage.fix(flags: flags)
            stage.wait(60.001)
            stage.fix(flags: flags)
            try stage.ask("c", CommandStage.immobilise)
            #expect(stage.taken() == [told])
        }
    }

    @Test func `a jump and a fix of no accuracy are no stand`() throws {
        var stage = try stage(standing_s: 20)
        stage.wait(1)
        stage.fix(flags: .relocated)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 standing_too_short"])
        for (accuracy_m, told) in [(Float(50), "sent 1"), (50.1, "held 1 inaccurate_fix")] {
            var stage = try self.stage(standing_s: 20)
            stage.wait(1)
            stage.fix(accuracy_m: accuracy_m)
            try stage.ask("c", CommandStage.immobilise)
            #expect(stage.taken() == [told])
        }
    }

    @Test func `a late fix that moved begins the stand anew`() throws {
        var stage = try stage(standing_s: 20)
        stage.fix(30, age_s: 5)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["held 1 standing_too_short"])
        stage.wait(10)
        stage.fix()
        #expect(stage.taken() == ["sent 1"])
    }

    // MARK: - Motorways

    @Test func `not on a motorway`() throws {
        var stage = try stage(standing_s: 20, motorway: true)
        try stage.ask("c", CommandStage.immobilise)
        stage.wait(5)
        stage.fix(motorway: true)
        stage.wait(5)
        #expect(stage.taken() == ["held 1 on_motorway"])
        stage.fix(motorway: false)
        #expect(stage.taken() == ["sent 1"])
    }

    @Test func `without motorway fences a vehicle that was fast waits`() throws {
        var stage = CommandStage()
        stage.fix(80, motorway: nil)
        for _ in 0..<3 {
            stage.wait(10)
            stage.fix(motorway: nil)
        }
        try stage.ask(
            "c", #"{"vehicle":"V-1","command":"immobilise","reason":"r","requested_by":"chief","expires_s":900}"#)
        #expect(stage.taken() == ["held 1 maybe_on_motorway"])
        while stage.now_ms < 1_800_000_299_999 {
            stage.now_ms = min(stage.now_ms + 9_000, 1_800_000_299_999)
            stage.fix(motorway: nil)
            stage.tick()
        }
        #expect(stage.taken() == [])
        stage.tick(after: 0.001)
        #expect(stage.taken() == ["sent 1"])
    }

    @Test func `with motorway fences the speed says nothing`() throws {
        var stage = CommandStage()
        stage.fix(120, motorway: false)
        stage.wait(10)
        stage.fix(motorway: false)
        stage.wait(10)
        stage.fix(motorway: false)
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["sent 1"])
    }

    // MARK: - Holding

    @Test func `it is held until the vehicle stands, and says once that it is`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.immobilise)
        for speed_kmh in [40, 20, 0, 0] as [Float] {
            stage.wait(5)
            stage.fix(speed_kmh)
            stage.tick()
        }
        #expect(stage.taken() == ["held 1 no_fix"])
        stage.wait(5)
        stage.fix()
        #expect(stage.taken() == ["sent 1"])
        let event = try #require(stage.events.last)
        let interlock = try #require(CommandStage.data(event)["interlock"])
        #expect(interlock["passed"]?.bool == true && interlock["standing_s"]?.number == 10)
        #expect(interlock["fix_age_s"]?.number == 0 && interlock["speed_kmh"]?.number == 0)
        #expect(interlock["position"]?["lat"]?.number == 25)
    }

    @Test func `it is held until it expires`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.immobilise)
        stage.wait(119.999)
        stage.fix(30)
        stage.tick()
        #expect(stage.taken() == ["held 1 no_fix"])
        stage.tick(after: 0.001)
        #expect(stage.taken() == ["expired 0 held"])
        #expect(stage.messages.isEmpty)
        let data = CommandStage.data(try #require(stage.events.last))
        #expect(data["interlock"]?["obstacle"]?.string == "moving")
        #expect(data["request_reason"]?.string == "stolen" && data["requested_by"]?.string == "chief")
    }

    @Test func `every attempt is looked at anew`() throws {
        var stage = try stage(standing_s: 20)
        try stage.ask("c", CommandStage.immobilise)
        stage.wait(25)
        stage.fix(15)
        stage.tick(after: 5)
        #expect(stage.taken() == ["sent 1", "held 2 moving"])
        stage.fix()
        stage.wait(10)
        stage.fix()
        #expect(stage.taken() == ["sent 2"])
        #expect(stage.messages.count == 2)
    }

    @Test func `a message that is kept on its way is of no use after the time-out`() throws {
        for (expires_s, useful_s) in [(120, 30), (20, 20)] as [(Int, Int64)] {
            var stage = try stage(standing_s: 20)
            try stage.ask(
                "c", CommandStage.immobilise.replacing(#""expires_s":120"#, with: #""expires_s":\#(expires_s)"#))
            let payload = try #require(stage.messages.first?.payload)
            let message = try JSONNode.parse(payload.span)
            #expect(message["expires"]?.string == RFC3339.string(stage.now_ms + useful_s * 1000))
        }
    }

    @Test func `an answer to an attempt before counts also while the next is held`() throws {
        var stage = try stage(standing_s: 20)
        try stage.ask("c", CommandStage.immobilise)
        stage.tick(after: 30)
        try stage.answer("c", #"{"status":"done"}"#)
        #expect(stage.taken() == ["sent 1", "held 2 stale_fix", "done 1"])
    }

    @Test func `a held one was not sent, so that nobody can answer it`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.immobilise)
        #expect(try stage.answer("c", #"{"status":"done"}"#) == .commandNotSent)
        #expect(stage.taken() == ["held 1 no_fix"])
    }

    @Test func `release ends what is held and what could be sent again, also where there is no room for it`() throws {
        for room in [16.0, 1] {
            var stage = CommandStage()
            stage.rules.openOfVehicle = room
            try stage.ask("c", CommandStage.immobilise)
            try stage.ask("r", CommandStage.release)
            #expect(stage.taken() == ["held 1 no_fix", "failed 0 superseded", "sent 1"])
            stage.fix()
            stage.wait(11)
            stage.fix()
            #expect(stage.messages.map(\.id.text) == ["r"])
        }
        var stage = try stage(standing_s: 20)
        try stage.ask("c", CommandStage.immobilise)
        try stage.ask("p", CommandStage.position)
        stage.rules.openOfVehicle = 1
        try stage.ask("r", CommandStage.release)
        #expect(stage.taken() == ["sent 1", "sent 1", "failed 1 superseded", "refused 0 too_many_of_vehicle"])
    }

    @Test func `an old release leaves a newer immobilise alone until that is sent`() throws {
        var stage = CommandStage()
        try stage.ask("r", #"{"vehicle":"V-1","command":"release","timeout_s":5}"#)
        try stage.ask("c", CommandStage.immobilise)
        stage.tick(after: 5)
        #expect(stage.taken() == ["sent 1", "held 1 no_fix", "sent 2"])
        stage.fix()
        stage.wait(10)
        stage.fix()
        #expect(stage.taken() == ["failed 2 superseded", "sent 1"])
        #expect(stage.messages.map(\.id.text) == ["r", "r", "c"])
    }

    // MARK: - Who may

    @Test func `only who is allowed to, and only as long`() throws {
        var stage = try stage(standing_s: 20)
        try stage.ask("c", CommandStage.immobilise.replacing("chief", with: "Chief"))
        #expect(stage.taken() == ["refused 0 not_allowed"])
        stage.wait(60)
        try stage.ask("d", CommandStage.immobilise)
        stage.rules.immobilisers = []
        stage.tick(after: 1)
        #expect(stage.taken() == ["held 1 stale_fix", "refused 0 not_allowed"])
        #expect(stage.messages.isEmpty)
    }

    @Test func `by default nobody may`() throws {
        var stage = try stage(standing_s: 20)
        stage.rules = CommandRules()
        try stage.ask("c", CommandStage.immobilise)
        #expect(stage.taken() == ["refused 0 not_allowed"])
    }

    @Test func `vehicles that wait are named, and only the fixes of theirs count`() throws {
        var stage = CommandStage()
        try stage.ask("c", CommandStage.immobilise)
        try stage.ask("p", #"{"vehicle":"V-2","command":"position"}"#)
        #expect(stage.desk.awaited.map(\.text) == ["V-1"])
        for _ in 0..<3 {
            stage.fix(vehicle: "V-2")
            stage.wait(10)
        }
        #expect(stage.taken() == ["held 1 no_fix", "sent 1"])
    }

    @Test func `what nobody waits for is forgotten after an hour`() throws {
        var stage = CommandStage()
        try stage.ask("c", #"{"vehicle":"V-1","command":"lock","expires_s":7200}"#)
        try stage.answer("c", #"{"status":"accepted"}"#)
        stage.fix()
        stage.fix(vehicle: "V-2")
        stage.tick(after: 3600)
        #expect(stage.desk.sightings.count == 2)
        stage.tick(after: 60)
        #expect(stage.desk.sightings.keys.map(\.text) == ["V-1"])
    }
}
