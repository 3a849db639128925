/// Keeps a router that fails from being asked, and asking it from costing time.
///
/// Closed: requests go out, and failures in a row are counted. Open: none goes out for a while. Half open: one request tries,
/// the others wait for what it finds.
struct RoadBreaker: Sendable, Equatable {
    enum State: Sendable, Equatable {
        case closed(failures: Int)
        case open(until_ms: Int64)
        case halfOpen(isProbing: Bool)
    }

    private(set) var state = State.closed(failures: 0)
    private(set) var openings: Int64 = 0
    let failures_max: Int
    let open_ms: Int64

    init(failures_max: Int, open_ms: Int64) {
        self.failures_max = failures_max
        self.open_ms = open_ms
    }

    /// Whether nothing may go out now. Ends the open time where it is over.
    mutating func isOpen(at now_ms: Int64) -> Bool {
        guard case .open(let until_ms) = state else { return false }
        if now_ms < until_ms { return true }
        state = .halfOpen(isProbing: false)
        return false
    }

    /// Whether one more request may go out; in the half-open state it becomes the one that tries.
    mutating func admit(at now_ms: Int64) -> Bool {
        if isOpen(at: now_ms) { return false }
        guard case .halfOpen(let isProbing) = state else { return true }
        state = .halfOpen(isProbing: true)
        return !isProbing
    }

    /// The router answered with something that makes sense.
    mutating func succeeded() { state = .closed(failures: 0) }

    /// The router put the request off: it lives, but that proves nothing more.
    mutating func putOff() {
        if case .halfOpen = state { state = .halfOpen(isProbing: false) }
    }

    /// The router did not answer, or with what makes no sense.
    mutating func failed(at now_ms: Int64) {
        switch state {
        case .closed(let failures) where failures + 1 < failures_max:
            state = .closed(failures: failures + 1)
        case .closed, .halfOpen:
            state = .open(until_ms: now_ms + open_ms)
            openings += 1
        case .open:
            // A request that went out before the others failed.
            break
        }
    }

    /// For the status.
    var name: String {
        switch state {
        case .closed: "closed"
        case .open: "open"
        case .halfOpen: "half_open"
        }
    }
}
