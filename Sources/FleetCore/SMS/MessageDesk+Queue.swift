import Wire

/// The queue: who waits, who goes first, who is dropped.
extension MessageDesk {
    // MARK: - Into the queue

    /// Lets a message wait. A full queue drops the newest of the least urgent ones, or the message itself.
    mutating func enqueue(_ message: Waiting, _ actions: inout [DeskAction]) {
        if waiting.count >= rules.queue_max { dropExpired(&actions) }
        if waiting.count >= rules.queue_max {
            let last = waiting.keys.max { left, right in
                let (a, b) = (waiting[left]?.priority ?? .normal, waiting[right]?.priority ?? .normal)
                return (a, left) < (b, right)
            }
            guard let last, let victim = waiting[last], victim.priority > message.priority else {
                return suppress(message.occasion, message.recipient, message.key, .queueFull, &actions)
            }
            drop(last, .queueFull, &actions)
        }
        lastTicket += 1
        tickets[message.key] = lastTicket
        nextExpiry_ms = min(nextExpiry_ms, message.expires_ms)
        place(message, lastTicket, &actions)
    }

    /// Puts a newer message in the place of one that waits under the same key.
    mutating func replace(
        _ ticket: Int64, _ old: Waiting, by message: Waiting, _ actions: inout [DeskAction]
    ) {
        suppress(old.occasion, old.recipient, old.key, .superseded, &actions)
        var message = message
        nextExpiry_ms = min(nextExpiry_ms, message.expires_ms)
        guard old.release_ms == nil, old.priority == message.priority, quietEnd_ms(message) == nil else {
            return move(ticket, to: message, &actions)
        }
        message.release_ms = nil
        waiting[ticket] = message
    }

    /// Puts a changed message at the end of where it belongs now.
    mutating func move(_ ticket: Int64, to message: Waiting, _ actions: inout [DeskAction]) {
        remove(ticket)
        lastTicket += 1
        tickets[message.key] = lastTicket
        place(message, lastTicket, &actions)
    }

    /// Stands a message in the queue, or lays it to sleep until quiet hours are over; drops it where that is too late.
    private mutating func place(_ message: Waiting, _ ticket: Int64, _ actions: inout [DeskAction]) {
        var message = message
        message.release_ms = quietEnd_ms(message)
        waiting[ticket] = message
        guard let release_ms = message.release_ms else {
            queues[Int(message.priority.rawValue)].append(ticket)
            return
        }
        if release_ms >= message.expires_ms { return drop(ticket, .quietHours, &actions) }
        let entry = (release_ms: release_ms, ticket: ticket)
        var low = 0
        var high = sleeping.count
        while low < high {
            let middle = (low + high) / 2
            if sleeping[middle] < entry { low = middle + 1 } else { high = middle }
        }
        sleeping.insert(entry, at: low)
    }

    /// When the quiet period ends in which a message must not be sent; nil where it may be.
    private func quietEnd_ms(_ message: Waiting) -> Int64? {
        if rules[message.occasion.kind].ignoresQuietHours { return nil }
        return message.quiet.first { $0.contains(now_ms) }?.upperBound
    }

    // MARK: - Out of the queue

    /// Sends what may be sent: by priority, in the order of arrival, as far as the budget goes.
    mutating func drain(_ actions: inout [DeskAction]) {
        wake(&actions)
        budget.fill(rules, now_ms: now_ms)
        for priority in queues.indices {
            var position = 0
            while position < queues[priority].count, budget.hasToken {
                let ticket = queues[priority][position]
                position += 1
                guard let message = waiting[ticket], message.release_ms == nil,
                    Int(message.priority.rawValue) == priority
                else { continue }
                if message.expires_ms <= now_ms {
                    drop(ticket, .expired, &actions)
                } else if quietEnd_ms(message) != nil {
                    place(message, ticket, &actions)
                } else {
                    send(message, ticket, &actions)
                }
            }
            queues[priority].removeFirst(position)
        }
        compact()
    }

    /// Stands those in the queue whose quiet hours are over.
    private mutating func wake(_ actions: inout [DeskAction]) {
        var count = 0
        while count < sleeping.count, sleeping[count].release_ms <= now_ms {
            let entry = sleeping[count]
            count += 1
            guard let message = waiting[entry.ticket], message.release_ms == entry.release_ms else { continue }
            place(message, entry.ticket, &actions)
        }
        sleeping.removeFirst(count)
    }

    /// Writes and sends one message.
    private mutating func send(_ message: Waiting, _ ticket: Int64, _ actions: inout [DeskAction]) {
        guard rules[message.occasion.kind].isEnabled,
            let language = language(message.recipient, message.occasion.kind),
            let template = language.texts[message.occasion.kind]
        else { return drop(ticket, .kindDisabled, &actions) }
        let values = MessageValues(message.occasion, message.recipient, language, rules, now_ms: now_ms)
        guard let text = template.rendered(values.text) else { return drop(ticket, .incomplete, &actions) }
        budget.take()
        remove(ticket)
        request(message, text, language, &actions)
    }

    // MARK: - Away

    /// Takes a message out and tells why.
    mutating func drop(_ ticket: Int64, _ reason: MessageSuppression, _ actions: inout [DeskAction]) {
        guard let message = waiting[ticket] else { return }
        remove(ticket)
        suppress(message.occasion, message.recipient, message.key, reason, &actions)
    }

    /// Takes a message out. Its ticket stays in the queue, to be passed over.
    private mutating func remove(_ ticket: Int64) {
        guard let message = waiting.removeValue(forKey: ticket) else { return }
        if tickets[message.key] == ticket { tickets[message.key] = nil }
    }

    mutating func dropExpired(_ actions: inout [DeskAction]) {
        guard nextExpiry_ms <= now_ms else { return }
        nextExpiry_ms = .max
        for ticket in waiting.keys.sorted() {
            guard let message = waiting[ticket] else { continue }
            if message.expires_ms <= now_ms {
                drop(ticket, .expired, &actions)
            } else {
                nextExpiry_ms = min(nextExpiry_ms, message.expires_ms)
            }
        }
    }

    /// Removes tickets of messages that wait no more, where there are many of them.
    private mutating func compact() {
        let most = 2 * waiting.count + 64
        guard sleeping.count + queues.reduce(0, { $0 + $1.count }) > most else { return }
        sleeping.removeAll { waiting[$0.ticket]?.release_ms != $0.release_ms }
        for priority in queues.indices {
            queues[priority].removeAll { ticket in
                guard let message = waiting[ticket] else { return true }
                return message.release_ms != nil || Int(message.priority.rawValue) != priority
            }
        }
    }
}
