import TestSupport
import Testing
import Wire

@testable import FleetCore

/// What a careful observer knows of one vehicle, reckoned apart from the desk.
struct CommandWitness {
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

/// A random sequence of what can happen to the commands of two vehicles.
struct CommandPlay {
    var stage = CommandStage()
    var random: SplitMix64
    var witnesses: [String: CommandWitness] = [:]
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
            witnesses[vehicle, default: CommandWitness()].fixes.append(
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
            let objection = (witnesses[message.vehicle.text] ?? CommandWitness()).objection(stage.now_ms)
            #expect(objection == nil, "seed \(seed): \(text)")
        }
    }
}
