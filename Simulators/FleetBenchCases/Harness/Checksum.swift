/// Checksums that do not depend on the order in which results come.
package enum Checksum {
    /// The finaliser of SplitMix64 after adding its increment (Steele, Lea and Flood, doi:10.1145/2714064).
    @inline(__always)
    package static func mix64(_ x: UInt64) -> UInt64 {
        var z = x &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// What a pair adds to the sum: both numbered from 0.
    @inline(__always)
    package static func pair(_ first: Int, _ second: Int32) -> UInt64 {
        mix64(UInt64(first) << 32 | UInt64(UInt32(bitPattern: second)))
    }

    /// Sixteen hexadecimal digits.
    package static func text(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
