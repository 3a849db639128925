import Wire

/// The course of a route as a function of what is known of it: of what dispatch says, how its stops stand, what fixes
/// show, and what the driver says. It is told and corrected as the history of a delivery is.
struct RouteHistory: Sendable, Equatable {
    let fleet: [UInt8]
    let route: DispatchID
    private(set) var facts: RouteFacts?
    private(set) var stops: [RouteStop] = []
    private(set) var seen = RouteSeen()
    private(set) var words: [RouteWord] = []
    private(set) var ledger = MilestoneLedger()

    /// More words of a driver about one route are not kept.
    static let wordsMax = 64

    init(fleet: [UInt8], route: DispatchID) {
        self.fleet = fleet
        self.route = route
    }

    /// Takes in how things stand. Without a track, what fixes showed before stays.
    ///
    /// - Parameter isLate: late data made the difference.
    mutating func update(
        _ facts: RouteFacts, stops: [RouteStop], track: RunTrack?, isLate: Bool
    ) -> [DeskEvent] {
        let seen = track.map { RouteSeen($0.head, depot: facts.depot?.id, stops: stops) } ?? self.seen
        if facts == self.facts, stops == self.stops, seen == self.seen { return [] }
        self.facts = facts
        self.stops = stops
        self.seen = seen
        return tell(isLate: isLate)
    }

    /// Takes in what the driver says of the goods. A word with a cause that is known changes nothing.
    mutating func add(_ word: RouteWord) -> [DeskEvent] {
        guard !words.contains(where: { $0.cause == word.cause }), words.count < Self.wordsMax else { return [] }
        let isLate = words.contains { $0.time_ms > word.time_ms }
        words.append(word)
        return tell(isLate: isLate)
    }

    private mutating func tell(isLate: Bool) -> [DeskEvent] {
        ledger.tell(milestones(), fleet: fleet, retraction: .routeRetracted, isLate: isLate)
    }

    /// Restores what a snapshot holds.
    mutating func restore(
        facts: RouteFacts?, stops: [RouteStop], seen: RouteSeen, words: [RouteWord], ledger: MilestoneLedger
    ) {
        self.facts = facts
        self.stops = stops
        self.seen = seen
        self.words = words
        self.ledger = ledger
    }
}
