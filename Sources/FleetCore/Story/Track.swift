import Telemetry

/// The recent observations of one vehicle in order of time, bounded in number, and the story as it was at a few places.
///
/// A late observation is placed where it belongs in time, and the story is told again from the last checkpoint before it. A
/// checkpoint is kept every quarter of the limit; when the track is full, the oldest quarter goes: what was decided from it
/// is settled, and an observation from before its end comes too late. So at least three quarters of the limit can be told
/// again. Appending costs O(1) amortised, and in the steady state allocates nothing.
struct Track: Sendable {
    /// Strictly ascending by `precedes`.
    private(set) var observations: [Observation] = []
    /// Ascending by `index`. The story before the first observation is that of a checkpoint with the index 0, or an empty
    /// one where there is none: then nothing was dropped yet.
    private(set) var checkpoints: [Checkpoint] = []
    /// Nothing of this time or before can be placed any more.
    private(set) var settled_ms = Int64.min
    /// Memory of a checkpoint that is not in use: none or one.
    private var spare: [Story] = []

    /// The story before the observation at `index`.
    struct Checkpoint: Sendable {
        var index: Int
        var story: Story
    }

    enum Placement: Equatable {
        /// After all that are there.
        case newest
        /// Before the one that is there at this index now.
        case late(at: Int)
        /// It is there already.
        case duplicate
        /// From a time that cannot be told again.
        case settled
    }

    var last: Observation? { observations.last }

    /// Where an observation belongs. O(1) for the newest, O(log n) otherwise.
    func placement(of observation: Observation) -> Placement {
        guard let last = observations.last else {
            return observation.time_ms > settled_ms ? .newest : .settled
        }
        if observation.time_ms > last.time_ms { return .newest }
        if observation.time_ms <= settled_ms { return .settled }
        var index = self.index(of: observation.time_ms)
        while index < observations.count, observations[index].time_ms == observation.time_ms {
            if observations[index] == observation { return .duplicate }
            if !observations[index].precedes(observation) { break }
            index += 1
        }
        return .late(at: index)
    }

