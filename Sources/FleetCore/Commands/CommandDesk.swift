import Wire

/// The commands of one fleet: from the request to its end.
///
/// A command is asked, held while the interlock forbids it, sent, sent again where no answer comes in time, acknowledged,
/// and ends as done, refused, failed or expired. Every step is an event. The desk has no clock: `now_ms` is the time of
/// receipt of what is handled, and never goes back far enough to matter. Its state follows from the calls alone.
///
/// A call costs O(1) in the number of open commands, `tick` O(n). At most `CommandRules.openOfFleet` are open,
/// `closedMax` remembered, and `sightingsMax` vehicles looked at besides those that wait to be immobilised.
struct CommandDesk: Sendable, Equatable {
    /// Commands that are over and still known by their ids.
    static let closedMax = 4_096
    /// Vehicles whose fixes are kept.
    static let sightingsMax = 100_000
    /// How long the last fix of a vehicle is kept that nobody wants to immobilise.
    static let sightingKept_ms: Int64 = 3_600_000
    private static let sweepPeriod_ms: Int64 = 60_000

    var open: [DispatchID: OpenCommand] = [:]
    /// The ids of each vehicle's open commands, in the order of their serials. No vehicle without one.
    var ofVehicle: [DispatchID: [DispatchID]] = [:]
    /// Oldest first, no id twice.
    var closed: [ClosedCommand] = []
    /// The same by id. An id that is open again is in neither.
    var closedByID: [DispatchID: ClosedCommand] = [:]
    var sightings: [DispatchID: VehicleSighting] = [:]
    var nextSerial: Int64 = 0
    var swept_ms = Int64.min

    init() {}

    /// What an answer of a vehicle leads to, and what is wrong with it, for a dead letter.
    struct Reception: Sendable, Equatable {
        var actions: [DeskAction] = []
        var fault: CommandFault?
    }

    // MARK: - What comes in

    /// Takes a message of `dispatch/commands/{id}`. The same again changes nothing, also after the command's end.
    mutating func ask(
        _ id: DispatchID, _ message: CommandMessage, now_ms: Int64, rules: CommandRules
    ) -> [DeskAction] {
        var actions = expireIfDue(id, now_ms: now_ms, rules: rules)
        switch message {
        case .cancel(let reason, let requestedBy):
            if let command = open[id] {
                close(
                    command, .init(.commandFailed, "cancelled", now_ms, words: reason, by: requestedBy), rules: rules,
                    into: &actions)
            }
        case .request(let request):
            begin(id, request, now_ms: now_ms, rules: rules, into: &actions)
        }
        return actions
    }

    /// Takes what a vehicle answered.
    mutating func result(
        vehicle: DispatchID, _ id: DispatchID, _ result: CommandResult, now_ms: Int64, rules: CommandRules
    ) -> Reception {
        var reception = Reception(actions: expireIfDue(id, now_ms: now_ms, rules: rules))
        guard var command = open[id] else {
            reception.fault = faultOfLate(result, id, vehicle)
            return reception
        }
        guard command.request.vehicle == vehicle else {
            reception.fault = CommandFault(
                reason: .otherVehicle, detail: "the command is for another vehicle", offset: nil)
            return reception
        }
        guard command.attempt > 0 else {
            reception.fault = CommandFault(
                reason: .commandNotSent, detail: "the command was not sent to the vehicle yet", offset: nil)
            return reception
        }
        // By the vehicle's clock, where that can be true.
        var time_ms = now_ms
        if let told_ms = result.time_ms, told_ms >= command.requested_ms, told_ms <= now_ms { time_ms = told_ms }
        switch result.status {
        case .accepted:
            guard command.phase != .acknowledged else { return reception }
            command.phase = .acknowledged
            command.deadline_ms = .max
            open[id] = command
            reception.actions.append(
                event(command, .init(.commandAcknowledged, nil, time_ms, words: result.reason), rules: rules))
        case .done, .refused, .failed:
            let type: EventType =
                switch result.status {
                case .refused: .commandRefused
                case .failed: .commandFailed
                default: .commandDone
                }
            let reason: StaticString? = result.status == .done ? nil : "by_vehicle"
            close(
                command, .init(type, reason, time_ms, words: result.reason, answer: result.status), rules: rules,
                into: &reception.actions)
        }
        return reception
    }

