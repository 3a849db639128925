import Geo
import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Random days of messages, against what must hold on all of them.
@Suite struct `Properties of messages` {
    /// Offers, receipts and ticks over three days, by a seed.
    private struct Day {
        var random: SplitMix64
        var rules = MessageRules.sample
        var recipients: [Recipient] = []
        var promises: [String: Int64] = [:]
        var now_ms = noon_ms
        var actions: [SeenMessage] = []
        /// By telephone number.
        var hours: [String: (DayHours, TimeZoneRules)] = [:]
        var phones: [String] = []

        init(seed: UInt64) {
            random = SplitMix64(seed: seed)
            rules.rate_per_min = random.int(2...20)
            rules.burst = random.int(1...(rules.rate_per_min - 1))
            rules.queue_max = random.int(3...60)
            rules.resend_s = random.pick([0, 60, 900])
            rules.receipt_s = random.int(60...7200)
            let zones = [
                TimeZoneRules(fixedOffset_s: 28_800), TimeZoneRules(fixedOffset_s: -12_600),
                // The clock goes back by an hour in the first night.
                TimeZoneRules(transitions_ms: [noon_ms + 11 * hour_ms], offsets_s: [28_800, 25_200]),
            ].compactMap { $0 }
            let quiet = ["21:00-08:00", "12:30-12:45", "00:00-24:00", "23:59-00:01"].compactMap { DayHours($0) }
            for index in 0..<6 {
                var recipient = Recipient.sample
                let phone = "+88691234567\(index)"
                recipient.phone = Array(phone.utf8)
                recipient.quietHours = random.pick(quiet)
                recipient.localTime = random.pick(zones)
                recipient.hasConsent = !random.chance(10)
                recipients.append(recipient)
                phones.append(phone)
                if let hours = recipient.quietHours, let zone = recipient.localTime {
                    self.hours[phone] = (hours, zone)
                }
            }
        }

        mutating func run(on desk: inout MessageDesk, steps: Int) {
            for _ in 0..<steps { step(on: &desk) }
        }

        mutating func step(on desk: inout MessageDesk) {
            now_ms += random.chance(70) ? Int64(random.int(0...2000)) : Int64(random.int(0...1_800_000))
            switch random.int(0...9) {
            case 0...5:
                let kind = random.pick(MessageKind.allCases)
                let stop = "S\(random.int(0...9))"
                var occasion = MessageOccasion.sample(kind, stop, at: now_ms - Int64(random.int(0...120_000)))
                if random.chance(50) { promises[stop] = now_ms + Int64(random.int(0...7_200_000)) }
                if occasion.promise_ms != nil { occasion.promise_ms = promises[stop] ?? occasion.promise_ms }
                occasion.isLate = random.chance(5)
                if random.chance(10) { occasion.priority = .emergency }
                // A stop is always the same customer's.
                let index = Int(stop.utf8.last ?? 0) % recipients.count
                occasion.customer = DispatchID("C-\(index)")
                let recipient = recipients[index]
                note(desk.offer(occasion, recipient: recipient, now_ms: now_ms))
            case 6:
                let ids = actions.suffix(40).filter(\.isRequest).map(\.id)
                guard !ids.isEmpty else { return }
                let status = random.pick(MessageReceipt.Status.allCases)
                note(desk.receipt(random.pick(ids), status, code: [], now_ms: now_ms))
            case 7 where random.chance(20):
                note(desk.withdraw(.stop(DispatchID("S\(random.int(0...9))")), now_ms: now_ms))
            case 8 where random.chance(20):
                let recipient = random.chance(20) ? nil : recipients[0]
                note(desk.change(DispatchID("C-0"), isDriver: false, to: recipient, now_ms: now_ms))
            default: note(desk.tick(now_ms: now_ms))
            }
        }

        private mutating func note(_ done: [DeskAction]) { actions += done.seen }
    }

    @Test func `none twice, none in quiet hours, none too late, never above the rate, no number outside a request`() {
        for seed in seeds(30) {
            var day = Day(seed: seed)
            var desk = MessageDesk(fleet: Array("demo".utf8), rules: day.rules)
            day.run(on: &desk, steps: 400)
            let requests = day.actions.filter(\.isRequest)
            #expect(Set(requests.map(\.id)).count == requests.count, "seed \(seed)")
            #expect(Set(requests.map { $0["dedupe_key"] }).count == requests.count, "seed \(seed)")
            var promised: [Substring: Int64?] = [:]
            for request in requests {
                // Again about the same stop and kind only where the promise has moved far.
                let parts = request["dedupe_key"].split(separator: "@")
                let promise_ms = parts[1].split(separator: "/").count == 2 ? Int64(parts[1].prefix { $0 != "/" }) : nil
                if let former = promised[parts[0]] {
                    let moved_ms = former.flatMap { former in promise_ms.map { abs($0 - former) } } ?? 0
                    #expect(moved_ms > Int64(day.rules.resend_s) * 1000, "seed \(seed): \(request)")
                }
                promised.updateValue(promise_ms, forKey: parts[0])
                #expect(request.time_ms < request.expires_ms, "seed \(seed): \(request)")
                guard let (hours, zone) = day.hours[request["to"]], let kind = MessageKind(name: request["kind"]) else {
                    Issue.record("seed \(seed): \(request)")
                    continue
                }
                let isQuiet = QuietPeriods.isQuiet(hours, zone, at: request.time_ms)
                #expect(!isQuiet || kind.isForDriver, "seed \(seed): \(request)")
            }
            let times = requests.map(\.time_ms)
            for index in times.indices where index + day.rules.rate_per_min < times.count {
                #expect(times[index + day.rules.rate_per_min] - times[index] >= minute_ms, "seed \(seed)")
            }
            for action in day.actions where !action.isRequest {
                let text = String(decoding: action.bytes, as: UTF8.self)
                #expect(action.json != nil && !day.phones.contains { text.contains($0.dropFirst(5)) }, "seed \(seed)")
            }
            #expect(Set(day.actions.map(\.id)).count == day.actions.count, "seed \(seed): an id twice")
            check(desk, "seed \(seed)")
        }
    }

