import FleetCore
package import Foundation
import Locks
import MQTTTransport
import Store
import Window

/// What `fleetstream status` shows: one moment of a running service, as JSON.
package struct ServiceStatus: Sendable, Codable, Equatable {
    package var version = ""
    package var pid: Int32 = 0
    package var started = Date(timeIntervalSince1970: 0)
    package var now = Date(timeIntervalSince1970: 0)
    /// `starting`, `recovering`, `running`, `store_full`, `stopping`, `failed`.
    package var state = "starting"
    /// Why the state is not `running`; empty otherwise.
    package var reason = ""
    package var broker = Broker()
    package var input = Input()
    package var vehicles = Vehicles()
    package var geofences = 0
    package var dispatch = Dispatch()
    /// Events since the start of the process, by type.
    package var events: [String: Int64] = [:]
    package var output = Output()
    package var store = StoreFigures()
    /// `http://127.0.0.1:8080`; empty where there is no window.
    package var window = ""

    package struct Broker: Sendable, Codable, Equatable {
        package var address = ""
        package var isConnected = false
        package var lastError = ""
        package var reconnects: UInt64 = 0
    }

    package struct Input: Sendable, Codable, Equatable {
        package var messages: Int64 = 0
        package var reports: Int64 = 0
        package var late: Int64 = 0
        package var duplicates: Int64 = 0
        package var rejected: Int64 = 0
        package var deadLetters: Int64 = 0
        package var skipped: Int64 = 0
        /// Messages of trackers that are neither report nor status.
        package var otherTypes: Int64 = 0
        package var queries: Int64 = 0
        package var redeliveriesDropped: UInt64 = 0
        package var messagesPerSecond = 0.0
        /// From the receipt of a batch's first message to its commit, over the last batches.
        package var lag_ms_p50 = 0.0
        package var lag_ms_p99 = 0.0
    }

    package struct Vehicles: Sendable, Codable, Equatable {
        package var total = 0
        package var online = 0
        package var moving = 0
        package var insideGeofences = 0
    }

    package struct Output: Sendable, Codable, Equatable {
        package var published: UInt64 = 0
        package var eventsPerSecond = 0.0
        /// Messages that the broker refused since the start; those that it may take another time are still in the outbox.
        package var refused: UInt64 = 0
        package var outboxDepth: Int64 = 0
        package var outboxOldestAge_s = 0.0
    }

    package struct StoreFigures: Sendable, Codable, Equatable {
        package var path = ""
        package var journalRows: Int64 = 0
        package var journalBytes: Int64 = 0
        package var fileBytes: Int64 = 0
        package var walBytes: Int64 = 0
        package var deadLetters: Int64 = 0
        package var snapshots = 0
        package var lastCommit_ms = 0.0
    }
}

extension ServiceStatus {
    /// As one line of JSON, members in a fixed order.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(self)).map(Array.init) ?? []
    }

    /// Nil where the answer is not that of a process of this version.
    init?(json: [UInt8]) {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let status = try? decoder.decode(ServiceStatus.self, from: Data(json)) else { return nil }
        self = status
    }
}

/// The figures of a running service, written by its parts and read by whoever shows them.
final class StatusBoard: Sendable {
    private struct Figures {
        var status = ServiceStatus()
        var counters = Counters()
        /// Lags of the last batches, in milliseconds.
        var lags_ms: [Double] = []
        var nextLag = 0
        /// Messages by second, for the rate.
        var rate = RateMeter()
        var eventRate = RateMeter()
    }

    private let measures = Guarded(ServiceMetrics())

    private static let lagCount = 1024

    private let figures = Guarded(Figures())

    func update(_ body: (inout ServiceStatus) -> Void) {
        figures.withLock { body(&$0.status) }
    }

    var counters: Counters { figures.withLock(\.counters) }

    /// What only `/metrics` shows.
    func metrics(_ body: (inout ServiceMetrics) -> Void) { measures.withLock { body(&$0) } }

    var measured: ServiceMetrics { measures.withLock { $0 } }

    /// A batch was committed.
    func committed(_ output: BatchOutput, lag_ms: Double, now_s: Double) {
        measures.withLock { $0.committed(lag_s: lag_ms / 1000, now_s: now_s) }
        figures.withLock { figures in
            figures.counters += output.counters
            figures.rate.add(Double(output.counters.messages), now_s: now_s)
            figures.eventRate.add(Double(output.counters.eventCount), now_s: now_s)
            if output.counters.messages > 0 {
                if figures.lags_ms.count < Self.lagCount {
                    figures.lags_ms.append(lag_ms)
                } else {
                    figures.lags_ms[figures.nextLag] = lag_ms
                }
                figures.nextLag = (figures.nextLag + 1) % Self.lagCount
            }
        }
    }

    /// The figures of this moment.
    func snapshot(now: Date) -> ServiceStatus {
        figures.withLock { figures in
            var status = figures.status
            status.now = now
            let counters = figures.counters
            status.input.messages = counters.messages
            status.input.reports = counters.reports
            status.input.late = counters.lateFixes
            status.input.duplicates = counters.duplicateFixes
            status.input.rejected = counters.rejectedFixes
            status.input.deadLetters = counters.deadLetters
            status.input.skipped = counters.skipped
            status.input.otherTypes = counters.otherTypes
            status.input.queries = counters.queries
            status.input.messagesPerSecond = figures.rate.perSecond(now_s: now.timeIntervalSince1970)
            status.output.eventsPerSecond = figures.eventRate.perSecond(now_s: now.timeIntervalSince1970)
            let sorted = figures.lags_ms.sorted()
            if let last = sorted.indices.last {
                status.input.lag_ms_p50 = sorted[last / 2]
                status.input.lag_ms_p99 = sorted[last * 99 / 100]
            }
            for type in EventType.allCases {
                let count = counters.events[Int(type.rawValue)]
                if count > 0 { status.events[type.qualifiedName] = count }
            }
            return status
        }
    }
}

/// A rate over the last whole seconds.
struct RateMeter: Sendable {
    private static let window = 5
    private var counts = [Double](repeating: 0, count: RateMeter.window + 1)
    private var second: Int?

    mutating func add(_ count: Double, now_s: Double) {
        advance(to: Int(now_s))
        counts[Int(now_s) % counts.count] += count
    }

    mutating func perSecond(now_s: Double) -> Double {
        advance(to: Int(now_s))
        let current = Int(now_s) % counts.count
        return (counts.reduce(0, +) - counts[current]) / Double(Self.window)
    }

    private mutating func advance(to now: Int) {
        let last = second ?? now
        second = max(last, now)
        guard now > last else { return }
        for step in 1...min(now - last, counts.count) { counts[(last + step) % counts.count] = 0 }
    }
}