    /// Takes a fix of a vehicle, newest or late; those of vehicles that wait to be immobilised (`awaited`) must come, all
    /// others should, so that a stand that is over already can be known.
    ///
    /// - Parameter isOnMotorway: whether it lies in a geofence of the kind `motorway`; nil where the fleet has none, so that
    ///   the speed must tell (`CommandRules.motorway_kmh`).
    mutating func fix(
        _ vehicle: DispatchID, _ fix: Fix, isOnMotorway: Bool?, now_ms: Int64, rules: CommandRules
    ) -> [DeskAction] {
        if sightings[vehicle] != nil {
            sightings[vehicle]?.take(fix, isOnMotorway: isOnMotorway, received_ms: now_ms, rules: rules)
        } else if sightings.count < Self.sightingsMax || ofVehicle[vehicle] != nil {
            sightings[vehicle] = VehicleSighting(fix, isOnMotorway: isOnMotorway, received_ms: now_ms, rules: rules)
        }
        guard let ids = ofVehicle[vehicle] else { return [] }
        var actions: [DeskAction] = []
        for id in ids where open[id]?.phase == .held {
            actions += expireIfDue(id, now_ms: now_ms, rules: rules)
            // An earlier one of the loop may have ended it.
            if open[id]?.phase == .held { attempt(id, now_ms: now_ms, rules: rules, into: &actions) }
        }
        return actions
    }

    /// Time passes: answers that did not come, commands that are of no use any more.
    mutating func tick(now_ms: Int64, rules: CommandRules) -> [DeskAction] {
        var actions: [DeskAction] = []
        for id in dueCommands(now_ms: now_ms, rules: rules) {
            guard let command = open[id] else { continue }
            if now_ms >= command.expires_ms {
                actions += expireIfDue(id, now_ms: now_ms, rules: rules)
            } else if command.phase == .sent, command.attempt > command.retries {
                close(command, .init(.commandFailed, "no_answer", now_ms), rules: rules, into: &actions)
            } else {
                attempt(id, now_ms: now_ms, rules: rules, into: &actions)
            }
        }
        sweep(now_ms: now_ms)
        return actions
    }

    /// Vehicles with an open `immobilise`, by id: their fixes must come to `fix`. O(n log n).
    var awaited: [DispatchID] {
        Set(open.values.filter { $0.request.command == .immobilise }.map(\.request.vehicle)).sorted()
    }

    /// Those for which something is to be done now, in the order in which they were asked.
    private func dueCommands(now_ms: Int64, rules: CommandRules) -> [DispatchID] {
        var due: [(serial: Int64, id: DispatchID)] = []
        for (id, command) in open {
            let isAtAnEnd = now_ms >= command.expires_ms || now_ms >= command.deadline_ms
            if isAtAnEnd || command.phase == .held { due.append((command.serial, id)) }
        }
        due.sort { $0.serial < $1.serial }
        return due.map(\.id)
    }

    private mutating func sweep(now_ms: Int64) {
        guard swept_ms == Int64.min || now_ms &- swept_ms >= Self.sweepPeriod_ms else { return }
        swept_ms = now_ms
        let oldest_ms = now_ms &- Self.sightingKept_ms
        let kept = sightings.filter { $0.value.received_ms >= oldest_ms || ofVehicle[$0.key] != nil }
        if kept.count != sightings.count { sightings = kept }
    }

    /// What to say of an answer to a command that is not open; nothing where it is only repeated.
    private func faultOfLate(_ result: CommandResult, _ id: DispatchID, _ vehicle: DispatchID) -> CommandFault? {
        if let known = closedByID[id], known.vehicle == vehicle, let answer = known.answer,
            answer == result.status || result.status == .accepted
        {
            return nil
        }
        return CommandFault(
            reason: .commandNotOpen, detail: "no open command has this id: it ended, or was never asked", offset: nil)
    }
}
