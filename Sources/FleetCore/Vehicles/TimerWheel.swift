/// Deadlines of vehicles in whole seconds: arming and expiring cost O(1) each.
///
/// A hashed timing wheel (Varghese and Lauck, doi:10.1145/41457.37504): a ring of one bucket a second. An entry further
/// ahead than the ring is put into its last bucket and armed again when that comes. Deadlines are checked by the caller:
/// a vehicle that was heard since is simply armed again, so that hearing it costs nothing here.
///
/// A bucket is a chain of chunks, each one cache line of a pool that all buckets share: the vehicles of a second stand
/// together in memory, and once the pool has grown nothing is allocated.
struct TimerWheel: Sendable {
    private static let size = 1024
    /// Elements of a chunk: the number of the next chunk of the chain (-1: none), then vehicles.
    private static let chunkSize = 16

    private var pool: [Int32] = []
    /// The first chunk that is in no chain, -1 for none; free chunks are chained like others.
    private var freeChunk: Int32 = -1
    private var buckets = [Bucket](repeating: Bucket(), count: TimerWheel.size)
    /// The last second whose bucket was emptied; nil before the first.
    private var current_s: Int64?

    private struct Bucket {
        /// The chunk that is being filled, -1 for none; those behind it in the chain are full.
        var chunk: Int32 = -1
        /// Elements of it that are used, the first one included.
        var used: Int32 = Int32(TimerWheel.chunkSize)
    }

    /// Arms `slot` for the first tick at or after `deadline_ms`.
    mutating func arm(_ slot: Int32, deadline_ms: Int64, now_ms: Int64) {
        let now_s = current_s ?? now_ms.floorDivided(by: 1000)
        if current_s == nil { current_s = now_s }
        let second = min(max((deadline_ms + 999).floorDivided(by: 1000), now_s + 1), now_s + Int64(Self.size) - 1)
        let index = Int(second.floorModulo(Int64(Self.size)))
        var bucket = buckets[index]
        if bucket.used == Self.chunkSize {
            bucket = Bucket(chunk: takeChunk(before: bucket.chunk), used: 1)
        }
        pool[Int(bucket.chunk) * Self.chunkSize + Int(bucket.used)] = slot
        bucket.used += 1
        buckets[index] = bucket
    }

    private mutating func takeChunk(before next: Int32) -> Int32 {
        let chunk = freeChunk
        if chunk < 0 {
            let made = pool.count / Self.chunkSize
            pool.append(next)
            for _ in 1..<Self.chunkSize { pool.append(-1) }
            return Int32(made)
        }
        freeChunk = pool[Int(chunk) * Self.chunkSize]
        pool[Int(chunk) * Self.chunkSize] = next
        return chunk
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
            empty(Int(second.floorModulo(Int64(Self.size))), into: &due)
        }
        current_s = now_s
    }

    private mutating func empty(_ index: Int, into due: inout [Int32]) {
        var chunk = buckets[index].chunk
        var used = Int(buckets[index].used)
        buckets[index] = Bucket()
        while chunk >= 0 {
            let start = Int(chunk) * Self.chunkSize
            for element in start + 1..<start + used { due.append(pool[element]) }
            let next = pool[start]
            pool[start] = freeChunk
            freeChunk = chunk
            chunk = next
            used = Self.chunkSize
        }
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
