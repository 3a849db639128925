package import FleetCore

/// How the road router is asked: the configuration's `router`, checked, in the units that are reckoned with.
package struct RoadOptions: Sendable, Equatable {
    /// Which of the two interfaces it speaks.
    package var kind = RoadAnswer.Source.osrm
    /// Scheme, host, port and path, without a slash at the end.
    package var url = ""
    /// OSRM's profile or Valhalla's costing.
    package var profile = "driving"
    /// From sending a request to the last byte of its answer.
    package var timeout_ms: Int64 = 3000
    /// Requests in a day of UTC, repetitions and probes among them. The count begins anew with the process.
    package var requestsPerDay = 50_000
    /// Requests under way at one time.
    package var concurrency = 4
    /// Questions that wait for their turn; one more drops the oldest.
    package var queue_max = 1000
    /// How long a question may wait for its turn.
    package var wait_ms: Int64 = 60_000
    /// A longer answer is cut off, and counts as a failure.
    package var response_bytes_max = 4 << 20
    /// Answers that are kept; 0 for none.
    package var cacheEntries = 10_000
    package var cache_bytes_max = 64 << 20
    package var cacheAge_ms: Int64 = 86_400_000
    /// So many failures in a row, and the router is left in peace …
    package var breakerFailures = 5
    /// … for so long; then one request tries.
    package var breakerOpen_ms: Int64 = 30_000
    /// The first pause after a 429 or 503 that names none; it doubles …
    package var backOff_ms: Int64 = 1000
    /// … up to this. A pause that the router names is kept, up to `retryAfter_ms_max`.
    package var backOff_ms_max: Int64 = 60_000

    /// A router that wants longer peace is asked again after an hour: it may have meant something else.
    static let retryAfter_ms_max: Int64 = 3_600_000
    /// How often a request is sent that the router put off.
    static let attempts_max = 3
    /// How long it is remembered that there is no way: a closed road opens again.
    static let noRouteAge_ms: Int64 = 600_000
    /// Equal questions that share one request.
    static let sharers_max = 1000
    /// Points are asked for, and remembered, to 1e-5 degree, about a metre: less than a fix is good for.
    static let pointUnit_e7: Int32 = 100

    package init() {}
}
