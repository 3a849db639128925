import Wire

extension FleetSimulator {
    /// How long after the last message of the last day a run goes on: vehicles report that they are parked.
    private static let afterglow_s = 120.0

    /// When everything that dispatch plays is over, simulated microseconds; nil while days are to come, and without dispatch.
    package var playEnd_us: Int64? {
        guard let stage, stage.nextDay_s == nil else { return nil }
        return Int64((stage.end_s + Self.afterglow_s) * 1e6)
    }

    /// Takes what has become true up to now: lines of JSON.
    package mutating func takeTruth() -> [UInt8] {
        let now_s = Double(now_us) / 1e6
        return stage?.takeTruth(before: now_s) ?? []
    }

    /// Hears a message of the processor's: a command to a vehicle, or a request for a text message. What the vehicle and
    /// the gateway answer goes out in its time. Everything else, and what is not valid, is passed over.
    package mutating func hear(topic: [UInt8], payload: [UInt8]) {
        let prefix = Array(address.topic("").utf8)
        guard topic.starts(with: prefix), let faults = run.scenario.dispatch?.faults,
            let message = try? JSONNode.parse(payload.span, valueLimit: 10_000)
        else { return }
        let answers = Answers(seed: run.scenario.seed, faults: faults)
        let levels = String(decoding: topic.dropFirst(prefix.count), as: UTF8.self).split(separator: "/")
        if levels.count == 4, levels[0] == "vehicles", levels[2] == "commands" {
            obey(String(levels[3]), vehicle: String(levels[1]), message, answers)
        } else if levels.count == 3, levels[0] == "sms", levels[1] == "requests" {
            receipt(message, answers)
        }
    }

    private mutating func obey(_ id: String, vehicle: String, _ message: JSONNode, _ answers: Answers) {
        guard let index = vehicles.firstIndex(where: { $0.id.utf8.elementsEqual(vehicle.utf8) }),
            !vehicles[index].isDisconnected
        else { return }
        let command = message["command"]?.string ?? ""
        for answer in answers.toCommand(id, command, isParked: vehicles[index].isParked) {
            send(
                .commandResult, vehicle: index, after_s: answer.after_s,
                topic: "vehicles/\(vehicle)/commands/\(id)/result"
            ) { answer.content.payload(time_ms: $0) }
        }
    }

    private mutating func receipt(_ message: JSONNode, _ answers: Answers) {
        guard let id = message["id"]?.string, !id.isEmpty, !id.utf8.contains(where: { "/+#".utf8.contains($0) }) else {
            return
        }
        for answer in answers.toRequest(id) {
            send(.receipt, vehicle: -1, after_s: answer.after_s, topic: "sms/receipts/\(id)") {
                Answers.receiptPayload(
                    id: id, status: answer.content.status, code: answer.content.code, time_ms: $0)
            }
        }
    }

    private mutating func send(
        _ kind: MessageKind, vehicle: Int, after_s: Double, topic: String, payload: (Int64) -> [UInt8]
    ) {
        let time_us = now_us + Int64(after_s * 1e6)
        wait(
            SimulatedMessage(
                kind: kind, vehicle: vehicle, time_us: start_us + time_us,
                topic: Array(address.topic(topic).utf8), payload: payload((start_us + time_us) / 1_000),
                isRetained: false, isJSON: true), until: time_us)
    }
}
