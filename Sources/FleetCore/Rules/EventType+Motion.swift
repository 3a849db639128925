extension EventType {
    /// The values of events about how vehicles are driven; nil for other types.
    var motionValues: [RuleValueShape]? {
        switch self {
        default: nil
        }
    }
}
