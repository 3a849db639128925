import Wire

/// What a vehicle says to a command.
struct CommandAnswer {
    /// `accepted`, `done`, `refused` or `failed`.
    var status: String
    var reason: String?

    func payload(time_ms: Int64) -> [UInt8] {
        ObjectWriter.object { message in
            message.add("status", status)
            if let reason { message.add("reason", reason) }
            message.add("time", time_ms: time_ms)
        }
    }
}

/// How vehicles and the gateway for text messages behave towards a processor: which answers come, and when.
///
/// A matter of the seed and the message's id alone, so that the same command is answered alike however often it comes.
struct Answers {
    /// An answer after some time.
    struct Timed<Content> {
        var after_s: Double
        var content: Content
    }

    let seed: UInt64
    let faults: Scenario.DispatchFaults

    private func stream(_ id: String) -> RandomSource {
        RandomSource(seed: seed, purpose: .answers, number: stableHash64(Array(id.utf8).span))
    }

    /// Answers to command `id` of a vehicle that is parked at its depot or not; empty where the vehicle says nothing.
    func toCommand(_ id: String, _ command: String, isParked: Bool) -> [Timed<CommandAnswer>] {
        var random = stream(id)
        let draw = random.unit()
        let first_s = random.uniform(0.3...2)
        let second_s = first_s + random.uniform(0.2...3)
        if draw < faults.commandSilentShare { return [] }
        if command == "immobilise", !isParked {
            return [.init(after_s: first_s, content: .init(status: "refused", reason: "in_use"))]
        }
        if draw < faults.commandSilentShare + faults.commandRefusedShare {
            return [.init(after_s: first_s, content: .init(status: "refused", reason: "not_supported"))]
        }
        return [
            .init(after_s: first_s, content: .init(status: "accepted", reason: nil)),
            .init(after_s: second_s, content: .init(status: "done", reason: nil)),
        ]
    }

    /// Receipts for a request of a text message: sent, and then delivered, undelivered or nothing.
    func toRequest(_ id: String) -> [Timed<(status: String, code: String?)>] {
        var random = stream(id)
        let draw = random.unit()
        let sent_s = random.uniform(0.2...1.5)
        let arrived_s = sent_s + random.exponential(mean: 4)
        if draw < faults.smsSilentShare { return [] }
        let isLost = draw < faults.smsSilentShare + faults.smsUndeliveredShare
        return [
            .init(after_s: sent_s, content: ("sent", nil)),
            .init(after_s: arrived_s, content: isLost ? ("undelivered", "30005") : ("delivered", nil)),
        ]
    }

    static func receiptPayload(id: String, status: String, code: String?, time_ms: Int64) -> [UInt8] {
        var provider: [UInt8] = []
        provider.append(hex: stableHash64(Array(id.utf8).span))
        return ObjectWriter.object { message in
            message.add("status", status)
            if let code { message.add("code", code) }
            message.add("time", time_ms: time_ms)
            message.add("provider_id", "SM" + String(decoding: provider, as: UTF8.self))
        }
    }
}
