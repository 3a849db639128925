import Glibc

/// What a random stream is drawn for. Each purpose of each vehicle has a stream of its own, so that a change of one
/// (more faults, say) leaves the others as they were.
package enum RandomPurpose: UInt64, Sendable {
    case network = 1
    case places = 2
    case vehicle = 3
    case driving = 4
    case positioning = 5
    case condition = 6
    case reporting = 7
    case faults = 8
    /// Customers and drivers, and what they are used to.
    case people = 9
    /// A day's orders and plans.
    case orders = 10
    /// What a day brings to one vehicle.
    case workday = 11
    /// What dispatchers do in a day.
    case dispatchers = 12
    /// How fast roads are, and how fast on a day.
    case traffic = 13
    /// How vehicles and gateways answer.
    case answers = 14
}

/// A stream of random numbers: xoshiro256++ seeded through SplitMix64.
///
/// The same seed, purpose and number give the same stream on every machine, whatever was drawn elsewhere before.
/// Sources: Blackman and Vigna, "Scrambled linear pseudorandom number generators", doi:10.1145/3460772; Steele, Lea and
/// Flood, "Fast splittable pseudorandom number generators", doi:10.1145/2714064. Not for secrets.
package struct RandomSource: Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64
    private var spareNormal: Double = .nan

    /// The stream of `purpose` for vehicle (or other thing) `number` of the run with `seed`.
    package init(seed: UInt64, purpose: RandomPurpose, number: UInt64 = 0) {
        var state = seed
        let fromSeed = Self.splitMix64(&state)
        state = fromSeed ^ (purpose.rawValue &* 0xD1B5_4A32_D192_ED03)
        let fromPurpose = Self.splitMix64(&state)
        state = fromPurpose ^ (number &* 0x9E37_79B9_7F4A_7C15)
        s0 = Self.splitMix64(&state)
        s1 = Self.splitMix64(&state)
        s2 = Self.splitMix64(&state)
        s3 = Self.splitMix64(&state)
    }

    private static func splitMix64(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// The next 64 bits.
    package mutating func next() -> UInt64 {
        let sum = s0 &+ s3
        let result = ((sum << 23) | (sum >> 41)) &+ s0
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// Uniform in 0 ..< 1, with 53 random bits.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Uniform between the range's ends; the lower end where both are equal.
    package mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    /// Uniform in the range of whole numbers. (The bias of the multiplication is below 2⁻⁴⁰ for the sizes used here.)
    package mutating func integer(_ range: ClosedRange<Int>) -> Int {
        let width = UInt64(range.upperBound - range.lowerBound) + 1
        return range.lowerBound + Int(next().multipliedFullWidth(by: width).high)
    }

    /// True with `probability` (0 never, 1 always); always takes exactly one draw.
    package mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    /// Normally distributed, mean 0, standard deviation 1 (Marsaglia's polar method).
    package mutating func normal() -> Double {
        if !spareNormal.isNaN {
            let value = spareNormal
            spareNormal = .nan
            return value
        }
        while true {
            let u = 2 * unit() - 1
            let v = 2 * unit() - 1
            let square = u * u + v * v
            if square < 1, square > 0 {
                let factor = (-2 * log(square) / square).squareRoot()
                spareNormal = v * factor
                return u * factor
            }
        }
    }

    /// Exponentially distributed with the given mean.
    package mutating func exponential(mean: Double) -> Double {
        -mean * log(1 - unit())
    }
}

/// Fluctuation with memory: a first-order Gauss–Markov (Ornstein–Uhlenbeck) process of unit variance.
///
/// Exact for any step: the correlation of two values falls with e^(−Δt/τ).
package struct GaussMarkovProcess: Sendable {
    package private(set) var value: Double

    /// Starts in the stationary distribution.
    package init(from random: inout RandomSource) {
        value = random.normal()
    }

    /// Moves on by `elapsed_s` with the correlation time `correlation_s` (> 0) and gives the new value.
    package mutating func advance(elapsed_s: Double, correlation_s: Double, random: inout RandomSource) -> Double {
        let memory = exp(-elapsed_s / correlation_s)
        value = value * memory + (1 - memory * memory).squareRoot() * random.normal()
        return value
    }
}
