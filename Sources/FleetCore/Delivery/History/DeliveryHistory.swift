import Wire

/// The life of one delivery as a function of what is known of it.
///
/// Every piece of evidence has its own time. When one comes, the machine is run over all of them in the order of their times,
/// and what it tells is compared with what was told before: what is new becomes an event, what is different corrects one,
/// and what did not happen takes one back. So the order of arrival does not matter by construction.
struct DeliveryHistory: Sendable, Equatable {
    let fleet: [UInt8]
    let stop: DispatchID
    /// In the order of arrival; no two with the same cause.
    private(set) var evidence: [DeliveryEvidence] = []
    /// One for each vehicle that it was ever assigned to and whose fixes were seen.
    private(set) var seen: [StopSeen] = []
    private(set) var places: [WordSpot] = []
    private(set) var ledger = MilestoneLedger()
    private(set) var summary = DeliverySummary()
    private var ignored: [Ignored] = []
    /// The newest word that does not tell where it was said.
    private var lastWithoutPlace_ms = Int64.min
    /// The assignments of which it was told that the driver's word is missing.
    private(set) var proofMissingTold: [[UInt8]] = []
    /// Pieces for which there was no room.
    private(set) var dropped: UInt32 = 0

    private struct Ignored: Sendable, Equatable {
        var cause: [UInt8]
        var reason: DeliveryMachine.Ignored
    }

    /// More pieces than this are not kept, unless they decide how it ends;
    static let evidenceMax = 64
    /// and of those so many.
    static let decisiveMax = 96
    /// Vehicles whose visits are remembered.
    static let vehiclesMax = 8

    init(fleet: [UInt8], stop: DispatchID) {
        self.fleet = fleet
        self.stop = stop
    }

    var state: DeliveryState { summary.state }
    /// Whose it is; nil while it is on no route.
    var vehicle: DispatchID? { state == .planned ? nil : summary.facts?.vehicle }

    /// When it ended: the gate of the next stop at its place.
    var ended_ms: Int64? { state.isFinal ? summary.ended_ms : nil }

    /// Why a piece of evidence changes nothing as things stand; nil where it counts, or is not there.
    func ignoredReason(of cause: [UInt8]) -> DeliveryMachine.Ignored? { ignored.first { $0.cause == cause }?.reason }

    /// What becomes of a piece of evidence.
    enum Admission: Sendable, Equatable {
        case new
        /// It is there already.
        case duplicate
        /// There is no room for it.
        case full
    }

    // MARK: - What comes in

    /// Takes in a piece of evidence, from anywhere in time. Returns the events that follow from it.
    ///
    /// - Parameter track: of the vehicle whose driver said it, where there is one: a word that does not tell its place was
    ///   said where the vehicle was.
    mutating func add(
        _ piece: DeliveryEvidence, track: RunTrack? = nil, _ settings: DeliverySettings
    ) -> [DeskEvent] {
        switch admit(piece) {
        case .new: break
        case .duplicate: return []
        case .full:
            dropped = dropped == .max ? .max : dropped + 1
            return []
        }
        let isLate = piece.time_ms < newest_ms
        evidence.append(piece)
        if let track, case .word(let word) = piece.kind { _ = placeWords(of: word.vehicle, track, settings) }
        return tellAgain(settings, isLate: isLate)
    }

    /// A fix of its vehicle may say where something was said.
    func isConcerned(by fix: Fix) -> Bool { fix.time_ms <= lastWithoutPlace_ms }

    /// Takes in what a vehicle's fixes show now. To be called when the track has news, when the fix concerns it, and when
    /// its gate may have changed; of the stops of a route in their sequence. O(visits) where nothing of it is new.
    ///
    /// - Parameter isLate: a late fix made the difference.
    mutating func observe(
        _ track: borrowing RunTrack, of vehicle: DispatchID, gate: SharedPlaceGate, _ settings: DeliverySettings,
        isLate: Bool
    ) -> [DeskEvent] {
        // A vehicle that has it no more says nothing new of it: what was seen stays.
        guard track.head.stops.contains(where: { $0.id == stop }) else { return [] }
        var now = StopSeen(track.head, of: stop, vehicle: vehicle, gate: gate)
        if let former = seen.first(where: { $0.vehicle == vehicle }) {
            now.keepSettled(of: former, settled_ms: track.settled_ms)
        }
        let hasPlaced = placeWords(of: vehicle, track, settings)
        let index = seen.firstIndex { $0.vehicle == vehicle }
        guard (index.map { seen[$0] } ?? StopSeen(vehicle: vehicle)) != now || hasPlaced else { return [] }
        if let index {
            seen[index] = now
        } else {
            if seen.count >= Self.vehiclesMax { seen.removeFirst() }
            seen.append(now)
        }
        return tellAgain(settings, isLate: isLate)
    }