    /// The first index whose observation is not older than a time. O(log n).
    func index(of time_ms: Int64) -> Int {
        var low = 0
        var high = observations.count
        while low < high {
            let middle = (low + high) / 2
            if observations[middle].time_ms < time_ms { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: - Changes

    /// Adds an observation that is newer than all. `story` is the story before it.
    mutating func append(_ observation: Observation, limit: Int, before story: borrowing Story) {
        if observations.count >= limit {
            dropOldest()
            if observations.count >= limit { settle(with: story) }
        }
        keepCheckpoint(at: observations.count, limit: limit, of: story)
        observations.append(observation)
    }

    /// Places a late observation. Checkpoints after it are void until the story has been told again.
    mutating func insert(_ observation: Observation, at index: Int) {
        observations.insert(observation, at: index)
        while let checkpoint = checkpoints.last, checkpoint.index > index { free(checkpoints.removeLast().story) }
    }

    /// Makes room for one more in a full track; false where `time_ms` is settled by that.
    mutating func makeRoom(for time_ms: Int64, limit: Int) -> Bool {
        if observations.count >= limit { dropOldest() }
        return observations.count < max(limit, 1) + max(limit, 1) / 4 && time_ms > settled_ms
    }

    /// Drops what lies before the second checkpoint.
    private mutating func dropOldest() {
        guard let position = checkpoints.firstIndex(where: { $0.index > 0 }) else { return }
        let dropped = checkpoints[position].index
        settled_ms = observations[dropped - 1].time_ms
        observations.removeFirst(dropped)
        if position > 0 { free(checkpoints.removeFirst().story) }
        for index in checkpoints.indices { checkpoints[index].index -= dropped }
    }

    /// Drops everything: the story as it is now can not be told again.
    private mutating func settle(with story: borrowing Story) {
        guard let last = observations.last else { return }
        settled_ms = last.time_ms
        observations.removeAll(keepingCapacity: true)
        checkpoints.removeAll(keepingCapacity: true)
        var copy = Story()
        copy.take(from: story)
        checkpoints.append(Checkpoint(index: 0, story: copy))
    }

    /// Keeps the story before the observation at `index` where the last checkpoint is far enough behind.
    mutating func keepCheckpoint(at index: Int, limit: Int, of story: borrowing Story) {
        guard index - (checkpoints.last?.index ?? 0) >= max(limit / 4, 1) else { return }
        var copy = spare.popLast() ?? Story()
        copy.take(from: story)
        checkpoints.append(Checkpoint(index: index, story: copy))
    }

    private mutating func free(_ story: consuming Story) {
        if spare.isEmpty { spare.append(story) }
    }

    /// The story from which everything from `index` on can be told again, and the index from which to tell. Checkpoints
    /// after that are dropped; they are kept anew on the way.
    mutating func rewind(to index: Int, into story: inout Story) -> Int {
        while let checkpoint = checkpoints.last, checkpoint.index > 0,
            checkpoint.index > index || isWithinOneTime(checkpoint.index)
        {
            free(checkpoints.removeLast().story)
        }
        guard let checkpoint = checkpoints.last else {
            story.take(from: Story())
            return 0
        }
        story.take(from: checkpoint.story)
        return checkpoint.index
    }

    /// Observations of one time are told again together: events are told apart by the time of what caused them.
    func isWithinOneTime(_ index: Int) -> Bool {
        index > 0 && index < observations.count && observations[index - 1].time_ms == observations[index].time_ms
    }

    /// The observation at `index` is of the place and time of the one before it: it has only something else to say of them.
    func repeatsPlace(_ index: Int) -> Bool {
        guard isWithinOneTime(index), observations[index].hasPosition else { return false }
        return observations[index - 1].hasPosition && observations[index - 1].fix.isAt(observations[index].fix)
    }

    /// Calls `body` with every remembered story, for a change that must not be undone by telling again.
    mutating func changeStories(_ body: (inout Story) -> Void) {
        for index in checkpoints.indices { body(&checkpoints[index].story) }
    }

    // MARK: - Snapshots and checks

    init() {}

    /// Takes over what a snapshot holds; nil where it is not a track.
    init?(observations: [Observation], checkpoints: [Checkpoint], settled_ms: Int64) {
        self.observations = observations
        self.checkpoints = checkpoints
        self.settled_ms = settled_ms
        if problem != nil { return nil }
    }

    private var problem: StaticString? {
        for (earlier, later) in zip(observations, observations.dropFirst()) where !earlier.precedes(later) {
            return "observations are not in strictly ascending order"
        }
        if let first = observations.first, first.time_ms <= settled_ms { return "an observation is settled already" }
        for (earlier, later) in zip(checkpoints, checkpoints.dropFirst()) where earlier.index >= later.index {
            return "checkpoints are not in ascending order"
        }
        if let first = checkpoints.first, first.index < 0 { return "a checkpoint lies before the track" }
        if let last = checkpoints.last, last.index > observations.count { return "a checkpoint lies behind the track" }
        if settled_ms != Int64.min, checkpoints.first?.index != 0 { return "the settled part has no checkpoint" }
        return nil
    }

    func _checkInvariants() {
        if let problem { fatalError("Track: \(problem)") }
    }
}

extension Observation {
    /// The order in which observations are told: by time, and those of one time by what they hold, first of all their
    /// places, so that it does not depend on which came first.
    func precedes(_ other: Observation) -> Bool {
        if time_ms != other.time_ms { return time_ms < other.time_ms }
        return contentKey.lexicographicallyPrecedes(other.contentKey)
    }

    private var contentKey: [Int64] {
        [
            hasPosition ? 1 : 0, Int64(fix.latitude_e7), Int64(fix.longitude_e7), Int64(fix.speed_dkmh),
            Int64(fix.heading_ddeg), Int64(fix.accuracy_dm), Int64(fix.flags.rawValue), Int64(has.rawValue),
            Int64(alarms.rawValue), Int64(fuel_cpct), Int64(battery_cv), Int64(coolant_dc), Int64(cargo_dc), Int64(rpm),
            Int64(odometer_m), Int64(engine_s), Int64(driver), Int64(codes),
        ]
    }
}
