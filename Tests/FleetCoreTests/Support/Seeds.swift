import Foundation
import TestSupport

/// The seeds of a random test: `count` of them, or as many as `FLEETSTREAM_SEEDS` says, or `FLEETSTREAM_SEED` alone.
func seeds(_ count: Int) -> Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let only = environment["FLEETSTREAM_SEED"].flatMap({ UInt64($0) }) { return only..<(only + 1) }
    let wanted = environment["FLEETSTREAM_SEEDS"].flatMap { UInt64($0) }
    return 1..<((wanted ?? UInt64(count)) + 1)
}

extension SplitMix64 {
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }
    mutating func pick<T>(_ choices: [T]) -> T { choices[int(0...(choices.count - 1))] }
}
