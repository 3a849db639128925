/// What follows from a vehicle's observations in the order of their times: a function of them and of nothing else.
///
/// The engine steps it with every new observation. When a late one comes, it goes back to the story as it was before it
/// (`Track` keeps checkpoints) and steps through everything that follows once more; what then turns out differently is
/// corrected. So whatever has to be the same in every order of arrival belongs in here, and nothing that depends on when
/// something was received.
struct Story: Sendable {
    /// Which fixes are believed.
    var filter = FixFilter()
    /// Fences that the vehicle is in, or is about to enter or to leave; ascending by the fence's id.
    var visits: [Visit] = []
    /// How it is driven.
    var motion = MotionRules()
    var engine = EngineRule()
    /// The condition of the vehicle, its cargo and its driver; none until it reports anything of that kind.
    var condition: [ConditionRules] = []

    /// The newest believed fix: the vehicle's position for all purposes.
    var newest: Fix? {
        get { filter.newest }
        set { filter.newest = newValue }
    }

    /// Becomes a copy of another story, in the memory that this one has.
    mutating func take(from other: borrowing Story) {
        filter = other.filter
        visits.removeAll(keepingCapacity: true)
        visits.append(contentsOf: other.visits)
        motion = other.motion
        engine = other.engine
        condition.removeAll(keepingCapacity: true)
        condition.append(contentsOf: other.condition)
    }
}
