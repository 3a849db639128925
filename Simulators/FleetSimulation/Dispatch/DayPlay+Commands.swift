import Wire

extension DayPlay {
    private mutating func nextCommandID() -> String {
        commandCount += 1
        return "C-\(prefix)-\(commandCount)"
    }

    mutating func requestFromVehicle(_ number: Int) {
        let vehicle = random.integer(0...(crews.count - 1))
        let command = ["position", "position", "interval", "lock", "unlock"][number % 5]
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, command, reason: "asked_by_dispatcher", requestedBy: "dispatch-1", expires_s: 300)
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(1...4))
    }

    /// The first vehicles that are parked have their immobilisers tested; one under way is a mistake that must not be obeyed.
    mutating func immobilise(_ vehicle: Int, isParked: Bool) {
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, "immobilise", reason: isParked ? "monthly_test" : "reported_stolen",
            requestedBy: "duty-manager", expires_s: isParked ? 600 : 60)
        guard isParked else { return }
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(14...25))
        schedule(.release(vehicle: vehicle), at: now_s + 240)
    }

    mutating func release(_ vehicle: Int) {
        let id = nextCommandID()
        publishCommand(
            id, vehicle: vehicle, "release", reason: "monthly_test", requestedBy: "duty-manager", expires_s: 600)
        answer(id, vehicle: vehicle, status: "done", after_s: random.uniform(1...4))
    }

    mutating func testImmobiliser(of vehicle: Int) {
        let work = setting.dispatch.work
        guard parkedTests < (work.immobilisations + 1) / 2 else { return }
        parkedTests += 1
        schedule(.immobilise(vehicle: vehicle, isParked: true), at: now_s + 90)
    }

    mutating func publishCommand(
        _ id: String, vehicle: Int, _ command: String, reason: String, requestedBy: String, expires_s: Int
    ) {
        let target = crews[vehicle].identity.id
        let payload = ObjectWriter.object { message in
            message.add("id", id)
            message.add("vehicle", target)
            message.add("command", command)
            if command == "interval" { message.add("parameters") { $0.add("interval_s", 5) } }
            message.add("expires_s", expires_s)
            message.add("timeout_s", 30)
            message.add("retries", 2)
            message.add("reason", reason)
            message.add("requested_by", requestedBy)
        }
        send(.command, at: now_s, topic: "dispatch/commands/\(id)", payload)
    }

    /// What the vehicle says to a command that nobody sends it, in runs without a processor at the other side.
    mutating func answer(_ id: String, vehicle: Int, status: String, after_s: Double) {
        guard setting.answersCommands else { return }
        let answered_s = now_s + after_s
        let payload = CommandAnswer(status: status, reason: nil).payload(time_ms: time_ms(answered_s))
        send(
            .commandResult, vehicle: vehicle, at: answered_s,
            topic: "vehicles/\(crews[vehicle].identity.id)/commands/\(id)/result", payload)
    }
}
