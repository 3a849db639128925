import Wire

/// Receipts: matched with requests, and missed where they do not come.
extension MessageDesk {
    /// Begins to wait for the receipt of a request.
    mutating func expectReceipt(_ id: Hash128, _ occasion: MessageOccasion, _ actions: inout [DeskAction]) {
        // The same request again, after all was forgotten that had been told: the gateway knows it by its id.
        guard outstanding[id] == nil else { return }
        awaited.append(id)
        outstanding[id] = Outstanding(occasion: occasion, sent_ms: now_ms)
        while outstanding.count > Self.outstanding_max {
            if let oldest = overdue.first {
                overdue.removeFirst()
                outstanding[oldest] = nil
            } else if let oldest = awaited.first {
                awaited.removeFirst()
                tellUnconfirmed(oldest, &actions)
                outstanding[oldest] = nil
                overdue.removeAll { $0 == oldest }
            } else {
                return
            }
        }
    }

    /// A receipt has come. One for no request that is known, or for one that has its end already, is counted and changes
    /// nothing; `.sent` is no end.
    ///
    /// - Parameter id: of the request's event.
    mutating func receipt(
        _ id: Hash128, _ status: MessageReceipt.Status, code: [UInt8], now_ms time_ms: Int64
    ) -> [DeskAction] {
        now_ms = max(now_ms, time_ms)
        guard let request = outstanding[id] else {
            counts.strayReceipts += 1
            return []
        }
        if status == .sent { return [] }
        outstanding[id] = nil
        if request.isUnconfirmed { overdue.removeAll { $0 == id } } else { awaited.removeAll { $0 == id } }
        let isDelivered = status == .delivered
        if isDelivered { counts.delivered += 1 } else { counts.failed += 1 }
        var event = outcome(isDelivered ? .smsDelivered : .smsFailed, id, request)
        if !isDelivered { event.data.member("reason", string: status.rawValue) }
        if !code.isEmpty {
            event.data.member("code")
            let shown = Array(code.prefix(64))
            event.data.appendJSON(stringBytes: shown.span)
        }
        return [.event(event)]
    }

    /// Tells of the requests whose receipts are overdue, and forgets those that have been so for long.
    mutating func tellUnconfirmed(_ actions: inout [DeskAction]) {
        let limit_ms = Int64(rules.receipt_s) * 1000
        var count = 0
        while count < awaited.count, let request = outstanding[awaited[count]], request.sent_ms + limit_ms <= now_ms {
            tellUnconfirmed(awaited[count], &actions)
            count += 1
        }
        awaited.removeFirst(count)
        var forgotten = 0
        while forgotten < overdue.count, let request = outstanding[overdue[forgotten]],
            request.sent_ms + limit_ms + Self.lateReceipt_ms <= now_ms
        {
            outstanding[overdue[forgotten]] = nil
            forgotten += 1
        }
        overdue.removeFirst(forgotten)
    }

    private mutating func tellUnconfirmed(_ id: Hash128, _ actions: inout [DeskAction]) {
        guard var request = outstanding[id] else { return }
        request.isUnconfirmed = true
        outstanding[id] = request
        overdue.append(id)
        counts.unconfirmed += 1
        actions.append(.event(outcome(.smsUnconfirmed, id, request)))
    }

    private func outcome(_ type: EventType, _ id: Hash128, _ request: Outstanding) -> DeskEvent {
        var cause: [UInt8] = []
        cause.append(hex: id.high)
        cause.append(hex: id.low)
        var event = event(type, request.occasion, cause: cause)
        event.id = identity(type, request.occasion, cause: cause)
        event.data.describe(request.occasion)
        event.data.member("request", hash: id)
        return event
    }

    /// Forgets what was told long ago; once an hour.
    mutating func forget() {
        guard now_ms >= nextForgetting_ms || told.count > Self.memory_max else { return }
        nextForgetting_ms = now_ms + 3_600_000
        var age_ms = Self.memory_ms
        repeat {
            let oldest_ms = now_ms - age_ms
            told = told.filter { $0.value.touched_ms > oldest_ms }
            age_ms /= 2
        } while told.count > Self.memory_max && age_ms > 0
    }
}
