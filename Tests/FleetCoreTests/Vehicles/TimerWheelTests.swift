import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Timer wheel` {
    /// What is due when the seconds pass one by one, with the re-arming that the engine does.
    private func firing(deadline_ms: Int64, armedAt now_ms: Int64) -> Int64? {
        var wheel = TimerWheel()
        wheel.arm(1, deadline_ms: deadline_ms, now_ms: now_ms)
        var due: [Int32] = []
        var second = now_ms.floorDivided(by: 1000)
        for _ in 0..<1100 {
            second += 1
            wheel.expire(upTo: second * 1000, into: &due)
            if due == [1] { return second * 1000 }
        }
        return nil
    }

    @Test func `the first tick at or after the deadline`() {
        #expect(firing(deadline_ms: 5000, armedAt: 1000) == 5000)
        #expect(firing(deadline_ms: 5001, armedAt: 1000) == 6000)
        #expect(firing(deadline_ms: 4999, armedAt: 1999) == 5000)
        #expect(firing(deadline_ms: -500, armedAt: -3000) == 0)
        #expect(firing(deadline_ms: -1000, armedAt: -3000) == -1000)
    }

    @Test func `a deadline in the past is due with the next tick`() {
        #expect(firing(deadline_ms: 0, armedAt: 7300) == 8000)
        #expect(firing(deadline_ms: 7300, armedAt: 7300) == 8000)
    }

    @Test func `a deadline beyond the ring comes early, at its end`() {
        #expect(firing(deadline_ms: 1_023_000, armedAt: 0) == 1_023_000)
        #expect(firing(deadline_ms: 1_024_000, armedAt: 0) == 1_023_000)
        #expect(firing(deadline_ms: 900_000_000, armedAt: 0) == 1_023_000)
    }

    @Test func `after a long pause everything is due once`() {
        var wheel = TimerWheel()
        for slot in 0..<500 { wheel.arm(Int32(slot), deadline_ms: Int64(slot) * 2500, now_ms: 0) }
        var due: [Int32] = []
        wheel.expire(upTo: 1_000_000_000, into: &due)
        #expect(due.sorted() == (0..<500).map { Int32($0) })
        due = []
        wheel.expire(upTo: 2_000_000_000, into: &due)
        #expect(due.isEmpty)
    }

    @Test func `time that stands still or goes back expires nothing`() {
        var wheel = TimerWheel()
        var due: [Int32] = []
        wheel.expire(upTo: 10_000, into: &due)
        wheel.arm(3, deadline_ms: 10_000, now_ms: 10_000)
        wheel.expire(upTo: 10_999, into: &due)
        wheel.expire(upTo: 4_000, into: &due)
        #expect(due.isEmpty)
        wheel.expire(upTo: 11_000, into: &due)
        #expect(due == [3])
    }

    /// Against a list of deadlines: with the engine's re-arming, every deadline is met at exactly the first tick after it.
    @Test(arguments: seeds(60)) func `random deadlines and pauses against brute force`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var wheel = TimerWheel()
        var now_ms = Int64(random.int(-5_000_000...5_000_000))
        var pending: [Int32: Int64] = [:]
        var next: Int32 = 0
        for _ in 0..<60 {
            for _ in 0..<random.int(0...4) {
                let ahead = random.pick([0, 1, 999, 1000, 5000, 300_000, 1_023_000, 1_024_000, 2_500_000])
                pending[next] = now_ms + Int64(ahead + random.int(-500...500))
                wheel.arm(next, deadline_ms: pending[next] ?? 0, now_ms: now_ms)
                next += 1
            }
            now_ms += Int64(random.pick([100, 1000, 1000, 1700, 60_000, 1_024_000, 4_000_000]))
            let tick_ms = now_ms.floorDivided(by: 1000) * 1000
            var due: [Int32] = []
            wheel.expire(upTo: tick_ms, into: &due)
            #expect(Set(due).count == due.count, "seed \(seed)")
            var fired: Set<Int32> = []
            for slot in due {
                guard let deadline_ms = pending[slot] else {
                    Issue.record("seed \(seed): \(slot) is due twice")
                    continue
                }
                if deadline_ms <= tick_ms {
                    fired.insert(slot)
                    pending[slot] = nil
                } else {
                    wheel.arm(slot, deadline_ms: deadline_ms, now_ms: tick_ms)
                }
            }
            let overdue = pending.filter { $0.value <= tick_ms && !fired.contains($0.key) }
            // Armed for the past within the very second: due with the next tick, which a second later.
            #expect(overdue.allSatisfy { $0.value > tick_ms - 1500 }, "seed \(seed): \(overdue) at \(tick_ms)")
        }
    }

    @Test(arguments: [(7, 3), (-7, 3), (6, 3), (-6, 3), (0, 3), (Int.max, 1000), (Int.min, 1000)])
    func `division rounds down`(_ dividend: Int, _ divisor: Int) {
        let quotient = Int64(dividend).floorDivided(by: Int64(divisor))
        let remainder = Int64(dividend).floorModulo(Int64(divisor))
        #expect(remainder >= 0 && remainder < Int64(divisor))
        #expect(quotient &* Int64(divisor) &+ remainder == Int64(dividend))
    }
}
