import Foundation
import Testing

@testable import Signing

func bytes(hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).filter { $0 != 0x20 && $0 != 0x0A }
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
    }
}

@Suite struct `HMAC-SHA256 and SHA-256` {
    /// The test cases of RFC 4231, section 4; that of 5 is cut to 128 bits there.
    static let vectors: [(key: [UInt8], data: [UInt8], code: String)] = [
        (
            [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            [UInt8](repeating: 0x0C, count: 20), Array("Test With Truncation".utf8),
            "a3b6167473100ee06e0c796c2955552b"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        (
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                "This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."
                    .utf8),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]

    @Test(arguments: vectors.indices) func `the vectors of RFC 4231`(index: Int) throws {
        let vector = Self.vectors[index]
        let wanted = bytes(hex: vector.code)
        let code = try #require(SHA256.authenticationCode(of: vector.data, key: vector.key))
        #expect(Array(code.prefix(wanted.count)) == wanted)
        #expect(code.count == 32)
    }

    @Test func `an empty key and empty data are what they are`() throws {
        let empty = bytes(hex: "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
        _ = SHA256.authenticationCode(of: [1], key: [1, 2, 3])
        #expect(SHA256.authenticationCode(of: [], key: []) == empty)
        let hash = bytes(hex: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(SHA256.hash([]) == hash)
        let abc = bytes(hex: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256.hash(Array("abc".utf8)) == abc)
    }

    @Test func `bytes are the same only where all are`() {
        #expect(SHA256.isSame([], []))
        #expect(SHA256.isSame([1, 2, 3], [1, 2, 3]))
        #expect(!SHA256.isSame([1, 2, 3], [1, 2, 4]))
        #expect(!SHA256.isSame([1, 2, 3], [1, 2]))
    }
}
