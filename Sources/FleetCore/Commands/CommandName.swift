/// What a vehicle can be asked to do. The raw value stands in snapshots: new commands go to the end.
enum CommandName: UInt8, Sendable, CaseIterable {
    /// Report your position now.
    case position
    /// Report every so many seconds from now on.
    case interval
    /// Know this geofence, or forget it.
    case geofencePush
    case lock
    case unlock
    /// Keep the cargo at this temperature.
    case temperature
    /// Keep the engine from running. Only through the interlock.
    case immobilise
    /// Let the engine run again.
    case release

    /// As messages and events name it.
    var word: StaticString {
        switch self {
        case .position: "position"
        case .interval: "interval"
        case .geofencePush: "geofence_push"
        case .lock: "lock"
        case .unlock: "unlock"
        case .temperature: "temperature"
        case .immobilise: "immobilise"
        case .release: "release"
        }
    }

    init?(_ word: String) {
        guard let name = Self.allCases.first(where: { word.utf8.elementsEqual("\($0.word)".utf8) }) else { return nil }
        self = name
    }

    /// The command that undoes this one: once one of the two is sent, the other must not be sent again.
    var opposite: CommandName? {
        switch self {
        case .lock: .unlock
        case .unlock: .lock
        case .immobilise: .release
        case .release: .immobilise
        case .position, .interval, .geofencePush, .temperature: nil
        }
    }
}
