/// Draws a `DemoSnapshot` on a terminal of a given size. Pure: the same snapshot gives the same text.
package enum DemoScreen {
    /// Whether lines carry colours and weights; the text is the same.
    package enum Style: Sendable, Equatable {
        case plain
        case colour
    }

    /// Narrower or lower than this it shows one line only.
    private static let width_min = 24
    private static let height_min = 4

    /// The whole screen, drawn over the previous one: the cursor goes home, each line ends with a clear to its end, and the
    /// rest is cleared. Nothing is blanked before it is drawn, so nothing flickers. At most `height` lines of at most
    /// `width` columns, none ended by a line feed that would scroll.
    package static func render(_ snapshot: DemoSnapshot, width: Int, height: Int, style: Style) -> String {
        var text = "\u{1B}[H"
        for (index, line) in lines(snapshot, width: width, height: height).enumerated() {
            if index > 0 { text += "\r\n" }
            text += line.rendered(style)
            // After the last column the cursor still stands on it, and a clear would take the character there.
            if line.columns < width { text += "\u{1B}[K" }
        }
        return text + "\u{1B}[J"
    }

    /// The screen's lines without colours and cursor movements.
    package static func plainLines(_ snapshot: DemoSnapshot, width: Int, height: Int) -> [String] {
        lines(snapshot, width: width, height: height).map { $0.rendered(.plain) }
    }

    /// One line for where there is no terminal, or one that cannot be drawn on.
    package static func statusLine(_ snapshot: DemoSnapshot) -> String {
        var text = "\(grouped(snapshot.vehiclesOnline)) of \(grouped(snapshot.vehicles)) vehicles online, "
        text += "\(grouped(snapshot.messages)) messages (\(rate(snapshot.messagesPerSecond))/s), "
        text +=
            "\(grouped(snapshot.events)) events, lag \(lag(snapshot.lagMedian_ms)), outbox \(grouped(snapshot.outboxDepth)), "
        text += "dead letters \(grouped(snapshot.deadLetters))"
        if let deliveries = snapshot.deliveries, deliveries.total > 0 { text += ", " + summary(deliveries, snapshot) }
        return text + (snapshot.trouble.map { ", " + DisplayWidth.truncated($0, to: 80) } ?? "")
    }

    // MARK: Layout

    static func lines(_ snapshot: DemoSnapshot, width: Int, height: Int) -> [ScreenLine] {
        guard width > 0, height > 0 else { return [] }
        guard width >= width_min, height >= height_min else {
            return [ScreenLine(width: width).adding(statusLine(snapshot))]
        }
        var lines = [title(snapshot, width: width)]
        if let trouble = snapshot.trouble { lines.append(ScreenLine(width: width).adding(" ! " + trouble, .trouble)) }
        lines += figures(snapshot, width: width, totalsMax: height < 32 ? 1 : 2)
        var footer = ScreenLine(width: width)
        if !snapshot.window.isEmpty { footer = footer.adding(" Map: ", .faint).adding(snapshot.window + " ", .figure) }
        footer = footer.adding(" Ctrl-C stops broker, processor and simulator.", .faint)
        // Where the window is low, the figures go before the list, and the list before the way out.
        lines = Array(lines.prefix(height - 1))
        if snapshot.deliveries != nil {
            // The larger part of what is left: there are more events than arrivals, but they are read less.
            lines += deliveries(snapshot, width: width, rows: (height - lines.count - 1) * 6 / 11)
        }
        let room = height - lines.count - 1
        if room >= 3 { lines += eventList(snapshot, width: width, rows: room - 2) }
        while lines.count < height - 1 { lines.append(ScreenLine(width: width)) }
        return lines + [footer]
    }

    private static func title(_ snapshot: DemoSnapshot, width: Int) -> ScreenLine {
        let left = " Fleetstream demo"
        let right = "\(snapshot.broker)  up \(duration(snapshot.uptime_s)) "
        let gap = width - DisplayWidth.columns(of: left) - DisplayWidth.columns(of: right)
        guard gap >= 2 else { return ScreenLine(width: width).adding(left, .title) }
        return ScreenLine(width: width).adding(left, .title).adding(String(repeating: " ", count: gap))
            .adding(right, .faint)
    }

    /// The figures: on a wide window several a line, on a narrow one fewer, never cut in the middle.
    ///
    /// - Parameter totalsMax: with deliveries there are many types of events, and room for this many lines of the most
    ///   frequent ones.
    private static func figures(_ snapshot: DemoSnapshot, width: Int, totalsMax: Int) -> [ScreenLine] {
        let groups: [[(label: String, value: String)]] = [
            [
                ("vehicles", grouped(snapshot.vehicles)), ("online", grouped(snapshot.vehiclesOnline)),
                ("moving", grouped(snapshot.vehiclesMoving)),
            ],
            [
                ("messages", grouped(snapshot.messages)), ("per second", rate(snapshot.messagesPerSecond)),
                ("lag p50", lag(snapshot.lagMedian_ms)), ("p99", lag(snapshot.lag99th_ms)),
            ],
            [
                ("events", grouped(snapshot.events)), ("per second", rate(snapshot.eventsPerSecond)),
                ("outbox", grouped(snapshot.outboxDepth)), ("dead letters", grouped(snapshot.deadLetters)),
                ("store", size(snapshot.store_bytes)),
            ],
            // By number, then by name, so that the order does not depend on the dictionary's.
            snapshot.eventTotals.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, grouped($0.value)) },
        ]
        let lines = groups.dropLast().flatMap { flow($0, width: width) }
        let totals = flow(groups.last ?? [], width: width)
        let shown = snapshot.deliveries == nil ? totals[...] : totals.prefix(totalsMax)
        return [ScreenLine(width: width)] + lines + shown + [ScreenLine(width: width)]
    }

    private static func flow(_ items: [(label: String, value: String)], width: Int) -> [ScreenLine] {
        var lines: [ScreenLine] = []
        var line = ScreenLine(width: width)
        for item in items {
            // A column of at least 20, so that the figures of neighbouring lines stand below each other, four at 80.
            let needed = max(20, DisplayWidth.columns(of: " \(item.label) \(item.value) "))
            if line.columns > 0, line.columns + needed > width {
                lines.append(line)
                line = ScreenLine(width: width)
            }
            let columnsBefore = line.columns
            line = line.adding(" \(item.label) ", .faint).adding(item.value, .figure)
            let padding = min(columnsBefore + needed, width) - line.columns
            line = line.adding(String(repeating: " ", count: max(0, padding)))
        }
        return line.columns > 0 ? lines + [line] : lines
    }

    /// A heading and the newest events, newest first.
    private static func eventList(_ snapshot: DemoSnapshot, width: Int, rows: Int) -> [ScreenLine] {
        // " hh:mm:ss  vehicle  type  about"; what it is about takes what is left.
        let vehicleWidth = min(16, max(8, width / 6))
        // 18 holds prohibited_entered; of partially_delivered the last letter is missing.
        let typeWidth = width >= 72 ? 18 : max(9, width / 5)
        func row(_ cells: (String, String, String, String), _ tone: ScreenLine.Tone, _ typeTone: ScreenLine.Tone)
            -> ScreenLine
        {
            ScreenLine(width: width)
                .adding(
                    " \(DisplayWidth.fitted(cells.0, to: 8))  \(DisplayWidth.fitted(cells.1, to: vehicleWidth))  ", tone
                )
                .adding(DisplayWidth.fitted(cells.2, to: typeWidth) + "  ", typeTone)
                .adding(cells.3, tone)
        }
        var lines = [
            row(("time", "vehicle", "event", snapshot.deliveries == nil ? "geofence" : "about"), .faint, .faint)
        ]
        for event in snapshot.newestEvents.prefix(rows) {
            let time = clock(event.time_ms, utcOffset_s: snapshot.utcOffset_s)
            lines.append(row((time, event.vehicle, event.type, event.about), .normal, tone(of: event.type)))
        }
        return lines
    }

    private static func tone(of type: String) -> ScreenLine.Tone {
        switch type {
        case "entered", "online", "delivered", "completed": .good
        case "prohibited_entered", "outside_hours", "position_rejected", "failed", "refused", "at_risk", "disputed",
            "sos":
            .trouble
        case "exited", "crossed", "arrived", "sms request": .notice
        default: .normal
        }
    }

    // MARK: Figures as text

    /// `1,234,567`
    static func grouped(_ number: Int) -> String {
        var result = ""
        let digits = String(number.magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return number < 0 ? "-" + result : result
    }

    /// One decimal below ten, none above; `–` for what is no number.
    static func rate(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "–" }
        let tenths = Int((value * 10).rounded())
        return abs(tenths) < 100 ? "\(tenths / 10).\(abs(tenths % 10))" : grouped(Int(value.rounded()))
    }

    static func lag(_ value_ms: Double?) -> String {
        guard let value_ms, value_ms.isFinite else { return "–" }
        return value_ms < 10_000 ? "\(rate(value_ms)) ms" : "\(rate(value_ms / 1000)) s"
    }

    static func size(_ bytes: Int) -> String {
        var value = Double(max(0, bytes))
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1024, units.count > 1 {
            value /= 1024
            units.removeFirst()
        }
        return (units.first == "B" ? "\(max(0, bytes))" : rate(value)) + " " + (units.first ?? "")
    }

    /// `45 s`, `2 min 05 s`, `3 h 07 min`
    static func duration(_ seconds: Int) -> String {
        let seconds = max(0, seconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(two(seconds % 60)) s" }
        return "\(grouped(seconds / 3600)) h \(two(seconds / 60 % 60)) min"
    }

    /// `hh:mm:ss` at the given distance from UTC.
    static func clock(_ time_ms: Int64, utcOffset_s: Int) -> String {
        let day_s: Int64 = 86_400
        // Floor division: times before 1970 must not run backwards.
        let second = Int64((Double(time_ms) / 1000).rounded(.down)).addingReportingOverflow(Int64(utcOffset_s))
            .partialValue
        let ofDay = Int(((second % day_s) + day_s) % day_s)
        return [ofDay / 3600, ofDay / 60 % 60, ofDay % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }.joined(separator: ":")
    }
}
