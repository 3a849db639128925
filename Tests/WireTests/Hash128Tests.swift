import Testing
import Wire

@Suite struct `128-bit hash` {
    /// From Python's mmh3: `mmh3.hash64(data, seed, x64arch=True, signed=False)` gives (low, high).
    static let vectors: [([UInt8], UInt32, UInt64, UInt64)] = [
        ([], 0, 0, 0),
        ([], 42, 0xf02a_a77d_fa1b_8523, 0xd101_6610_da11_cbb9),
        ([], 0xffff_ffff, 0x6af1_df4d_9d3b_c9ec, 0x8574_2112_1ee6_446b),
        (Array("a".utf8), 0, 0x8555_5565_f659_7889, 0xe6b5_3a48_510e_895a),
        (Array("a".utf8), 0xffff_ffff, 0xbef3_85fa_ead1_6340, 0xa936_3d23_7b2e_e74c),
        (Array("hello".utf8), 0, 0xcbd8_a7b3_41bd_9b02, 0x5b1e_906a_48ae_1d19),
        (Array("hello".utf8), 42, 0xc4b8_b3c9_60af_6f08, 0x2334_b875_b0ef_bc7a),
        (Array("fleets/a/vehicles/truck-007/telemetry".utf8), 0, 0x20f9_8c21_ffff_f3c9, 0xb811_e802_c1f2_2ce1),
        (Array("fleets/a/vehicles/truck-007/telemetry".utf8), 42, 0xecf3_37e5_b1ae_dd0b, 0x0646_d8bb_0092_cef2),
        (Array(0..<15), 0, 0x4723_1598_fd49_25e9, 0xcd84_6dee_88c6_7de9),
        (Array(0..<16), 0, 0x4449_24b5_9190_3f30, 0xab90_6456_762f_e845),
        (Array(0..<17), 42, 0x8f08_f89d_332a_a1fb, 0x592b_b498_cd19_df6c),
        (Array(0..<255), 0, 0x03b0_9a82_4269_589d, 0x85fb_6761_0eed_da83),
        (Array("瓦斯車".utf8), 0, 0x6458_9a57_dfbd_a28f, 0xc955_4fb4_7a20_8fb8),
    ]

    @Test(arguments: vectors)
    func `agrees with the reference implementation`(data: [UInt8], seed: UInt32, low: UInt64, high: UInt64) {
        #expect(Hash128(data, seed: seed) == Hash128(high: high, low: low))
        if seed == 0 { #expect(hash(data) == (Hash128(high: high, low: low), low)) }
    }

    @Test func `every tail length differs from its neighbours`() {
        let hashes = (0..<64).map { Hash128([UInt8](repeating: 0, count: $0)) }
        #expect(Set(hashes).count == 64)
    }
}