    @Test func `a snapshot goes on as the desk would have`() throws {
        for seed in seeds(20) {
            var day = Day(seed: seed)
            var desk = MessageDesk(fleet: Array("demo".utf8), rules: day.rules)
            day.run(on: &desk, steps: Int(seed % 7) * 60)
            var writer = ByteWriter()
            desk.write(to: &writer)
            var reader = ByteReader(writer.bytes)
            var copy = try MessageDesk(fleet: Array("demo".utf8), rules: day.rules, from: &reader)
            #expect(reader.isAtEnd, "seed \(seed)")
            check(copy, "seed \(seed)")
            var again = ByteWriter()
            copy.write(to: &again)
            #expect(again.bytes == writer.bytes, "seed \(seed)")
            var other = day
            day.run(on: &desk, steps: 200)
            other.run(on: &copy, steps: 200)
            #expect(day.actions.map(\.bytes) == other.actions.map(\.bytes), "seed \(seed)")
            #expect(day.actions.map(\.id) == other.actions.map(\.id) && desk.counts == copy.counts, "seed \(seed)")
        }
    }

    @Test func `hostile snapshots are errors, or desks that work`() {
        for seed in seeds(100) {
            var day = Day(seed: seed)
            var desk = MessageDesk(fleet: [], rules: day.rules)
            day.run(on: &desk, steps: 120)
            var writer = ByteWriter()
            desk.write(to: &writer)
            var bytes = writer.bytes
            for _ in 0..<day.random.int(1...3) {
                bytes[day.random.int(0...(bytes.count - 1))] = UInt8(day.random.int(0...255))
            }
            if day.random.chance(30) { bytes.removeLast(day.random.int(1...bytes.count)) }
            var reader = ByteReader(bytes)
            guard var copy = try? MessageDesk(fleet: [], rules: day.rules, from: &reader) else { continue }
            check(copy, "seed \(seed)")
            day.run(on: &copy, steps: 60)
        }
    }

    @Test func `a snapshot in which a message waits for ever is refused`() {
        var desk = MessageDesk(fleet: [], rules: .sample)
        _ = desk.offer(
            .sample(.scheduled, at: noon_ms + 10 * hour_ms), recipient: .sample, now_ms: noon_ms + 10 * hour_ms)
        func read(_ change: (inout MessageDesk) -> Void) throws {
            var changed = desk
            change(&changed)
            var writer = ByteWriter()
            changed.write(to: &writer)
            var reader = ByteReader(writer.bytes)
            _ = try MessageDesk(fleet: [], rules: .sample, from: &reader)
        }
        #expect(desk.waitingCount == 1)
        #expect(throws: Never.self) { try read { _ in } }
        #expect(throws: SnapshotError.self) { try read { $0.waiting[1]?.expires_ms = RFC3339.maximum_ms } }
        #expect(throws: SnapshotError.self) { try read { $0.now_ms = .min } }
        #expect(throws: SnapshotError.self) { try read { $0.waiting[1]?.release_ms = nil } }
    }

    /// What holds of a desk at any time.
    private func check(_ desk: MessageDesk, _ note: Comment) {
        #expect(desk.tickets.count == desk.waiting.count, note)
        for (key, ticket) in desk.tickets { #expect(desk.waiting[ticket]?.key == key, note) }
        #expect(desk.waiting.count <= desk.rules.queue_max, note)
        for (ticket, message) in desk.waiting {
            let queued = desk.queues.map { queue in queue.count { $0 == ticket } }
            let asleep = desk.sleeping.count { $0.ticket == ticket && $0.release_ms == message.release_ms }
            if message.release_ms == nil {
                #expect(queued[Int(message.priority.rawValue)] == 1, note)
            } else {
                #expect(asleep == 1, note)
            }
            #expect(message.expires_ms >= desk.nextExpiry_ms, note)
        }
        #expect(Set(desk.awaited).union(desk.overdue) == Set(desk.outstanding.keys), note)
        #expect(desk.awaited.count + desk.overdue.count == desk.outstanding.count, note)
    }

    @Test func `quiet periods are those of the clock on the wall, minute by minute`() throws {
        for seed in seeds(20) {
            var random = SplitMix64(seed: seed)
            let (from, to) = (random.int(0...1439), random.int(0...1440))
            guard let hours = DayHours(from_min: from, to_min: to) else { continue }
            let change_ms = noon_ms + Int64(random.int(0...2880)) * minute_ms
            let zone = try #require(
                TimeZoneRules(
                    transitions_ms: [change_ms],
                    offsets_s: [random.pick([0, 28_800, -34_200]), random.pick([3600, 25_200, 20_700])].map {
                        Int32($0)
                    }))
            let end_ms = noon_ms + 3 * 24 * hour_ms
            let periods = QuietPeriods.list(hours, zone, from_ms: noon_ms, to_ms: end_ms)
            #expect(zip(periods, periods.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound }, "seed \(seed)")
            for time_ms in stride(from: noon_ms, to: end_ms, by: 60_000) {
                let expected = QuietPeriods.isQuiet(hours, zone, at: time_ms)
                if periods.contains(where: { $0.contains(time_ms) }) != expected {
                    Issue.record("seed \(seed): \(time_ms) is \(expected)")
                }
            }
        }
    }
}
