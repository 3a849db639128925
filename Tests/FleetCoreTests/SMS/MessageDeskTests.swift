import Geo
import Testing
import Wire

@testable import FleetCore

@Suite struct `The desk of messages` {
    var desk = MessageDesk(fleet: Array("demo".utf8), rules: .sample)

    private mutating func offer(
        _ occasion: MessageOccasion, _ recipient: Recipient = .sample, at time_ms: Int64? = nil
    ) -> [DeskAction] {
        desk.offer(occasion, recipient: recipient, now_ms: time_ms ?? occasion.time_ms)
    }

    @Test mutating func `a request has all that a gateway needs, and its event no number`() throws {
        let actions = offer(.sample(.arriving, at: noon_ms)).seen
        #expect(actions.map(\.type) == [.smsRequest, .smsRequested])
        let (request, event) = (actions[0], actions[1])
        #expect(request["to"] == "+886912345678" && request.text == "O-1 12 min" && request["channel"] == "sms")
        #expect(request["language"] == "zh-Hant-TW" && request["encoding"] == "gsm7" && request["segments"] == "1")
        #expect(request["kind"] == "arriving" && request["stop"] == "S-1" && request["order"] == "O-1")
        #expect(request["customer"] == "C-1" && request["dedupe_key"] == "arriving/stops/S-1@1795147920000/1")
        #expect(request.priority == .high && request.expires_ms == noon_ms + 10 * minute_ms)
        #expect(event["to"] == "+8869••••678" && event["dedupe_key"] == request["dedupe_key"])
        #expect(!String(decoding: event.bytes, as: UTF8.self).contains("912345"))
        #expect(Hash128(hex: event["request"].utf8) == request.id)
        // In another place, later, by another vehicle: the same id.
        var other = MessageDesk(fleet: Array("demo".utf8), rules: .sample)
        var occasion = MessageOccasion.sample(.arriving, at: noon_ms)
        occasion.vehicle = DispatchID("V-9")
        let again = other.offer(occasion, recipient: .sample, now_ms: noon_ms + 5_000).seen
        #expect(again[0].id == request.id && again[0].id != again[1].id)
        var foreign = MessageDesk(fleet: Array("other".utf8), rules: .sample)
        #expect(foreign.offer(occasion, recipient: .sample, now_ms: noon_ms).seen[0].id != request.id)
    }

