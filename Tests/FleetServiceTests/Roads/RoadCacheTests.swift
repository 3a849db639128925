import FleetCore
import Testing

@testable import FleetService

@Suite struct `The memory of answers` {
    private func key(_ number: Int) -> RoadKey { RoadKey([.at(0, 0), .at(number, 0)]) }
    private func reply(_ bytes: Int) -> RoadCache.Reply {
        RoadCache.Reply(payload: [UInt8](repeating: 1, count: bytes), failure: nil)
    }

    @Test func `who was not asked for the longest goes first`() {
        var cache = RoadCache(entries_max: 3, bytes_max: 1 << 20)
        for number in 1...3 { cache.insert(reply(number), for: key(number), expires_ms: 100) }
        #expect(cache.reply(for: key(1), at: 0) == reply(1))
        cache.insert(reply(4), for: key(4), expires_ms: 100)
        cache.checkInvariants()
        #expect([1, 2, 3, 4].map { cache.reply(for: key($0), at: 0) != nil } == [true, false, true, true])
    }

    @Test func `the bytes are limited too, and what does not fit at all is not kept`() {
        var cache = RoadCache(entries_max: 100, bytes_max: 2000)
        for number in 1...5 { cache.insert(reply(500), for: key(number), expires_ms: 100) }
        cache.checkInvariants()
        #expect(cache.count == 3 && cache.bytes <= 2000)
        cache.insert(reply(2000), for: key(5), expires_ms: 100)
        #expect(cache.reply(for: key(5), at: 0) == nil && cache.count == 2)
        cache.checkInvariants()
    }

    @Test func `what is too old is gone, and none is kept where none may be`() {
        var cache = RoadCache(entries_max: 3, bytes_max: 1 << 20)
        cache.insert(reply(1), for: key(1), expires_ms: 100)
        #expect(cache.reply(for: key(1), at: 99) != nil && cache.reply(for: key(1), at: 100) == nil)
        #expect(cache.count == 0 && cache.bytes == 0)
        var none = RoadCache(entries_max: 0, bytes_max: 1 << 20)
        none.insert(reply(1), for: key(1), expires_ms: 100)
        #expect(none.count == 0)
        none.checkInvariants()
    }

    @Test(arguments: roadSeeds(20)) func `it does what a list does that is searched`(seed: UInt64) {
        print("seed \(seed)")
        var random = SplitMix64(seed: seed)
        let limit = Int.random(in: 1...20, using: &random)
        var cache = RoadCache(entries_max: limit, bytes_max: 1 << 20)
        // Newest last.
        var model: [(number: Int, bytes: Int, expires_ms: Int64)] = []
        for step in 0..<2000 {
            let now_ms = Int64(step)
            let number = Int.random(in: 0..<30, using: &random)
            let found = model.firstIndex { $0.number == number }
            if Bool.random(using: &random) {
                let bytes = Int.random(in: 0..<50, using: &random)
                let expires_ms = now_ms + Int64.random(in: 1...100, using: &random)
                cache.insert(reply(bytes), for: key(number), expires_ms: expires_ms)
                if let found { model.remove(at: found) }
                if model.count == limit { model.removeFirst() }
                model.append((number, bytes, expires_ms))
            } else {
                let expected = found.map { model.remove(at: $0) }.flatMap { $0.expires_ms > now_ms ? $0 : nil }
                if let expected { model.append(expected) }
                #expect(cache.reply(for: key(number), at: now_ms) == expected.map { reply($0.bytes) }, "seed \(seed)")
            }
            cache.checkInvariants()
            #expect(cache.count == model.count, "seed \(seed)")
        }
    }
}
