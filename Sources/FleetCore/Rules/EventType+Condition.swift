extension EventType {
    /// The values of events about the state of vehicles, their cargo and their drivers; nil for other types.
    var conditionValues: [RuleValueShape]? {
        switch self {
        default: nil
        }
    }
}
