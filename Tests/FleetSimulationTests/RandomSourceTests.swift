import FleetSimulation
import Testing

@Suite struct RandomSourceTests {
    @Test func `the same seed, purpose and number give the same stream, and any other another`() {
        func first(_ seed: UInt64, _ purpose: RandomPurpose, _ number: UInt64) -> [UInt64] {
            var random = RandomSource(seed: seed, purpose: purpose, number: number)
            return (0..<4).map { _ in random.next() }
        }
        #expect(first(1, .driving, 7) == first(1, .driving, 7))
        var seen: Set<[UInt64]> = []
        for seed in UInt64(0)..<4 {
            for purpose in [RandomPurpose.driving, .faults, .network] {
                for number in UInt64(0)..<50 { seen.insert(first(seed, purpose, number)) }
            }
        }
        #expect(seen.count == 4 * 3 * 50)
    }

    @Test func `draws have the distributions that they say`() {
        var random = RandomSource(seed: 20_261_120, purpose: .vehicle)
        let count = 100_000
        var sum = 0.0
        var squares = 0.0
        var waits = 0.0
        var hits = 0
        var faces = [Int](repeating: 0, count: 6)
        for _ in 0..<count {
            let normal = random.normal()
            sum += normal
            squares += normal * normal
            waits += random.exponential(mean: 3)
            hits += random.chance(0.2) ? 1 : 0
            faces[random.integer(0...5)] += 1
        }
        let n = Double(count)
        #expect(abs(sum / n) < 0.015)
        #expect(abs(squares / n - 1) < 0.025)
        #expect(abs(waits / n - 3) < 0.06)
        #expect(abs(Double(hits) / n - 0.2) < 0.006)
        for face in faces { #expect(abs(Double(face) / n - 1 / 6) < 0.006) }
    }

    @Test func `ranges of one value and certain chances`() {
        var random = RandomSource(seed: 0, purpose: .faults)
        for _ in 0..<1_000 {
            let (five, two) = (random.integer(5...5), random.uniform(2...2))
            let (never, always) = (random.chance(0), random.chance(1))
            #expect(five == 5 && two == 2 && !never && always)
        }
    }

    @Test(arguments: [1.0, 10, 60])
    func `a Gauss–Markov process forgets at its rate and keeps its variance`(step_s: Double) {
        var random = RandomSource(seed: 5, purpose: .positioning)
        var process = GaussMarkovProcess(from: &random)
        var previous = process.value
        var squares = 0.0
        var products = 0.0
        let count = 200_000
        for _ in 0..<count {
            let value = process.advance(elapsed_s: step_s, correlation_s: 30, random: &random)
            squares += value * value
            products += value * previous
            previous = value
        }
        let expected = [1.0: 0.9672, 10: 0.7165, 60: 0.1353][step_s] ?? .nan
        #expect(abs(squares / Double(count) - 1) < 0.1)
        #expect(abs(products / squares - expected) < 0.02)
    }
}
