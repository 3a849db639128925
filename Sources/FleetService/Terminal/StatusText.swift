import Foundation

/// The figures of a running service in words: what `fleetstream status` prints once, and `fleetstream top` again and again.
enum StatusText {
    /// What the figures are about, and the figures. Without a label they go on with what stands above.
    struct Row: Sendable, Equatable {
        var label: String
        var text: String
        /// Somebody should look at it.
        var isTrouble = false

        init(_ label: String, _ text: String, isTrouble: Bool = false) {
            self.label = label
            self.text = text
            self.isTrouble = isTrouble
        }
    }

    /// Columns of the labels.
    static let labelWidth = 14
    /// Behind the row with this label stand the types.
    static let eventsLabel = "events"

    /// All rows but those of the events by type, in the order in which they are read.
    static func rows(_ status: ServiceStatus) -> [Row] {
        process(status) + fleet(status) + dispatch(status.dispatch) + input(status) + output(status)
    }

    /// `geofence.entered 2`, by type.
    static func events(_ status: ServiceStatus) -> [String] {
        status.events.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    }

    /// Everything, a row a line.
    static func text(_ status: ServiceStatus) -> String {
        var rows = rows(status)
        if let place = rows.firstIndex(where: { $0.label == eventsLabel }) {
            rows.insert(contentsOf: events(status).map { Row("", $0) }, at: place + 1)
        }
        return rows.map(line).joined()
    }

    private static func line(_ row: Row) -> String { padded(row.label) + row.text + "\n" }

    static func padded(_ label: String) -> String {
        label.padding(toLength: labelWidth, withPad: " ", startingAt: 0)
    }

    // MARK: - Parts

    private static func process(_ status: ServiceStatus) -> [Row] {
        let uptime_s = Int(status.now.timeIntervalSince(status.started))
        let problem = status.broker.lastError.isEmpty ? "" : " — \(status.broker.lastError)"
        return [
            Row(
                "state", status.state + (status.reason.isEmpty ? "" : " — \(status.reason)"),
                isTrouble: status.state != "running"),
            Row("process", "pid \(status.pid), up \(uptime_s) s, \(status.version)"),
            Row(
                "broker",
                "\(status.broker.address) \(status.broker.isConnected ? "connected" : "AWAY\(problem)")"
                    + ", \(status.broker.reconnects) reconnects",
                isTrouble: !status.broker.isConnected),
        ]
    }

    private static func fleet(_ status: ServiceStatus) -> [Row] {
        [
            Row(
                "vehicles",
                "\(status.vehicles.total) known, \(status.vehicles.online) online, \(status.vehicles.moving) moving, "
                    + "\(status.vehicles.insideGeofences) inside geofences"),
            Row("geofences", "\(status.geofences)"),
        ]
    }

    private static func dispatch(_ dispatch: ServiceStatus.Dispatch) -> [Row] {
        var rows = [
            Row(
                "deliveries",
                "\(dispatch.deliveryCount)" + (dispatch.deliveryCount > 0 ? ": \(dispatch.deliveryText)" : "")
                    + (dispatch.atRisk > 0 ? "; \(dispatch.atRisk) at risk" : "")),
            Row(
                "dispatch",
                "\(dispatch.vehiclesOnTrip) vehicles on a trip, \(dispatch.openCommands) commands open, "
                    + "\(dispatch.waitingForReference) waiting for an order or customer"),
            Row(
                "messages",
                "\(dispatch.messagesWaiting) waiting to be sent, \(dispatch.messagesUnderWay) without a receipt"),
        ]
        if let roads = dispatch.roads { rows.append(self.roads(roads)) }
        return rows
    }

    private static func roads(_ roads: RoadStatistics) -> Row {
        let reasons = roads.failures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        var text = "\(roads.questions) ways asked for, \(roads.answers) found, \(roads.cacheHits) in the cache"
        if !reasons.isEmpty { text += ", not found: " + reasons.joined(separator: ", ") }
        text += String(format: ", p99 %.0f ms", roads.latency_ms_p99)
        let isLeftAlone = roads.breaker != "closed"
        if isLeftAlone { text += ", LEFT ALONE" + (roads.lastError.isEmpty ? "" : " — \(roads.lastError)") }
        return Row("roads", text, isTrouble: isLeftAlone)
    }

    private static func input(_ status: ServiceStatus) -> [Row] {
        [
            Row(
                "input",
                "\(status.input.messages) messages, \(status.input.reports) reports, "
                    + String(format: "%.0f/s", status.input.messagesPerSecond)),
            Row(
                "",
                "\(status.input.late) late, \(status.input.duplicates) duplicates, \(status.input.rejected) rejected, "
                    + "\(status.input.deadLetters) dead letters, \(status.input.redeliveriesDropped) redeliveries dropped"
                    + (status.input.otherTypes > 0 ? ", \(status.input.otherTypes) of other types" : "")),
            Row(
                "lag",
                String(
                    format: "p50 %.1f ms, p99 %.1f ms from receipt to commit", status.input.lag_ms_p50,
                    status.input.lag_ms_p99)),
        ]
    }

    private static func output(_ status: ServiceStatus) -> [Row] {
        var rows = status.window.isEmpty ? [] : [Row("window", status.window)]
        rows.append(Row(eventsLabel, "\(status.events.values.reduce(0, +))"))
        rows.append(
            Row(
                "outbox",
                "\(status.output.outboxDepth) unpublished"
                    + (status.output.outboxDepth > 0
                        ? String(format: ", oldest %.1f s", status.output.outboxOldestAge_s) : "")
                    + ", \(status.output.published) published"
                    + (status.output.refused > 0 ? ", \(status.output.refused) REFUSED by the broker" : ""),
                isTrouble: status.output.refused > 0))
        rows.append(
            Row(
                "store",
                "\(status.store.path), \((status.store.fileBytes + status.store.walBytes) >> 10) KiB, "
                    + "\(status.store.journalRows) batches, \(status.store.snapshots) snapshots, "
                    + String(format: "last commit %.1f ms", status.store.lastCommit_ms)))
        return rows
    }
}
