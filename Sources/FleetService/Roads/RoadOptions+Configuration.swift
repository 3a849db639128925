import FleetCore

extension RoadOptions {
    /// Nil where the configuration names no router.
    package init?(_ configuration: Configuration.Router) {
        guard !configuration.url.isEmpty else { return nil }
        self.init()
        kind = configuration.kind == .osrm ? .osrm : .valhalla
        url = configuration.url
        while url.hasSuffix("/") { url.removeLast() }
        profile = configuration.profile
        if profile.isEmpty { profile = kind == .osrm ? "driving" : "auto" }
        timeout_ms = Int64(configuration.timeout_ms)
        requestsPerDay = configuration.requestsPerDay
        concurrency = configuration.concurrency
        queue_max = configuration.queueMax
        wait_ms = Int64(configuration.wait_s) * 1000
        response_bytes_max = configuration.response_kib << 10
        cacheEntries = configuration.cacheEntries
        cache_bytes_max = configuration.cache_mib << 20
        cacheAge_ms = Int64(configuration.cacheTTL_s) * 1000
        breakerFailures = configuration.breakerFailures
        breakerOpen_ms = Int64(configuration.breakerOpen_s) * 1000
    }
}
