import TestSupport
import Testing

@testable import FleetCore

@Suite struct `Thinning a path` {
    private func line(_ places: [(Double, Double)]) -> [Int32] {
        places.flatMap { [Int32(($0.0 * 1e7).rounded()), Int32(($0.1 * 1e7).rounded())] }
    }

    @Test func `a straight line needs its ends only, a corner its corner`() {
        let straight = line((0...1000).map { (121.5 + Double($0) * 1e-5, 25.0) })
        #expect(PathThinning.thinned(straight, points_max: 200) == line([(121.5, 25), (121.51, 25)]))
        let east = (0...100).map { (121.5 + Double($0) * 1e-4, 25.0) }
        let north = (1...100).map { (121.51, 25 + Double($0) * 1e-4) }
        let corner = line(east + north)
        #expect(PathThinning.thinned(corner, points_max: 200) == line([(121.5, 25), (121.51, 25), (121.51, 25.01)]))
    }

    @Test func `nothing, one point and two are left as they are`() {
        for count in 0...2 {
            let short = line((0..<count).map { (Double($0), 1) })
            #expect(PathThinning.thinned(short, points_max: 2) == short)
        }
    }

    @Test func `points at one place, and a line over the antimeridian`() {
        #expect(
            PathThinning.thinned(line(Array(repeating: (1, 1), count: 50)), points_max: 9) == line([(1, 1), (1, 1)]))
        let over = line([(179.999, 0), (180, 0), (-179.999, 0), (-179.998, 0)])
        #expect(PathThinning.thinned(over, points_max: 9) == line([(179.999, 0), (-179.998, 0)]))
    }

    @Test(arguments: 0..<30)
    func `ends are kept, order too, and never more points than wanted`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let count = 2 + Int(random.next() % 400)
        let places = (0..<count).map { _ in
            (120 + Double(random.next() % 100_000) * 1e-5, 24 + Double(random.next() % 100_000) * 1e-5)
        }
        let path = line(places)
        let points_max = 2 + Int(random.next() % 300)
        let thin = PathThinning.thinned(path, points_max: points_max)
        #expect(thin.count % 2 == 0 && thin.count / 2 <= points_max, "seed \(seed)")
        #expect(Array(thin.prefix(2)) == Array(path.prefix(2)) && Array(thin.suffix(2)) == Array(path.suffix(2)))
        // What is left is there in the same order.
        var place = 0
        for index in stride(from: 0, to: thin.count, by: 2) {
            while place < path.count, path[place] != thin[index] || path[place + 1] != thin[index + 1] { place += 2 }
            #expect(place < path.count, "seed \(seed)")
            place += 2
        }
        if points_max >= count { #expect(thin.count >= 4) }
    }
}
