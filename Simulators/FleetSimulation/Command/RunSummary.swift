/// The text at the end of a run.
struct RunSummary {
    var counts: RunCounts
    var vehicles: Int
    var wall_s: Double
    /// Nil where messages were printed.
    var delivery: DeliveryCounts?

    private static let dispatchLines: [(String, [MessageKind])] = [
        ("orders", [.order]), ("routes", [.route]), ("conditions", [.condition]), ("drivers' actions", [.driverAction]),
        ("commands asked for", [.command]), ("command results", [.commandResult]), ("SMS receipts", [.receipt]),
    ]

    var text: String {
        var lines = ["vehicles             \(vehicles)", "reports measured     \(counts.reports)"]
        if let delivery {
            lines.append("messages sent        \(delivery.sent)")
            lines.append("acknowledged         \(delivery.acknowledged)")
            lines.append("failed               \(delivery.failed)")
            if delivery.unsent > 0 { lines.append("never sent           \(delivery.unsent)") }
            lines.append("reconnects           \(delivery.reconnects)")
        } else {
            lines.append("messages printed     \(counts.totalMessages)")
        }
        let uploads = counts[MessageKind.upload]
        lines.append("  reports            \(counts[MessageKind.telemetry])")
        lines.append("  uploaded arrays    \(uploads) (\(counts.buffered) reports buffered, \(counts.dropped) dropped)")
        lines.append(
            "  status             \(counts[MessageKind.status]) (\(counts[MessageKind.lastWill]) connections lost)")
        lines.append("  master data        \(counts[MessageKind.masterData])")
        for (name, kinds) in Self.dispatchLines {
            let count = kinds.reduce(0) { $0 + counts[$1] }
            guard count > 0 else { continue }
            lines.append("  " + name + String(repeating: " ", count: 19 - name.count) + "\(count)")
        }
        lines.append("duplicates           \(counts.duplicates)")
        lines.append("late                 \(counts.late)")
        lines.append("teleports            \(counts.teleports)")
        lines.append("skewed clocks        \(counts.skewedVehicles) vehicles")
        lines.append("malformed            \(counts.totalMalformed)")
        for (kind, count) in zip(MalformedKind.allCases, counts.malformed) where count > 0 {
            let name = "  " + kind.rawValue
            lines.append(name + String(repeating: " ", count: max(1, 21 - name.count)) + "\(count)")
        }
        let rate = wall_s > 0 ? Int(Double(delivery?.sent ?? counts.totalMessages) / wall_s) : 0
        lines.append(
            "time                 \(Int(wall_s * 10 + 0.5) / 10).\(Int(wall_s * 10 + 0.5) % 10) s, \(rate) messages a second"
        )
        return lines.joined(separator: "\n")
    }
}

/// What became of the messages that were handed to the broker.
package struct DeliveryCounts: Sendable, Equatable {
    package var sent = 0
    /// By the broker; at QoS 0, written to the socket.
    package var acknowledged = 0
    /// Refused by the broker, or at QoS 0 written to no connection.
    package var failed = 0
    /// Never handed over, because a connection did not take them in time.
    package var unsent = 0
    package var reconnects = 0

    package init() {}
}
