import TestSupport
import Testing
import Wire

@testable import FleetCore

@Suite struct `Vehicle table` {
    private func slot(_ table: VehicleTable, _ id: [UInt8], _ hash: UInt64) -> Int? {
        table.slot(of: id.span, hash: hash)
    }

    @Test(arguments: seeds(20)) func `random ids against a dictionary, while it grows`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = VehicleTable()
        var expected: [[UInt8]: Int] = [:]
        // Few different hashes in some worlds: chains of collisions, also of equal hashes.
        let hashBits = random.pick([2, 6, 64])
        for _ in 0..<600 {
            let id = (0..<random.int(0...6)).map { _ in UInt8(random.int(97...101)) }
            let whole = stableHash64(id.span)
            let hash = hashBits == 64 ? whole : whole & (1 << UInt64(hashBits) - 1)
            #expect(slot(table, id, hash) == expected[id], "seed \(seed)")
            if expected[id] == nil {
                expected[id] = expected.count
                #expect(table.add(id.span, hash: hash) == expected[id], "seed \(seed)")
            }
        }
        table._checkInvariants()
        #expect(table.count == expected.count)
        for (id, number) in expected {
            #expect(Array(table.id(of: number)) == id, "seed \(seed)")
            #expect(table.name(of: number) == String(decoding: id, as: UTF8.self), "seed \(seed)")
        }
    }

    @Test func `every multiple of three quarters keeps all ids findable`() {
        var table = VehicleTable()
        for number in 0..<2000 {
            let id = Array("vehicle-\(number)".utf8)
            #expect(table.add(id.span, hash: stableHash64(id.span)) == number)
        }
        for number in 0..<2000 {
            let id = Array("vehicle-\(number)".utf8)
            #expect(slot(table, id, stableHash64(id.span)) == number)
        }
        let stranger = Array("vehicle-2000".utf8)
        #expect(slot(table, stranger, stableHash64(stranger.span)) == nil)
    }

    @Test func `the empty id and ids that are prefixes of one another`() {
        var table = VehicleTable()
        for id in ["", "a", "ab", "abc", "b"] {
            let bytes = Array(id.utf8)
            #expect(slot(table, bytes, 7) == nil)
            _ = table.add(bytes.span, hash: 7)
        }
        for (number, id) in ["", "a", "ab", "abc", "b"].enumerated() {
            #expect(slot(table, Array(id.utf8), 7) == number)
        }
    }
}
