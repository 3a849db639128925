/// Deadlines of vehicles in whole seconds, one a vehicle at most: arming and expiring cost O(1) each.
///
/// A hashed timing wheel (Varghese and Lauck, doi:10.1145/41457.37504): a ring of one bucket a second. An entry further
/// ahead than the ring is put into its last bucket and armed again when that comes. Deadlines are checked by the caller:
/// a vehicle that was heard since is simply armed again, so that hearing it costs nothing here.
struct TimerWheel: Sendable {
    private var buckets: [[Int32]] = Array(repeating: [], count: TimerWheel.size)
    private static let size = 1024
    /// The last second whose bucket was emptied; nil before the first.
    private var current_s: Int64?

    /// Arms `slot` for the first tick at or after `deadline_ms`.
    mutating func arm(_ slot: Int32, deadline_ms: Int64, now_ms: Int64) {
        let now_s = current_s ?? now_ms.floorDivided(by: 1000)
        if current_s == nil { current_s = now_s }
        let second = min(max((deadline_ms + 999).floorDivided(by: 1000), now_s + 1), now_s + Int64(Self.size) - 1)
        buckets[Int(second.floorModulo(Int64(Self.size)))].append(slot)
    }

    /// Takes out all that is due up to and including `now_ms`, in no particular order. After a long pause every bucket
    /// is emptied once.
    mutating func expire(upTo now_ms: Int64, into due: inout [Int32]) {
        let now_s = now_ms.floorDivided(by: 1000)
        guard let last_s = current_s else {
            current_s = now_s
            return
        }
        guard now_s > last_s else { return }
        for second in (last_s + 1)...min(now_s, last_s + Int64(Self.size)) {
            let bucket = Int(second.floorModulo(Int64(Self.size)))
            due.append(contentsOf: buckets[bucket])
            buckets[bucket].removeAll(keepingCapacity: true)
        }
        current_s = now_s
    }
}

extension Int64 {
    /// Division that rounds down, also for times before 1970.
    @inline(__always) package func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    @inline(__always) package func floorModulo(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
