import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Cash of a shift` {
    private typealias Collection = DeliverySummary.Collection

    private func taken(_ time_s: Double, _ payment: Payment?, expected: Int64? = nil, driver: String = "D-1")
        -> DeliverySummary.Collection
    {
        Collection(
            time_ms: DeliveryDrive.time(time_s), driver: DispatchID(driver), payment: payment,
            expected: expected.map { Payment.cash($0).money })
    }

    private func word(_ time_s: Double, _ kind: ShiftWord.Kind) -> ShiftWord {
        ShiftWord(
            time_ms: DeliveryDrive.time(time_s), cause: Array("\(time_s)".utf8), vehicle: DispatchID("V-1"), kind: kind)
    }

    private func cash() -> ShiftCash { ShiftCash(fleet: [], driver: DispatchID("D-1")) }
    private func text(_ event: DeskEvent?) -> String { event.map { String(decoding: $0.data, as: UTF8.self) } ?? "" }

    @Test func `a shift's end sums up what was taken, by method and currency`() throws {
        var cash = cash()
        _ = cash.add(word(0, .started))
        _ = cash.set([taken(10, .cash(1600), expected: 1600)], of: DispatchID("S-1"), isLate: false)
        _ = cash.set([taken(20, .cash(800), expected: 900)], of: DispatchID("S-2"), isLate: false)
        _ = cash.set([taken(30, .cash(5, "USD"))], of: DispatchID("S-3"), isLate: false)
        _ = cash.set([taken(40, .cash(700, "TWD", .card), expected: 700)], of: DispatchID("S-4"), isLate: false)
        _ = cash.set([taken(45, nil, expected: 50)], of: DispatchID("S-5"), isLate: false)
        _ = cash.set([taken(46, .cash(1), driver: "D-2")], of: DispatchID("S-6"), isLate: false)
        let events = cash.add(word(100, .ended(declared: Payment.cash(2350).money)))
        #expect(events.map(\.type) == [.financeCodSummary])
        #expect(events.first?.subject == .driver(DispatchID("D-1")))
        #expect(
            text(events.first).hasSuffix(
                #""totals":[{"method":"cash","amount":2400,"currency":"TWD","count":2},"#
                    + #"{"method":"card","amount":700,"currency":"TWD","count":1},"#
                    + #"{"method":"cash","amount":5,"currency":"USD","count":1}],"#
                    + #""orders":[{"expected_amount":3250,"currency":"TWD","discrepancy":-150}],"#
                    + #""declared":{"amount":2350,"currency":"TWD"},"discrepancy":-50"#),
            "\(text(events.first))")
    }

    @Test func `what comes late corrects the summary of its shift, and of that alone`() {
        var cash = cash()
        for time in [0.0, 200] { _ = cash.add(word(time, .started)) }
        let first = cash.add(word(100, .ended(declared: nil)))
        #expect(text(first.first).contains(#""totals":[]"#))
        _ = cash.add(word(300, .ended(declared: nil)))
        let corrected = cash.set([taken(50, .cash(9))], of: DispatchID("S-1"), isLate: true)
        #expect(corrected.count == 1)
        #expect(corrected.first?.corrects == first.first?.id)
        #expect(corrected.first?.isLate == true)
        let nothing = cash.set([taken(50, .cash(9))], of: DispatchID("S-1"), isLate: true)
        #expect(nothing.isEmpty)
        let moved = cash.set([taken(150, .cash(9))], of: DispatchID("S-1"), isLate: false)
        #expect(moved.count == 2)
    }

    @Test func `shifts that are long over are forgotten with their money`() {
        var cash = cash()
        _ = cash.set([taken(50, .cash(9))], of: DispatchID("S-1"), isLate: false)
        _ = cash.add(word(100, .ended(declared: nil)))
        _ = cash.add(word(300, .ended(declared: nil)))
        cash.forget(before_ms: DeliveryDrive.time(100))
        #expect(cash.words.count == 2)
        cash.forget(before_ms: DeliveryDrive.time(200))
        #expect(cash.words.count == 1 && cash.collections.isEmpty)
        let again = cash.set([taken(50, .cash(9)), taken(250, .cash(1))], of: DispatchID("S-1"), isLate: false)
        #expect(again.count == 1 && text(again.first).contains(#""amount":1,"#))
    }

    @Test func `sums beyond all sense do not overflow`() {
        var cash = cash()
        let huge = Payment(money: Money(amount_c: .max, currency: [1]), method: .cash)
        for stop in ["S-1", "S-2"] {
            _ = cash.set(
                [
                    Collection(
                        time_ms: DeliveryDrive.time(1), driver: DispatchID("D-1"), payment: huge, expected: huge.money)
                ],
                of: DispatchID(stop), isLate: false)
        }
        let events = cash.add(word(9, .ended(declared: Money(amount_c: .min, currency: [1]))))
        #expect(events.count == 1)
        #expect(cash.totals(from_ms: .min, to_ms: .max).first?.amount_c == .max)
    }

    @Test(arguments: seeds(20)) func `it goes on from a snapshot, in any order of arrival`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var changes: [(inout ShiftCash) -> [DeskEvent]] = []
        for stop in 0..<20 {
            let money = taken(Double(random.int(0...1000)), .cash(Int64(random.int(1...9))), expected: 5)
            changes.append { $0.set([money], of: DispatchID("S-\(stop)"), isLate: false) }
        }
        for time in [100.0, 300, 700, 900] {
            let word = word(time, random.chance(50) ? .started : .ended(declared: Payment.cash(20).money))
            changes.append { $0.add(word) }
        }
        func run(_ changes: [(inout ShiftCash) -> [DeskEvent]]) throws -> [Consumer.Fact] {
            var cash = cash()
            var consumer = Consumer()
            for change in changes {
                consumer.read(change(&cash))
                var writer = ByteWriter()
                cash.write(to: &writer)
                var reader = ByteReader(writer.bytes)
                let read = try ShiftCash(from: &reader, fleet: [])
                #expect(read == cash && reader.isAtEnd)
                cash = read
            }
            #expect(consumer.problems == [], "seed \(seed)")
            return consumer.story
        }
        #expect(try run(changes) == run(changes.shuffled(using: &random)), "seed \(seed)")
        var writer = ByteWriter()
        var whole = cash()
        for change in changes { _ = change(&whole) }
        whole.write(to: &writer)
        for _ in 0..<200 {
            var bytes = writer.bytes
            for _ in 0..<random.int(1...3) { bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255)) }
            var reader = ByteReader(bytes)
            guard var odd = try? ShiftCash(from: &reader, fleet: []) else { continue }
            _ = odd.add(word(2000, .ended(declared: nil)))
            odd.forget(before_ms: .max)
        }
    }
}
