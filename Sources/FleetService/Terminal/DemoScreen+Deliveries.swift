/// The part about deliveries.
extension DemoScreen {
    /// In the order of a delivery's life. What is not here (a word of a later version) comes after them, by name.
    private static let statuses: [(word: String, text: String)] = [
        ("planned", "planned"), ("assigned", "assigned"), ("loaded", "loaded"), ("en_route", "on the way"),
        ("arrived", "arrived"), ("servicing", "at the door"), ("departed", "left"), ("delivered", "delivered"),
        ("partially_delivered", "in part"), ("failed", "failed"), ("refused", "refused"),
        ("reschedule_requested", "put off"), ("cancelled", "cancelled"),
    ]

    /// Fewer rows than this are left to the events: counts, a heading, one arrival, an empty line.
    private static let rows_min = 4

    /// For the one line: `17 of 62 delivered, next O-12 by truck-03 at 14:02:11`.
    static func summary(_ deliveries: DemoSnapshot.Deliveries, _ snapshot: DemoSnapshot) -> String {
        let delivered = (deliveries.byStatus["delivered"] ?? 0) + (deliveries.byStatus["partially_delivered"] ?? 0)
        let text = "\(grouped(delivered)) of \(grouped(deliveries.total)) delivered"
        guard let next = deliveries.next.first, let p50_ms = next.p50_ms else { return text }
        return text + DisplayWidth.truncated(", next \(next.stop) by \(next.vehicle)", to: 60)
            + " at \(clock(p50_ms, utcOffset_s: snapshot.utcOffset_s))"
    }

    /// Counts by status, and the next arrivals in what is left of `rows`.
    static func deliveries(_ snapshot: DemoSnapshot, width: Int, rows: Int) -> [ScreenLine] {
        guard let deliveries = snapshot.deliveries, rows >= rows_min else { return [] }
        var lines = counts(deliveries, width: width)
        let room = rows - lines.count - 2
        if room > 0, !deliveries.next.isEmpty {
            lines.append(
                arrival(("stop", "customer", "vehicle", "arrives", "by", "window", ""), width: width, .faint, .faint))
            for next in deliveries.next.prefix(room) { lines.append(row(next, snapshot, width: width)) }
        }
        return Array(lines.prefix(rows - 1)) + [ScreenLine(width: width)]
    }

    /// ` Deliveries 62   on the way 31   delivered 17 …`, in as many lines as it takes, two at most.
    private static func counts(_ deliveries: DemoSnapshot.Deliveries, width: Int) -> [ScreenLine] {
        let known = statuses.map(\.word)
        let others = deliveries.byStatus.keys.filter { !known.contains($0) }.sorted().map { (word: $0, text: $0) }
        var items: [(label: String, value: String, tone: ScreenLine.Tone)] = [
            ("Deliveries", grouped(deliveries.total), .figure)
        ]
        for status in statuses + others {
            guard let count = deliveries.byStatus[status.word], count > 0 else { continue }
            items.append((status.text, grouped(count), tone(ofStatus: status.word)))
        }
        if deliveries.atRisk > 0 { items.append(("at risk", grouped(deliveries.atRisk), .trouble)) }
        var lines: [ScreenLine] = []
        var line = ScreenLine(width: width)
        for (index, item) in items.enumerated() {
            let needed = DisplayWidth.columns(of: " \(item.label) \(item.value) ")
            if line.columns > 0, line.columns + needed > width {
                lines.append(line)
                line = ScreenLine(width: width)
            }
            line = line.adding(" \(item.label) ", index == 0 ? .title : .faint).adding(item.value, item.tone)
                .adding(" ")
        }
        if line.columns > 0 { lines.append(line) }
        return Array(lines.prefix(2))
    }

    private static func row(_ next: DemoSnapshot.Arrival, _ snapshot: DemoSnapshot, width: Int) -> ScreenLine {
        func clock(_ time_ms: Int64?, seconds: Bool = false) -> String {
            guard let time_ms else { return "–" }
            let text = Self.clock(time_ms, utcOffset_s: snapshot.utcOffset_s)
            return seconds ? text : String(text.prefix(5))
        }
        let hasWindow = next.windowFrom_ms != nil || next.windowTo_ms != nil
        let window = hasWindow ? "\(clock(next.windowFrom_ms))–\(clock(next.windowTo_ms))" : ""
        let note = next.isAtRisk ? "at risk" : next.isEmergency ? "emergency" : ""
        return arrival(
            (
                next.stop, next.customer, next.vehicle, clock(next.p50_ms, seconds: true),
                clock(next.p90_ms, seconds: true), window, note
            ), width: width, .normal, next.isAtRisk ? .trouble : .notice)
    }

    /// The columns of the table: ` stop  customer  vehicle  arrives  by  window  note`; without the later time below 100
    /// columns, and without the customer below 76.
    private static func arrival(
        _ cells: (String, String, String, String, String, String, String), width: Int, _ tone: ScreenLine.Tone,
        _ noteTone: ScreenLine.Tone
    ) -> ScreenLine {
        let isWide = width >= 100
        var text = " \(DisplayWidth.fitted(cells.0, to: isWide ? 16 : 14))  "
        if width >= 76 { text += "\(DisplayWidth.fitted(cells.1, to: isWide ? 16 : 12))  " }
        text += "\(DisplayWidth.fitted(cells.2, to: isWide ? 16 : 8))  \(DisplayWidth.fitted(cells.3, to: 8))  "
        if isWide { text += "\(DisplayWidth.fitted(cells.4, to: 8))  " }
        text += "\(DisplayWidth.fitted(cells.5, to: 11))  "
        return ScreenLine(width: width).adding(text, tone).adding(cells.6, noteTone)
    }

    private static func tone(ofStatus word: String) -> ScreenLine.Tone {
        switch word {
        case "delivered": .good
        case "failed", "refused": .trouble
        case "arrived", "servicing": .notice
        default: .figure
        }
    }
}