    @Test mutating func `texts follow language, place and time`() {
        var recipient = Recipient.sample
        recipient.language = Array("en-US".utf8)
        var occasion = MessageOccasion.sample(.failed, at: noon_ms)
        occasion.reason = Array("absent".utf8)
        #expect(offer(occasion, recipient).requests[0].text == "nobody in Daan Gas")
        occasion.subject = .stop(DispatchID("S-2"))
        occasion.reason = Array("a very long story\nof a gate".utf8)
        let long = offer(occasion).requests[0]
        #expect(long.text == "a very lo… 大安瓦斯行" && long["encoding"] == "ucs2")
        recipient.localTime = TimeZoneRules(fixedOffset_s: 32_400)
        #expect(offer(.sample(.rescheduled, "S-3", at: noon_ms), recipient).requests[0].text == "11/20 14:00-16:00")
        #expect(offer(.sample(.delayed, "S-4", at: noon_ms)).requests[0].text == "O-1 12:12")
        // Offered late: three of the twelve minutes are over.
        #expect(
            offer(.sample(.arriving, "S-5", at: noon_ms), at: noon_ms + 3 * minute_ms + 1).requests[0].text
                == "O-1 9 min")
    }

    @Test mutating func `every reason not to send`() {
        func changed(_ change: (inout Recipient) -> Void) -> Recipient {
            var recipient = Recipient.sample
            change(&recipient)
            return recipient
        }
        let cases: [(String, Recipient)] = [
            ("no_consent", changed { $0.hasConsent = false }), ("no_consent", changed { $0.kinds = [.arriving] }),
            ("no_number", changed { $0.phone = nil }), ("no_number", changed { $0.phone = [] }),
            ("invalid_number", changed { $0.phone = Array("0912345678".utf8) }),
        ]
        for (index, (reason, recipient)) in cases.enumerated() {
            let actions = offer(.sample(.arrived, "S\(index)", at: noon_ms), recipient)
            #expect(actions.summaries == ["suppressed \(reason)"] && actions.requests.isEmpty)
        }
        var late = MessageOccasion.sample(.arrived, at: noon_ms)
        late.isLate = true
        #expect(offer(late).summaries == ["suppressed late_data"])
        #expect(
            offer(.sample(.arriving, at: noon_ms), at: noon_ms + 10 * minute_ms).summaries == ["suppressed expired"])
        desk.rules[.failed].isEnabled = false
        #expect(offer(.sample(.failed, at: noon_ms), at: noon_ms + 1).summaries == ["suppressed kind_disabled"])
        var without = MessageOccasion.sample(.delayed, at: noon_ms + 2)
        without.eta_ms = nil
        #expect(offer(without).summaries == ["suppressed incomplete"])
        #expect(desk.counts.requested == 0 && desk.counts.suppressed.reduce(0, +) == 9)
    }

    @Test mutating func `drivers need no consent`() {
        var driver = Recipient.sample
        driver.hasConsent = false
        #expect(offer(.sample(.emergency, at: noon_ms), driver).requests[0].priority == .emergency)
    }

    @Test mutating func `one message a stop and kind, and another where the promise moves far`() {
        var occasion = MessageOccasion.sample(.delayed, at: noon_ms)
        let first = offer(occasion)
        #expect(first.summaries == ["requested delayed"])
        #expect(offer(occasion).summaries == ["suppressed duplicate"])
        #expect(offer(occasion).isEmpty, "a repetition is told once")
        occasion.promise_ms = (occasion.promise_ms ?? 0) + 15 * minute_ms
        #expect(offer(occasion).isEmpty)
        occasion.promise_ms = (occasion.promise_ms ?? 0) + 1
        let second = offer(occasion)
        #expect(second.summaries == ["requested delayed"] && second.requests[0].id != first.requests[0].id)
        #expect(second.requests[0]["dedupe_key"].hasSuffix("/2"))
        // And back again: what was said first holds again, and is said again.
        occasion.promise_ms = MessageOccasion.sample(.delayed, at: noon_ms).promise_ms
        let third = offer(occasion)
        #expect(third.summaries == ["requested delayed"] && third.requests[0].id != first.requests[0].id)
        #expect(offer(.sample(.delayed, "S-2", at: noon_ms)).requests.count == 1)
        #expect(offer(.sample(.arrived, at: noon_ms)).requests.count == 1)
        #expect(offer(.sample(.arrived, at: noon_ms + hour_ms)).summaries == ["suppressed duplicate"])
        // Each version of a route is told of.
        for version in ["1", "2"] {
            var change = MessageOccasion.sample(.routeChanged, at: noon_ms + hour_ms)
            change.cause = Array(version.utf8)
            #expect(offer(change).requests.count == 1)
            #expect(offer(change).requests.isEmpty)
        }
    }

    @Test mutating func `quiet hours delay what is of use after them, and suppress the rest`() throws {
        let night_ms = noon_ms + 10 * hour_ms
        #expect(offer(.sample(.arriving, at: night_ms)).summaries == ["suppressed quiet_hours"])
        #expect(offer(.sample(.scheduled, at: night_ms)).isEmpty)
        #expect(offer(.sample(.emergency, at: night_ms)).requests.count == 1)
        #expect(desk.tick(now_ms: noon_ms + 20 * hour_ms - 1).summaries == ["unconfirmed emergency"])
        let actions = desk.tick(now_ms: noon_ms + 20 * hour_ms)
        #expect(actions.summaries == ["requested scheduled"])
        #expect(actions.requests[0].expires_ms == night_ms + 12 * hour_ms)
    }

    @Test mutating func `the recipient's hours and zone go before the defaults`() {
        var recipient = Recipient.sample
        recipient.quietHours = DayHours("12:00-13:00")
        #expect(offer(.sample(.arrived, at: noon_ms), recipient).summaries == ["suppressed quiet_hours"])
        recipient.localTime = TimeZoneRules(fixedOffset_s: 0)
        #expect(offer(.sample(.arrived, "S-2", at: noon_ms), recipient).requests.count == 1)
        recipient.quietHours = nil
        recipient.localTime = TimeZoneRules(fixedOffset_s: -5 * 3600)
        #expect(offer(.sample(.arrived, "S-3", at: noon_ms), recipient).summaries == ["suppressed quiet_hours"])
        desk.rules.quietHours = nil
        #expect(offer(.sample(.arrived, "S-4", at: noon_ms), recipient).requests.count == 1)
    }

    @Test mutating func `a full rate lets the urgent go first, and nothing out too late`() {
        desk.rules.rate_per_min = 4
        desk.rules.burst = 2
        desk = MessageDesk(fleet: Array("demo".utf8), rules: desk.rules)
        var sent: [String] = []
        for index in 0..<6 { sent += offer(.sample(.delivered, "N\(index)", at: noon_ms)).requests.map { $0["stop"] } }
        #expect(sent == ["N0", "N1"])
        _ = offer(.sample(.arriving, "H", at: noon_ms))
        _ = offer(.sample(.emergency, "E", at: noon_ms))
        var urgent = MessageOccasion.sample(.delivered, "U", at: noon_ms)
        urgent.priority = .high
        _ = offer(urgent)
        for second in 1...600 {
            sent += desk.tick(now_ms: noon_ms + Int64(second) * 1000).requests.map { $0["stop"] }
        }
        #expect(sent == ["N0", "N1", "E", "H", "U", "N2", "N3", "N4", "N5"])

        for index in 0..<30 { _ = offer(.sample(.arriving, "A\(index)", at: noon_ms + hour_ms)) }
        var late: [String] = []
        for second in 1...700 { late += desk.tick(now_ms: noon_ms + hour_ms + Int64(second) * 1000).summaries }
        #expect(
            late.filter { $0 == "requested arriving" }.count == 19
                && late.filter { $0 == "suppressed expired" }.count == 9)
    }

    @Test mutating func `a full queue drops the least urgent and newest`() {
        var rules = MessageRules.sample
        rules.rate_per_min = 2
        rules.burst = 1
        rules.queue_max = 2
        desk = MessageDesk(fleet: Array("demo".utf8), rules: rules)
        #expect(offer(.sample(.delivered, "0", at: noon_ms)).requests.count == 1)
        #expect(offer(.sample(.delivered, "1", at: noon_ms)).isEmpty)
        #expect(offer(.sample(.delivered, "2", at: noon_ms)).isEmpty)
        #expect(offer(.sample(.delivered, "3", at: noon_ms)).summaries == ["suppressed queue_full"])
        let actions = offer(.sample(.emergency, "E", at: noon_ms)).seen
        #expect(actions.map(\.summary) == ["suppressed queue_full"] && actions[0]["stop"] == "2")
        #expect(desk.waitingCount == 2)
    }

    @Test mutating func `what waits gives way to what is newer, and to a cancelled order`() {
        let night_ms = noon_ms + 18 * hour_ms
        var occasion = MessageOccasion.sample(.scheduled, at: night_ms)
        occasion.promise_ms = night_ms + 5 * hour_ms
        _ = offer(occasion)
        occasion.promise_ms = night_ms + 6 * hour_ms
        occasion.windowFrom_ms = night_ms + 6 * hour_ms
        occasion.windowTo_ms = night_ms + 7 * hour_ms
        #expect(offer(occasion).summaries == ["suppressed superseded"])
        #expect(offer(occasion).summaries == ["suppressed duplicate"])
        _ = offer(.sample(.scheduled, "S-2", at: night_ms))
        #expect(desk.withdraw(.stop(DispatchID("S-2")), now_ms: night_ms + 1).summaries == ["suppressed superseded"])
        #expect(desk.withdraw(.stop(DispatchID("S-2")), now_ms: night_ms + 2).isEmpty)
        _ = offer(.sample(.scheduled, "S-3", at: night_ms))
        let morning_ms = night_ms + 2 * hour_ms
        var fetched = MessageOccasion.sample(.outForDelivery, "S-3", at: morning_ms - 1)
        fetched.usefulUntil_ms = morning_ms + hour_ms
        #expect(offer(fetched).summaries == ["suppressed superseded"])
        let actions = desk.tick(now_ms: morning_ms)
        #expect(actions.summaries == ["requested scheduled", "requested out_for_delivery"])
        #expect(actions.requests[0].text == "11/21 12:00-13:00")
    }

    @Test mutating func `receipts are matched, told once, and missed when they do not come`() throws {
        let ids = ["S-1", "S-2", "S-3", "S-4"].map { offer(.sample(.arrived, $0, at: noon_ms)).requests[0].id }
        #expect(desk.receipt(ids[0], .sent, code: [], now_ms: noon_ms + 1).isEmpty)
        let delivered = desk.receipt(ids[0], .delivered, code: [], now_ms: noon_ms + 2).seen
        #expect(delivered.map(\.type) == [.smsDelivered] && Hash128(hex: delivered[0]["request"].utf8) == ids[0])
        #expect(delivered[0]["stop"] == "S-1" && delivered[0]["kind"] == "arrived")
        #expect(desk.receipt(ids[0], .delivered, code: [], now_ms: noon_ms + 3).isEmpty)
        let failed = desk.receipt(ids[1], .undelivered, code: Array("30005".utf8), now_ms: noon_ms + 4).seen
        #expect(
            failed.map(\.type) == [.smsFailed] && failed[0]["code"] == "30005" && failed[0]["reason"] == "undelivered")
        #expect(desk.receipt(Hash128(high: 1, low: 2), .failed, code: [], now_ms: noon_ms + 5).isEmpty)
        #expect(desk.tick(now_ms: noon_ms + hour_ms - 1).isEmpty)
        let unconfirmed = desk.tick(now_ms: noon_ms + hour_ms).seen
        #expect(unconfirmed.map(\.type) == [.smsUnconfirmed, .smsUnconfirmed])
        #expect(unconfirmed.map { $0["stop"] } == ["S-3", "S-4"])
        #expect(desk.tick(now_ms: noon_ms + hour_ms + 1).isEmpty)
        // One that comes after that counts still, for a day.
        #expect(
            desk.receipt(ids[2], .delivered, code: [], now_ms: noon_ms + 2 * hour_ms).seen.map(\.type) == [
                .smsDelivered
            ])
        _ = desk.tick(now_ms: noon_ms + 25 * hour_ms)
        #expect(desk.receipt(ids[3], .delivered, code: [], now_ms: noon_ms + 25 * hour_ms).isEmpty)
        #expect(desk.counts.strayReceipts == 3 && desk.counts.delivered == 2 && desk.outstanding.isEmpty)
    }

    @Test mutating func `a changed record holds for what waits`() {
        let night_ms = noon_ms + 18 * hour_ms
        for stop in ["S-1", "S-2", "S-3"] {
            var occasion = MessageOccasion.sample(.scheduled, stop, at: night_ms)
            occasion.customer = DispatchID("C-\(stop)")
            _ = offer(occasion)
        }
        var other = Recipient.sample
        other.phone = Array("+886912345679".utf8)
        other.quietHours = DayHours("00:00-00:01")
        let now = desk.change(DispatchID("C-S-1"), isDriver: false, to: other, now_ms: night_ms + 1)
        #expect(now.requests.map { $0["to"] } == ["+886912345679"] && now.requests[0]["stop"] == "S-1")
        other.hasConsent = false
        let without = desk.change(DispatchID("C-S-2"), isDriver: false, to: other, now_ms: night_ms + 2)
        #expect(without.summaries == ["suppressed no_consent"])
        let deleted = desk.change(DispatchID("C-S-3"), isDriver: false, to: nil, now_ms: night_ms + 3)
        #expect(deleted.summaries == ["suppressed no_consent"])
        #expect(desk.waitingCount == 0 && desk.tick(now_ms: night_ms + 2 * hour_ms).requests.isEmpty)
    }

    @Test mutating func `changed rules hold for what waits`() throws {
        let night_ms = noon_ms + 18 * hour_ms
        for kind in [MessageKind.scheduled, .failed] { _ = offer(.sample(kind, at: night_ms)) }
        _ = offer(.sample(.scheduled, "S-2", at: night_ms))
        desk.rules[.failed].isEnabled = false
        let actions = desk.tick(now_ms: night_ms + 2 * hour_ms)
        #expect(actions.summaries.sorted() == ["requested scheduled", "suppressed kind_disabled"])
    }

    @Test mutating func `a clock that goes back does no harm, nor do times at the ends of all time`() {
        #expect(offer(.sample(.arrived, at: noon_ms)).requests.count == 1)
        #expect(
            offer(.sample(.arrived, "S-2", at: noon_ms - hour_ms), at: noon_ms - hour_ms).summaries == [
                "suppressed expired"
            ])
        for time_ms in [RFC3339.minimum_ms, RFC3339.maximum_ms] {
            var occasion = MessageOccasion.sample(.scheduled, "S-\(time_ms)", at: time_ms)
            occasion.promise_ms = time_ms
            occasion.eta_ms = time_ms
            var desk = MessageDesk(fleet: [], rules: .sample)
            _ = desk.offer(occasion, recipient: .sample, now_ms: time_ms)
            _ = desk.tick(now_ms: time_ms)
        }
    }

    @Test func `keys of different things differ, whatever their ids hold`() {
        var keys = Set<MessageDesk.Key>()
        let parts = ["a", "a/b", "a#b", "a%2Fb", "", "#", "%"]
        for id in parts {
            for cause in parts {
                for subject in [DeskSubject.stop(DispatchID(id)), .route(DispatchID(id))] {
                    var occasion = MessageOccasion(.arrived, subject, time_ms: 0)
                    occasion.cause = Array(cause.utf8)
                    keys.insert(MessageDesk.key(.arrived, occasion))
                }
            }
        }
        #expect(keys.count == parts.count * parts.count * 2)
    }
}