    /// What would become of a piece of evidence.
    func admit(_ piece: DeliveryEvidence) -> Admission {
        if evidence.contains(where: { $0.cause == piece.cause }) { return .duplicate }
        return evidence.count < (piece.isDecisive ? Self.decisiveMax : Self.evidenceMax) ? .new : .full
    }

    /// The newest time of what is known.
    private var newest_ms: Int64 {
        let fixes = seen.flatMap(\.visits).flatMap { [$0.entered.known_ms, $0.left?.known_ms ?? .min] }
        return max(evidence.map(\.time_ms).max() ?? .min, fixes.max() ?? .min)
    }

    /// Finds where words were said that do not tell it. True where something changed.
    private mutating func placeWords(
        of vehicle: DispatchID, _ track: borrowing RunTrack, _ settings: DeliverySettings
    ) -> Bool {
        var hasChanged = false
        for piece in evidence where piece.isWithoutPlace(of: vehicle) {
            let spot = track.place(at: piece.time_ms, settings)
                .map { WordSpot(cause: piece.cause, place: WordPlace($0)) }
            let index = places.firstIndex { $0.cause == piece.cause }
            if index.map({ places[$0] }) == spot { continue }
            // Once fixes have left the window, the last of the rest may be none of that time.
            let isWhole = track.settled_ms < piece.time_ms - settings.wordPlace_s * 1000
            switch (index, spot) {
            case (nil, let spot?): places.append(spot)
            case (let index?, let spot?) where isWhole: places[index] = spot
            case (let index?, nil) where isWhole: places.remove(at: index)
            default: continue
            }
            hasChanged = true
        }
        return hasChanged
    }

    private mutating func tellAgain(_ settings: DeliverySettings, isLate: Bool) -> [DeskEvent] {
        let milestones = retell(settings)
        return ledger.tell(milestones, fleet: fleet, retraction: .deliveryRetracted, isLate: isLate)
    }

    /// Takes over what a snapshot holds.
    mutating func restore(
        evidence: [DeliveryEvidence], seen: [StopSeen], places: [WordSpot], ledger: MilestoneLedger,
        proofMissingTold: [[UInt8]], dropped: UInt32, _ settings: DeliverySettings
    ) {
        self.evidence = evidence
        self.seen = seen
        self.places = places
        self.ledger = ledger
        self.proofMissingTold = proofMissingTold
        self.dropped = dropped
        _ = retell(settings)
    }

    private mutating func retell(_ settings: DeliverySettings) -> [Milestone] {
        let telling = DeliveryTelling(
            stop: stop, settings: settings, evidence: evidence, seen: seen, places: places)
        summary = telling.summary
        lastWithoutPlace_ms = evidence.filter { $0.isWithoutPlace(of: nil) }.map(\.time_ms).max() ?? .min
        ignored = telling.ignored.map { Ignored(cause: $0.cause, reason: $0.reason) }
        return telling.milestones
    }

    // MARK: - What time brings

    /// When the driver's word will be missing, if it does not come; nil where none is awaited, or it was told.
    func proofMissingDue_ms(_ settings: DeliverySettings) -> Int64? {
        guard !proofMissingTold.contains(summary.assignment), let arrived_ms = summary.arrived_ms else { return nil }
        switch state {
        case .left: return summary.departedKnown_ms.map { $0 + settings.proofGrace_s * 1000 }
        case .arrived, .servicing: return arrived_ms + settings.proofMissing_s * 1000
        case .planned, .assigned, .loaded, .enRoute, .closed, .cancelled: return nil
        }
    }

    /// Asks whether the driver's word is missing by now. Told once in an assignment, and never taken back: it is about what
    /// was known, not about what happened.
    mutating func proofMissing(at now_ms: Int64, _ settings: DeliverySettings) -> DeskEvent? {
        guard let due_ms = proofMissingDue_ms(settings), due_ms <= now_ms else { return nil }
        if proofMissingTold.count >= Self.vehiclesMax { proofMissingTold.removeFirst() }
        proofMissingTold.append(summary.assignment)
        var data: [UInt8] = []
        data.member("stop", id: stop)
        if let order = summary.facts?.order { data.member("order", id: order) }
        if let route = summary.facts?.route { data.member("route", id: route) }
        if let driver = summary.facts?.driver { data.member("driver", id: driver) }
        if let customer = summary.facts?.customer { data.member("customer", id: customer) }
        if let arrived_ms = summary.arrived_ms { data.member("arrived", time_ms: arrived_ms) }
        if let departed_ms = summary.departed_ms { data.member("departed", time_ms: departed_ms) }
        return DeskEvent(
            type: .deliveryProofMissing, subject: .stop(stop), vehicle: vehicle, time_ms: due_ms,
            cause: summary.assignment, data: data)
    }
}
