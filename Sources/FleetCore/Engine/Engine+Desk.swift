import Geo
import Wire

/// What the desk is told of the vehicles that it follows.
extension Engine {
    /// Tells the desk of every fix of a vehicle from here on, under a number.
    mutating func follow(_ id: [UInt8], hash: UInt64, handle: Int32) {
        if let slot = table.slot(of: id.span, hash: hash) {
            vehicles[slot].deskHandle = handle
        } else {
            awaitedHandles[id] = handle
        }
    }

    /// A vehicle that the desk has waited for.
    mutating func takeAwaitedHandle(_ slot: Int) {
        guard let handle = awaitedHandles.removeValue(forKey: Array(table.id(of: slot))) else { return }
        vehicles[slot].deskHandle = handle
    }

    /// Tells of one fix that has its place in the vehicle's track. Whether it is believed is judged again by the desk, which
    /// sees the late ones at their places too.
    mutating func move(
        _ observation: Observation, isLate: Bool, _ slot: Int, _ step: Step, into effects: inout EffectBuffer
    ) {
        guard observation.hasPosition else { return }
        effects.movements.append(
            FollowedFix(
                ordinal: step.ordinal, fleet: fleetNumber, handle: vehicles[slot].deskHandle, isLate: isLate,
                isOnMotorway: isOnMotorway(slot), receivedTime_ms: step.receivedTime_ms, fix: observation.fix))
    }

    private func isOnMotorway(_ slot: Int) -> Bool? {
        guard hasMotorways else { return nil }
        return vehicles[slot].story.visits.contains {
            $0.phase != .entering && policies[Int($0.fence)].places.contains(.motorway)
        }
    }
}
