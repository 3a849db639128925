import Testing
import Wire

@testable import FleetCore

@Suite struct `Byte coding` {
    private func whole() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(UInt8(200))
        writer.write(UInt16.max)
        writer.write(Int32.min)
        writer.write(Int64(-2))
        writer.write(0.1)
        writer.write(Float(-0.0))
        writer.write(true)
        writer.write("瓦斯")
        writer.write([UInt8]())
        writer.write(optional: Int64(9)) { $0.write($1) }
        writer.write(optional: Int64?.none) { $0.write($1) }
        for flag in [true, false, nil] { writer.write(optional: flag) }
        writer.write(UInt32(0))
        return writer.bytes
    }

    private func read(_ bytes: [UInt8]) throws(SnapshotError) {
        var reader = ByteReader(bytes)
        let byte: UInt8 = try reader.integer()
        let short: UInt16 = try reader.integer()
        let int: Int32 = try reader.integer()
        let long: Int64 = try reader.integer()
        #expect(byte == 200 && short == .max && int == .min && long == -2)
        #expect(try reader.double() == 0.1)
        #expect(try reader.float().sign == .minus)
        #expect(try reader.bool())
        #expect(try reader.string() == "瓦斯")
        #expect(try reader.data() == [])
        #expect(try reader.optional { reader throws(SnapshotError) in try reader.integer(Int64.self) } == 9)
        #expect(try reader.optional { reader throws(SnapshotError) in try reader.integer(Int64.self) } == nil)
        #expect(try reader.optionalBool() == true)
        #expect(try reader.optionalBool() == false)
        #expect(try reader.optionalBool() == nil)
        #expect(try reader.count() == 0)
        #expect(reader.isAtEnd)
    }

    @Test func `what was written is read`() throws { try read(whole()) }

    @Test func `integers are little-endian`() {
        var writer = ByteWriter()
        writer.write(UInt32(0x0102_0304))
        #expect(writer.bytes == [4, 3, 2, 1])
    }

    @Test func `every truncation is an error`() {
        let bytes = whole()
        for length in 0..<bytes.count {
            #expect(throws: SnapshotError.self) { try read(Array(bytes[..<length])) }
        }
    }

    @Test func `lengths and truth values that cannot be are errors`() {
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader([255, 255, 255, 255, 1])
            _ = try reader.data()
        }
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader([2, 0, 0, 0, 1])
            _ = try reader.count()
        }
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader([2])
            _ = try reader.bool()
        }
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader([3])
            _ = try reader.optionalBool()
        }
    }
}
