/// A 128-bit hash by MurmurHash3 x64 128 (Austin Appleby, public domain,
/// https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp).
///
/// The same bytes give the same hash on every machine, run and version: event ids and the choice of shard rest on it.
/// It does not withstand somebody who looks for collisions; nothing here asks that of it.
package struct Hash128: Sendable, Hashable, BitwiseCopyable {
    /// The reference's second output word.
    package var high: UInt64
    /// The reference's first output word.
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The hash of `bytes`. Linear; no allocation.
    package init(_ bytes: Span<UInt8>, seed: UInt32 = 0) {
        self = bytes.withUnsafeBytes { Hash128($0, seed: seed) }
    }

    package init(_ bytes: [UInt8], seed: UInt32 = 0) {
        self = bytes.withUnsafeBytes { Hash128($0, seed: seed) }
    }

    package init(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) {
        var h1 = UInt64(seed)
        var h2 = UInt64(seed)
        let blocksEnd = bytes.count & ~15
        var offset = 0
        while offset < blocksEnd {
            let k1 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            let k2 = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
            h1 = ((h1 ^ Self.mixed1(k1)).rotated(left: 27) &+ h2) &* 5 &+ 0x52dc_e729
            h2 = ((h2 ^ Self.mixed2(k2)).rotated(left: 31) &+ h1) &* 5 &+ 0x3849_5ab5
            offset += 16
        }
        let (k1, k2) = Self.tail(bytes, from: blocksEnd)
        // An empty tail mixes to zero, so the reference's test for one is not needed.
        h2 ^= Self.mixed2(k2)
        h1 ^= Self.mixed1(k1)
        h1 ^= UInt64(bytes.count)
        h2 ^= UInt64(bytes.count)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        h1 = Self.finalized(h1)
        h2 = Self.finalized(h2)
        h1 = h1 &+ h2
        h2 = h2 &+ h1
        self.init(high: h2, low: h1)
    }

    /// The fewer than 16 bytes from `start` on as two little-endian words, zeros behind them.
    @inline(__always)
    private static func tail(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (UInt64, UInt64) {
        let count = bytes.count - start
        func load<T: FixedWidthInteger>(_ offset: Int, _: T.Type) -> UInt64 {
            UInt64(T(littleEndian: bytes.loadUnaligned(fromByteOffset: start + offset, as: T.self)))
        }
        // Two loads that overlap cover any length of their range; what both have is shifted out or the same.
        if count > 8 {
            return (load(0, UInt64.self), load(count - 8, UInt64.self) >> UInt64(8 * (16 - count)))
        }
        if count >= 4 {
            return (load(0, UInt32.self) | load(count - 4, UInt32.self) << UInt64(8 * (count - 4)), 0)
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(bytes[start + index]) << UInt64(8 * index) }
        return (word, 0)
    }

    private static let c1: UInt64 = 0x87c3_7b91_1142_53d5
    private static let c2: UInt64 = 0x4cf5_ad43_2745_937f

    private static func mixed1(_ k: UInt64) -> UInt64 { (k &* c1).rotated(left: 31) &* c2 }
    private static func mixed2(_ k: UInt64) -> UInt64 { (k &* c2).rotated(left: 33) &* c1 }

    private static func finalized(_ k: UInt64) -> UInt64 {
        var k = k
        k ^= k >> 33
        k = k &* 0xff51_afd7_ed55_8ccd
        k ^= k >> 33
        k = k &* 0xc4ce_b9fe_1a85_ec53
        return k ^ k >> 33
    }
}

/// The hash that spreads vehicles over shards: the low word of `Hash128`. Stored data may rest on it: it never changes.
package func stableHash64(_ bytes: Span<UInt8>) -> UInt64 {
    Hash128(bytes).low
}

extension UInt64 {
    fileprivate func rotated(left count: UInt64) -> UInt64 { self << count | self >> (64 - count) }
}
