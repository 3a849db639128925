import Foundation

/// Draws the figures of a running service on a terminal of a given size. Pure: the same figures give the same text.
enum TopScreen {
    /// The whole screen, drawn over the previous one without blanking it: see `DemoScreen.render`.
    static func render(
        _ status: ServiceStatus, trouble: String?, width: Int, height: Int, style: DemoScreen.Style
    ) -> String {
        var text = "\u{1B}[H"
        for (index, line) in lines(status, trouble: trouble, width: width, height: height).enumerated() {
            if index > 0 { text += "\r\n" }
            text += line.rendered(style)
            // After the last column the cursor still stands on it, and a clear would take the character there.
            if line.columns < width { text += "\u{1B}[K" }
        }
        return text + "\u{1B}[J"
    }

    /// At most `height` lines of at most `width` columns: the figures, the events by type as far as there is room, and how to
    /// end it.
    static func lines(_ status: ServiceStatus, trouble: String?, width: Int, height: Int) -> [ScreenLine] {
        guard width > 0, height > 0 else { return [] }
        if height == 1 { return [ScreenLine(width: width).adding(line(status, trouble: trouble))] }
        var lines: [ScreenLine] = []
        if let trouble { lines.append(ScreenLine(width: width).adding("! " + trouble, .trouble)) }
        lines += StatusText.rows(status).map { row in
            ScreenLine(width: width).adding(StatusText.padded(row.label), .faint)
                .adding(row.text, row.isTrouble ? .trouble : .normal)
        }
        lines += events(status, width: width)
        lines = Array(lines.prefix(height - 1))
        while lines.count < height - 1 { lines.append(ScreenLine(width: width)) }
        return lines + [ScreenLine(width: width).adding("q or Ctrl-C ends this view, not the process.", .faint)]
    }

    /// The events by type in columns as wide as the longest.
    private static func events(_ status: ServiceStatus, width: Int) -> [ScreenLine] {
        let texts = StatusText.events(status)
        let column = (texts.map { DisplayWidth.columns(of: $0) }.max() ?? 0) + 2
        let perLine = max(1, (width - StatusText.labelWidth) / column)
        return stride(from: 0, to: texts.count, by: perLine).map { start in
            texts[start..<min(start + perLine, texts.count)].reduce(
                ScreenLine(width: width).adding(StatusText.padded(""))
            ) { $0.adding(DisplayWidth.fitted($1, to: column)) }
        }
    }

    /// One line, for where there is no terminal.
    static func line(_ status: ServiceStatus, trouble: String?) -> String {
        var parts = [
            status.state,
            status.broker.isConnected ? nil : "broker AWAY",
            "\(status.vehicles.online) of \(status.vehicles.total) vehicles online",
            "\(status.input.messages) messages (\(DemoScreen.rate(status.input.messagesPerSecond))/s)",
            "\(status.events.values.reduce(0, +)) events",
            "lag p99 \(DemoScreen.lag(status.input.lag_ms_p99))",
            "\(status.dispatch.deliveryCount) deliveries",
            "\(status.dispatch.vehiclesOnTrip) vehicles on a trip",
            "outbox \(status.output.outboxDepth)",
            "dead letters \(status.input.deadLetters)",
        ].compactMap { $0 }
        if let trouble { parts.insert(trouble, at: 0) }
        return parts.joined(separator: ", ")
    }
}
