import Telemetry

/// What happened to the reports and messages that an engine took in. Sums over shards are sums of these.
package struct Counters: Sendable, Equatable {
    /// Messages that were looked at, of any kind.
    package var messages: Int64 = 0
    /// Single reports; a message may carry many.
    package var reports: Int64 = 0
    /// Fixes that moved their vehicle.
    package var acceptedFixes: Int64 = 0
    package var lateFixes: Int64 = 0
    package var duplicateFixes: Int64 = 0
    package var rejectedFixes: Int64 = 0
    package var deadLetters: Int64 = 0
    /// Messages on topics of the grammar that are not input, such as our own events in a capture, and drivers' actions
    /// that are not known.
    package var skipped: Int64 = 0
    /// Messages of other formats, or parts of them, that are neither report nor status: cards, waypoints, commands, types
    /// that are not known.
    package var otherTypes: Int64 = 0
    package var queries: Int64 = 0
    /// Records of dispatch that were no newer than what was known.
    package var staleRecords: Int64 = 0
    /// How far off forecasts were, of arrivals since then.
    package var etaErrors = ETAErrors()
    /// Messages that adapters took, by `TelemetryFormat.number`.
    package var adapted: [Int64] = Array(repeating: 0, count: TelemetryFormat.allCases.count)
    /// Events by type, indexed by the raw value of `EventType`.
    package var events: [Int64] = Array(repeating: 0, count: EventType.allCases.count)

    package init() {}

    /// Back to zero, in place.
    mutating func reset() {
        messages = 0
        reports = 0
        acceptedFixes = 0
        lateFixes = 0
        duplicateFixes = 0
        rejectedFixes = 0
        deadLetters = 0
        skipped = 0
        otherTypes = 0
        queries = 0
        staleRecords = 0
        etaErrors.reset()
        // In place: a new array would be an allocation a batch.
        for index in events.indices { events[index] = 0 }
        for index in adapted.indices { adapted[index] = 0 }
    }

    package static func += (total: inout Counters, part: Counters) {
        total.messages += part.messages
        total.reports += part.reports
        total.acceptedFixes += part.acceptedFixes
        total.lateFixes += part.lateFixes
        total.duplicateFixes += part.duplicateFixes
        total.rejectedFixes += part.rejectedFixes
        total.deadLetters += part.deadLetters
        total.skipped += part.skipped
        total.otherTypes += part.otherTypes
        total.queries += part.queries
        total.staleRecords += part.staleRecords
        total.etaErrors += part.etaErrors
        for index in total.events.indices { total.events[index] += part.events[index] }
        for index in total.adapted.indices { total.adapted[index] += part.adapted[index] }
    }

    package var eventCount: Int64 { events.reduce(0, +) }
}

extension TelemetryFormat {
    /// Its place among all formats.
    package var number: Int {
        switch self {
        case .native: 0
        case .owntracks: 1
        case .traccar: 2
        case .teltonika: 3
        case .flespi: 4
        case .thingsboard: 5
        case .thingsboardGateway: 6
        case .status: 7
        }
    }
}
