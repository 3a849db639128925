import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Hash order` {
    private func sorted(_ hashes: [UInt64]) -> [HashedVehicle] {
        var order = HashOrder()
        var vehicles = hashes.enumerated().map { HashedVehicle(hash: $1, slot: Int32($0)) }
        // Twice with one set of buffers, which the first run leaves used.
        for _ in 0..<2 { order.sort(&vehicles) { $0 < $1 } }
        return vehicles
    }

    private func expectOrdered(_ hashes: [UInt64], _ what: String) {
        let expected = hashes.enumerated().sorted { ($0.element, $0.offset) < ($1.element, $1.offset) }
        let result = sorted(hashes)
        #expect(result.map { Int($0.slot) } == expected.map(\.offset), "\(what)")
    }

    @Test(arguments: seeds(30)) func `random hashes of any number`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let count = random.int(0...3000)
        expectOrdered((0..<count).map { _ in random.next() }, "seed \(seed), \(count) vehicles")
    }

    @Test(arguments: seeds(10)) func `hashes that somebody made alike`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        expectOrdered((0..<2000).map { _ in random.next() >> 40 }, "seed \(seed), small")
        expectOrdered((0..<2000).map { _ in random.next() | 0xFFFF_FFFF_0000_0000 }, "seed \(seed), large")
        expectOrdered((0..<500).map { _ in random.next() % 3 }, "seed \(seed), the same")
        expectOrdered((0..<2000).map { UInt64(2000 - $0) }, "descending")
    }
}
