import CPlatform
import Glibc

/// Time and memory of this process.
enum Measure {
    /// Nanoseconds that this thread has had a processor: on a machine that does other things as well, the clock on the wall would
    /// mostly measure those.
    static func now_ns() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Nanoseconds of a clock that never goes back.
    static func clock_ns() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// How long `body` takes on this thread, in nanoseconds.
    static func time_ns(_ body: () -> Void) -> Double {
        let start = now_ns()
        body()
        return Double(now_ns() - start)
    }

    /// Times `body` once to warm up and then for each repetition; nanoseconds for each of the `items` that it handles.
    static func each_ns(_ items: Int, _ repetitions: Int, _ body: () -> Void) -> [Double] {
        body()
        return (0..<max(1, repetitions)).map { _ in time_ns(body) / Double(max(1, items)) }
    }

    /// What the process holds in memory, in bytes; what was freed is given back first.
    static func resident_bytes() -> Int {
        malloc_trim(0)
        return statusValue_bytes("VmRSS:")
    }

    /// The most that the process held since ``resetPeak()``.
    static func peak_bytes() -> Int { statusValue_bytes("VmHWM:") }

    static func resetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    private static func statusValue_bytes(_ key: String) -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            guard text.starts(with: key.utf8) else { continue }
            let digits = text.filter { $0 >= 48 && $0 <= 57 }
            return digits.reduce(0) { $0 * 10 + Int($1 - 48) } * 1024
        }
        return 0
    }
}

/// SplitMix64 as a stream: one seed, one world.
struct BenchRandom {
    private var state: UInt64

    init(seed: UInt64) { state = Checksum.mix64(seed) }

    mutating func next() -> UInt64 {
        let value = Checksum.mix64(state)
        state &+= 0x9E37_79B9_7F4A_7C15
        return value
    }

    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    mutating func double(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * unit()
    }

    mutating func int(below limit: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(limit)).high) }
}
