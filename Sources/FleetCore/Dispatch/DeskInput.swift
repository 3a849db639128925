import Forecast
import Wire

/// One thing that the desk of a fleet is told, in the order of the log. The router reads it from its message.
struct DeskItem: Sendable {
    var fleet: Int
    var step: Engine.Step
    var input: DeskInput
}

/// What a desk is told. A record that is nil was deleted.
enum DeskInput: Sendable {
    /// The fleet has a desk from here on: its name.
    case open([UInt8])
    /// With the topic where the answer to an emergency is wanted, besides its event.
    indirect case order(DispatchID, Sourced<OrderRecord>?, answer: QueryAddress?)
    /// With the number of its vehicle, -1 where it was deleted.
    indirect case route(DispatchID, Sourced<RouteRecord>?, vehicle: Int32)
    indirect case customer(DispatchID, Sourced<CustomerRecord>?)
    indirect case vehicle(DispatchID, Sourced<VehicleRecord>?, handle: Int32)
    indirect case driver(DispatchID, Sourced<DriverRecord>?)
    indirect case condition(DispatchID, Sourced<ConditionRecord>?)
    indirect case report(vehicle: DispatchID, handle: Int32, DriverReport, payload: [UInt8])
    /// A question for suitable vehicles.
    indirect case query(SuitableQuery, QueryAddress)
    /// With the number of the vehicle that is asked, -1 where a command is cancelled.
    indirect case command(DispatchID, CommandMessage, handle: Int32)
    indirect case commandResult(
        vehicle: DispatchID, id: DispatchID, CommandResult, topic: [UInt8], payload: [UInt8])
    indirect case receipt(Hash128, MessageReceipt)
    indirect case roadAnswer(question: [UInt8], RoadReply)
    case tick
    /// What takes the place of all that the desk has learned.
    indirect case learned(LearnedValues)
    /// How commands and messages are handled from here on.
    indirect case commandRules(CommandRules)
    indirect case messageRules(MessageRules)
    /// The settings from here on.
    indirect case settings(Settings)
}

/// One fix of a vehicle that the desk follows: the newest, or a late one that has its place in the track.
struct FollowedFix: Sendable, BitwiseCopyable {
    /// The step that it came in.
    var ordinal: Int32
    var fleet: Int32
    /// The number under which the router has the vehicle followed.
    var handle: Int32
    var isLate: Bool
    /// It is in a fence of the kind `motorway`; nil where there is none.
    var isOnMotorway: Bool?
    var receivedTime_ms: Int64
    var fix: Fix
}
