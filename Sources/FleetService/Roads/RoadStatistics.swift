/// What the road router was asked and said since the start of the process: a part of the status.
package struct RoadStatistics: Sendable, Codable, Equatable {
    package var questions: Int64 = 0
    /// Questions answered with a way, whether from the router or the cache.
    package var answers: Int64 = 0
    /// Questions answered with a reason why not, by it: `no_route`, `timeout`, `budget`, `circuit_open`, `refused`, `invalid`.
    package var failures: [String: Int64] = [:]
    package var cacheHits: Int64 = 0
    /// Questions that shared a request with an equal one.
    package var shared: Int64 = 0
    package var cacheEntries = 0
    package var cacheBytes = 0
    /// Requests that went out, repetitions and probes among them …
    package var requests: Int64 = 0
    /// … and of them those of this day of UTC.
    package var requestsToday = 0
    package var requestsPerDay = 0
    /// Requests that the router put off with 429 or 503.
    package var putOff: Int64 = 0
    /// Questions that wait for their turn, and requests under way.
    package var waiting = 0
    package var underWay = 0
    /// `closed`, `open` or `half_open`, and how often it opened.
    package var breaker = "closed"
    package var breakerOpenings: Int64 = 0
    /// How long the last requests that were answered took.
    package var latency_ms_p50 = 0.0
    package var latency_ms_p99 = 0.0
    /// The last failure of the router itself; empty where there was none.
    package var lastError = ""

    package init() {}
}
