import Wire

/// The fixes of a vehicle with a route that late ones may still come between, and what they show.
///
/// `base` is the journey before the oldest of them, `head` the one after the newest. A fix in order costs one step; a late
/// one is put in its place, and `head` is made again from `base`. For any order of arrival within the window, `head` is that
/// of the fixes in the order of their times.
struct RunTrack: Sendable, Equatable {
    /// In the order of `precedes`.
    private(set) var fixes: [Fix] = []
    /// Which of them the journey believed.
    private var believed: [Bool] = []
    private var base = Journey()
    private(set) var head = Journey()
    /// Nothing of this time or before can be placed any more.
    private(set) var settled_ms = Int64.min
    /// Another number whenever the visits that `head` shows may be others than before: while it stays, so do they.
    private(set) var news: UInt32 = 0

    enum Change: Equatable {
        case newest
        /// What had been seen may have changed.
        case late
        /// Nothing changed: it lies before the window.
        case tooOld
        /// Nothing changed: it is there already.
        case duplicate
    }

    /// O(stops) for a fix in order; O(fixes × stops) for a late one.
    mutating func add(_ fix: Fix, _ settings: DeliverySettings) -> Change {
        if fix.time_ms <= settled_ms { return .tooOld }
        guard let last = fixes.last, !last.precedes(fix) else {
            let changes = head.changes
            fixes.append(fix)
            believed.append(head.step(fix, settings))
            if head.changes != changes { news &+= 1 }
            settle(settings)
            return .newest
        }
        if last.time_ms - fix.time_ms > settings.reorderWindow_s * 1000 { return .tooOld }
        let index = fixes.firstIndex { !$0.precedes(fix) } ?? fixes.count
        if index < fixes.count, fixes[index] == fix { return .duplicate }
        fixes.insert(fix, at: index)
        believed.insert(false, at: index)
        settle(settings)
        replay(settings)
        return .late
    }

    /// The route changed. Stops that were known keep what was seen of them; new ones are looked for in the fixes that are
    /// still there.
    mutating func setStops(_ stops: [JourneyStop], _ settings: DeliverySettings) {
        base.setStops(stops)
        replay(settings)
    }

    /// Where the vehicle was at a moment: the last believed fix until then, at most `wordPlace_s` before it. A later one that
    /// is nearer in time does not count, so that what was said of a moment stays when the next fix comes.
    func place(at time_ms: Int64, _ settings: DeliverySettings) -> Fix? {
        guard let index = fixes.indices.last(where: { fixes[$0].time_ms <= time_ms && believed[$0] }) else {
            return nil
        }
        // The difference of a time and one that can be written as text wraps around only where it is far too large.
        let age_ms = UInt64(bitPattern: time_ms &- fixes[index].time_ms)
        return age_ms <= UInt64(settings.wordPlace_s * 1000) ? fixes[index] : nil
    }

    private mutating func replay(_ settings: DeliverySettings) {
        news &+= 1
        head = base
        for index in fixes.indices { believed[index] = head.step(fixes[index], settings) }
    }

    /// Takes an eighth of the window into the base when it is full, so that not every fix moves the array.
    private mutating func settle(_ settings: DeliverySettings) {
        let limit = max(settings.trackFixes, 1)
        guard fixes.count > limit + limit / 8 else { return }
        let count = fixes.count - limit
        for fix in fixes[..<count] { base.step(fix, settings) }
        settled_ms = fixes[count - 1].time_ms
        fixes.removeFirst(count)
        believed.removeFirst(count)
    }
}

extension Fix {
    /// The order in which fixes are looked at: by time, those of one time by what they hold, so that it does not depend on
    /// which came first.
    fileprivate func precedes(_ other: Fix) -> Bool {
        time_ms != other.time_ms
            ? time_ms < other.time_ms : contentKey.lexicographicallyPrecedes(other.contentKey)
    }

    private var contentKey: [Int64] {
        [
            Int64(latitude_e7), Int64(longitude_e7), Int64(speed_dkmh), Int64(heading_ddeg), Int64(accuracy_dm),
            Int64(flags.rawValue),
        ]
    }
}

extension RunTrack {
    func write(to writer: inout ByteWriter) {
        writer.write(settled_ms)
        writer.write(news)
        writer.write(UInt32(fixes.count))
        for (fix, isBelieved) in zip(fixes, believed) {
            fix.write(to: &writer)
            writer.write(isBelieved)
        }
        base.write(to: &writer)
        head.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init()
        settled_ms = try reader.timeOrNever_ms()
        news = try reader.integer()
        for _ in 0..<(try reader.count()) {
            let fix = try Fix(from: &reader)
            if let last = fixes.last, !last.precedes(fix) {
                throw SnapshotError(reason: "the fixes of a route are not in the order of time")
            }
            fixes.append(fix)
            believed.append(try reader.bool())
        }
        if let first = fixes.first, first.time_ms < settled_ms {
            throw SnapshotError(reason: "a fix of a route is settled already")
        }
        base = try Journey(from: &reader)
        head = try Journey(from: &reader)
        guard base.stops == head.stops else { throw SnapshotError(reason: "a route has two lists of stops") }
    }
}
