import FleetCore
import Foundation
import Telemetry
import Window

/// The families of the service in `/metrics`. Labels have the values of enumerations, of this program's own reasons, and the
/// numbers of shards: never those of vehicles, customers or topics.
enum MetricsPage {
    static func append(
        _ status: ServiceStatus, _ counters: Counters, _ measured: ServiceMetrics, to text: inout MetricsText
    ) {
        appendProcess(status, to: &text)
        appendInput(status, counters, measured, to: &text)
        appendFleet(status, counters, to: &text)
        appendDispatch(status.dispatch, to: &text)
        appendDeliveries(counters, measured, to: &text)
        appendOutput(status, to: &text)
        appendEngine(status, measured, to: &text)
    }

    private static func appendProcess(_ status: ServiceStatus, to text: inout MetricsText) {
        text.family("fleetstream_info", .gauge, "1, with the version.")
        text.sample(1, [("version", status.version)])
        text.single(
            "fleetstream_start_time_seconds", .gauge, "When the process started, in seconds since 1970.",
            status.started.timeIntervalSince1970)
        text.single(
            "fleetstream_running", .gauge, "1 while messages are processed, 0 otherwise.",
            status.state == "running" ? 1 : 0)
        text.single(
            "fleetstream_broker_connected", .gauge, "1 while the broker is connected.",
            status.broker.isConnected ? 1 : 0)
        text.single(
            "fleetstream_broker_reconnects_total", .counter, "Connections to the broker that were made again.",
            Double(status.broker.reconnects))
    }

    private static func appendInput(
        _ status: ServiceStatus, _ counters: Counters, _ measured: ServiceMetrics, to text: inout MetricsText
    ) {
        text.family(
            "fleetstream_messages_total", .counter, "Messages by format; own topics of every kind are native.")
        let adapted = counters.adapted.reduce(0, +)
        for format in TelemetryFormat.allCases {
            let own = format == .native ? max(0, counters.messages - adapted) : 0
            text.sample(own + counters.adapted[format.number], [("format", format.rawValue)])
        }
        text.family("fleetstream_message_results_total", .counter, "Messages by what became of them.")
        text.sample(measured.results.used, [("result", "used")])
        text.sample(measured.results.deadLetter, [("result", "dead_letter")])
        text.sample(measured.results.skipped, [("result", "skipped")])
        text.single(
            "fleetstream_reports_total", .counter, "Reports; a message may carry many.", Double(counters.reports))
        text.family("fleetstream_fixes_total", .counter, "Positions by what became of them.")
        text.sample(counters.acceptedFixes, [("result", "taken")])
        text.sample(counters.lateFixes, [("result", "late")])
        text.sample(counters.duplicateFixes, [("result", "duplicate")])
        text.sample(counters.rejectedFixes, [("result", "rejected")])
        text.family("fleetstream_rejections_total", .counter, "Positions that were not believed, by reason.")
        for (reason, count) in measured.rejections.sorted(by: { $0.key < $1.key }) {
            text.sample(count, [("reason", reason)])
        }
        text.single(
            "fleetstream_dead_letters_total", .counter, "Messages or reports that could not be used.",
            Double(counters.deadLetters))
        text.family("fleetstream_dead_letter_reasons_total", .counter, "The same by reason.")
        for (reason, count) in measured.deadLetters.sorted(by: { $0.key < $1.key }) {
            text.sample(count, [("reason", reason)])
        }
        text.single(
            "fleetstream_skipped_total", .counter, "Messages of topics that are no input.", Double(counters.skipped))
        text.single(
            "fleetstream_other_types_total", .counter, "Messages of trackers that are neither report nor status.",
            Double(counters.otherTypes))
        text.single("fleetstream_queries_total", .counter, "Queries of dispatch.", Double(counters.queries))
        text.single(
            "fleetstream_redeliveries_dropped_total", .counter,
            "Messages that the broker sent again though they were committed.",
            Double(status.input.redeliveriesDropped))
    }

    private static func appendFleet(_ status: ServiceStatus, _ counters: Counters, to text: inout MetricsText) {
        text.family("fleetstream_vehicles", .gauge, "Vehicles: all that are known, and how many of them are online, …")
        text.sample(status.vehicles.total, [("what", "known")])
        text.sample(status.vehicles.online, [("what", "online")])
        text.sample(status.vehicles.moving, [("what", "moving")])
        text.sample(status.vehicles.insideGeofences, [("what", "inside_geofences")])
        text.single("fleetstream_geofences", .gauge, "Geofences over all fleets.", Double(status.geofences))
        text.family("fleetstream_events_total", .counter, "Events by type.")
        for type in EventType.allCases {
            text.sample(counters.events[Int(type.rawValue)], [("type", type.qualifiedName)])
        }
    }

    private static func appendOutput(_ status: ServiceStatus, to text: inout MetricsText) {
        text.single(
            "fleetstream_published_total", .counter, "Messages that the broker confirmed.",
            Double(status.output.published))
        text.single(
            "fleetstream_publish_refused_total", .counter, "Messages that the broker refused.",
            Double(status.output.refused))
        text.single(
            "fleetstream_outbox_messages", .gauge, "Messages that wait for the broker's confirmation.",
            Double(status.output.outboxDepth))
        text.single(
            "fleetstream_outbox_oldest_age_seconds", .gauge, "Age of the oldest of them.",
            status.output.outboxOldestAge_s)
    }

    private static func appendEngine(
        _ status: ServiceStatus, _ measured: ServiceMetrics, to text: inout MetricsText
    ) {
        text.family(
            "fleetstream_lag_seconds", .histogram, "From the receipt of a batch's first message to its commit.")
        text.sample(measured.lag_s)
        text.single(
            "fleetstream_current_lag_seconds", .gauge, "How far the service is behind now.",
            measured.currentLag_s(now_s: status.now.timeIntervalSince1970))
        text.family("fleetstream_commit_seconds", .histogram, "How long a commit to the disk took.")
        text.sample(measured.commit_s)
        text.family("fleetstream_batch_messages", .histogram, "Messages in a batch.")
        text.sample(measured.batch_messages)
        text.family("fleetstream_shard_items_total", .counter, "Pieces of work that a shard has done.")
        for shard in measured.shards { text.sample(shard.items, [("shard", "\(shard.number)")]) }
        text.family("fleetstream_shard_busy_seconds_total", .counter, "How long a shard has worked.")
        for shard in measured.shards { text.sample(shard.busy_s, [("shard", "\(shard.number)")]) }
        text.family("fleetstream_store_bytes", .gauge, "Size of the store's files.")
        text.sample(status.store.fileBytes, [("file", "database")])
        text.sample(status.store.walBytes, [("file", "wal")])
        text.single("fleetstream_journal_rows", .gauge, "Batches in the journal.", Double(status.store.journalRows))
        text.single(
            "fleetstream_stored_dead_letters", .gauge, "Dead letters that are kept.", Double(status.store.deadLetters))
    }
}
