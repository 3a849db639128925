import FleetCore
import Foundation
import Store

/// What becomes of a request by the answers of the provider.
extension SMSBridgeLoop {
    mutating func handle(_ result: CallResult) throws(StoreError) {
        inFlight.remove(result.entry.id)
        let now_ms = clock_ms()
        switch result.answer {
        case .failure(let failure):
            logger.warning("the provider does not answer: \(failure.reason)", once: "provider")
            if failure.isUnsent { pause(now_ms, nil) }
            var entry = result.entry
            if result.call == .post, failure.isUnsent {
                // Nothing was sent: this was no attempt.
                entry.state = .queued
                entry.attempts -= 1
            }
            entry.due_ms = now_ms + delay_ms(max(entry.attempts, 1), nil)
            try ledger.update(entry)
        case .success(let answer):
            try handle(answer, of: result, now_ms)
        }
    }

    private mutating func handle(_ answer: HTTPAnswer, of result: CallResult, _ now_ms: Int64) throws(StoreError) {
        let outcome: TwilioAPI.Outcome
        if result.call == .find {
            let ledger = ledger
            outcome = TwilioAPI.search(answer, for: result.entry, now_ms: now_ms) { sid in
                // What cannot be known to be free is not taken for ours.
                (try? ledger.isKnown(providerID: sid)) ?? true
            }
        } else {
            outcome = TwilioAPI.outcome(answer, now_ms: now_ms)
        }
        if case .unauthorized = outcome {} else { outages = 0 }
        switch outcome {
        case .message(let message): try take(message, result.entry, now_ms)
        case .none, .unsupported: try miss(result, isListed: outcome == .none, now_ms)
        case .retry(let code, let reason, let after_s, let isLimit):
            logger.warning("the provider: \(reason)", once: "provider", ["code": .string(code)])
            try again(result, code: code, reason: reason, after_s: after_s, isLimit: isLimit, now_ms)
        case .refused(let code, let reason):
            if result.call == .post { return try finish(result.entry, .failed, code: code, reason: reason) }
            logger.error("the provider refuses to answer: \(reason)", once: "provider", ["code": .string(code)])
            var entry = result.entry
            entry.due_ms = now_ms + Int64(bridge.retryMax_s * 1000)
            try ledger.update(entry)
        case .unauthorized(let reason):
            logger.error(
                "the provider refuses the account or its token: \(reason); nothing is sent until that is mended",
                once: "account")
            pause(now_ms, nil)
            var entry = result.entry
            if result.call == .post {
                entry.state = .queued
                entry.attempts -= 1
            }
            entry.due_ms = pausedUntil_ms
            try ledger.update(entry)
        }
    }

    /// The provider has the message.
    private mutating func take(
        _ message: TwilioAPI.Message, _ entry: LedgerEntry, _ now_ms: Int64
    ) throws(StoreError) {
        var entry = entry
        let isNew = entry.state == .posting
        entry.providerID = message.sid
        if isNew {
            entry.state = .accepted
            entry.accepted_ms = now_ms
        }
        guard let end = message.end else {
            let interval_ms = Int64(bridge.pollInterval_s * 1000)
            // Half as long again each time, reckoned from the time that has passed.
            entry.due_ms = now_ms + max(interval_ms, (now_ms - entry.accepted_ms) / 2)
            try ledger.update(entry, receipt: isNew ? receipt(.sent, entry) : nil)
            if isNew { onReceipt() }
            return
        }
        let mayRetry = end != .delivered && TwilioAPI.retriableCodes.contains(message.code)
        if mayRetry, entry.attempts < bridge.attempts, entry.expires_ms > now_ms {
            logger.info("a message is sent again", ["request": .string(entry.id), "code": .string(message.code)])
            entry.state = .queued
            entry.due_ms = now_ms + delay_ms(entry.attempts, nil)
            return try ledger.update(entry)
        }
        try finish(entry, end, code: message.code, reason: "")
    }

    /// There is no such message: it was never taken, or is gone.
    private mutating func miss(_ result: CallResult, isListed: Bool, _ now_ms: Int64) throws(StoreError) {
        var entry = result.entry
        switch result.call {
        case .post:
            try finish(entry, .failed, code: "404", reason: "the provider has no such account or address")
        case .fetch:
            entry.due_ms = now_ms + Int64(bridge.retryMax_s * 1000)
            try ledger.update(entry)
        case .find where isListed || entry.isAnswered:
            let code = entry.isAnswered ? "server_error" : "no_answer"
            try repeatPost(entry, code: code, reason: "the provider did not take it", after_s: nil, now_ms)
        case .find:
            // Nobody can tell whether it was sent. Twice would be worse than not at all.
            try finish(entry, .failed, code: "unknown", reason: "its outcome is unknown, and the provider has no list")
        }
    }

    private mutating func again(
        _ result: CallResult, code: String, reason: String, after_s: Double?, isLimit: Bool, _ now_ms: Int64
    ) throws(StoreError) {
        var entry = result.entry
        if isLimit { pause(now_ms, after_s ?? Double(delay_ms(max(entry.attempts, 1), nil)) / 1000) }
        guard result.call == .post else {
            entry.due_ms = now_ms + delay_ms(max(entry.attempts, 1), after_s)
            return try ledger.update(entry)
        }
        if isLimit || TwilioAPI.retriableCodes.contains(code) {
            // The provider says that it did not take it.
            return try repeatPost(entry, code: code, reason: reason, after_s: after_s, now_ms)
        }
        // An error of the server: it may have taken it all the same.
        entry.isAnswered = true
        entry.due_ms = now_ms + delay_ms(entry.attempts, after_s)
        try ledger.update(entry)
    }

    /// Posts once more, where there are attempts left.
    private mutating func repeatPost(
        _ entry: LedgerEntry, code: String, reason: String, after_s: Double?, _ now_ms: Int64
    ) throws(StoreError) {
        guard entry.attempts < bridge.attempts else { return try finish(entry, .failed, code: code, reason: reason) }
        var entry = entry
        entry.state = .queued
        entry.due_ms = now_ms + delay_ms(entry.attempts, after_s)
        try ledger.update(entry)
    }

    mutating func finish(
        _ entry: LedgerEntry, _ status: MessageReceipt.Status, code: String, reason: String
    ) throws(StoreError) {
        var entry = entry
        entry.state = .final
        entry.due_ms = clock_ms()
        try ledger.update(entry, receipt: receipt(status, entry, code: code, reason: reason))
        onReceipt()
        logger.debug(
            "a message has its end",
            ["request": .string(entry.id), "status": .string(status.rawValue), "code": .string(code)])
    }

    private func receipt(
        _ status: MessageReceipt.Status, _ entry: LedgerEntry, code: String = "", reason: String = ""
    ) -> [UInt8] {
        var receipt = MessageReceipt(status)
        receipt.code = Array(code.utf8)
        receipt.reason = Array(reason.utf8)
        receipt.time_ms = clock_ms()
        receipt.providerID = Array(entry.providerID.utf8)
        return receipt.json()
    }
}
