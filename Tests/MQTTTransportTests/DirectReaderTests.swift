import Foundation
import Glibc
import TestSupport
import Testing

@testable import MQTTTransport

/// A packet as bytes, and what it should be read as.
private struct SamplePacket: Equatable {
    var bytes: [UInt8]
    /// Nil where the library is to read it.
    var message: Message?

    struct Message: Equatable {
        var topic: [UInt8]
        var payload: [UInt8]
        var packetID: UInt16
        var isRetained: Bool
    }

    static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var bytes = [first]
        var rest = body.count
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes + body
    }

    static func publish(_ message: Message, qos: UInt8, properties: [UInt8]?, readBy library: Bool = false) -> Self {
        var body = [UInt8(message.topic.count >> 8), UInt8(message.topic.count & 0xFF)] + message.topic
        if qos > 0 { body += [UInt8(message.packetID >> 8), UInt8(message.packetID & 0xFF)] }
        if let properties { body += [UInt8(properties.count)] + properties }
        let first = 0x30 | qos << 1 | (message.isRetained ? 1 : 0)
        return SamplePacket(bytes: packet(first, body + message.payload), message: library ? nil : message)
    }

    static func random(_ random: inout SplitMix64, isVersion5: Bool) -> Self {
        let size = [0, 1, 100, 130, 20_000].randomElement(using: &random) ?? 0
        var message = Message(
            topic: Array("t/\(Int.random(in: 0...9999, using: &random))".utf8),
            payload: (0..<size).map { UInt8(truncatingIfNeeded: $0) }, packetID: 0,
            isRetained: .random(using: &random))
        let none: [UInt8]? = isVersion5 ? [] : nil
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return SamplePacket(bytes: [0xD0, 0], message: nil)
        case 1: return SamplePacket(bytes: packet(0x90, [0, 1, 1]), message: nil)
        case 2 where isVersion5:
            message.packetID = 7
            // Payload format indicator.
            return publish(message, qos: 1, properties: [1, 1], readBy: true)
        case 3:
            message.packetID = 9
            return publish(message, qos: 2, properties: none, readBy: true)
        case 4: return publish(message, qos: 0, properties: none)
        default:
            message.packetID = .random(in: 1...UInt16.max, using: &random)
            return publish(message, qos: 1, properties: none)
        }
    }
}

@Suite struct `Packet heads` {
    private func head(_ bytes: [UInt8], isVersion5: Bool = true) -> PacketHead {
        bytes.withUnsafeBytes { PacketHead($0, isVersion5: isVersion5) }
    }

    @Test(arguments: [true, false]) func `every truncation is incomplete, and never more is read`(isVersion5: Bool) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            let sample = SamplePacket.random(&random, isVersion5: isVersion5)
            let step = max(1, sample.bytes.count / 50)
            for length in stride(from: 1, to: sample.bytes.count, by: step) {
                #expect(head(Array(sample.bytes[..<length]), isVersion5: isVersion5) == .incomplete, "seed \(seed)")
            }
            guard case .message(let packet) = head(sample.bytes + [0xFF], isVersion5: isVersion5) else {
                #expect(sample.message == nil, "seed \(seed)")
                continue
            }
            #expect(Array(sample.bytes[packet.topic]) == sample.message?.topic, "seed \(seed)")
            #expect(Array(sample.bytes[packet.payload]) == sample.message?.payload, "seed \(seed)")
            #expect(packet.payload.upperBound == sample.bytes.count, "seed \(seed)")
        }
    }

    @Test(
        arguments: [
            // Packet id 0, no topic, a topic that is longer than the packet, no room for the packet id, reserved QoS.
            [0x32, 6, 0, 1, 0x61, 0, 0, 0], [0x30, 3, 0, 0, 0], [0x30, 4, 0, 9, 0x61, 0], [0x32, 4, 0, 1, 0x61, 0],
            [0x36, 6, 0, 1, 0x61, 0, 1, 0], [0x30, 1, 0], [0x30, 0],
            // A length of more than four bytes.
            [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 1],
        ] as [[UInt8]]) func `what is not as it should be is left to the library`(_ bytes: [UInt8])
    {
        #expect(head(bytes) == .other)
    }

    @Test func `random bytes never crash`() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...12, using: &random)).map { index in
                index == 0 ? UInt8.random(in: 0x30...0x3F, using: &random) : UInt8.random(in: 0...20, using: &random)
            }
            if case .message(let packet) = head(bytes) { #expect(packet.payload.upperBound <= bytes.count) }
        }
    }
}

@Suite struct `Direct reader` {
    /// Whatever the pieces in which bytes arrive: every message comes once, in order, and what is the library's stands at the
    /// head of the socket when it is told to read.
    @Test(arguments: [true, false]) func `messages between other packets`(isVersion5: Bool) throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SplitMix64(seed: seed)
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let samples = (0..<400).map { _ in SamplePacket.random(&random, isVersion5: isVersion5) }
        var unsent = samples.flatMap(\.bytes)[...]
        var expected = samples[...]
        var reader = DirectReader()
        var acknowledged: [UInt8] = []
        while !expected.isEmpty {
            let piece = unsent.prefix(.random(in: 1...30_000, using: &random))
            unsent = unsent.dropFirst(piece.count)
            if !piece.isEmpty { #expect(write(ends[0], Array(piece), piece.count) == piece.count) }
            var room = Int.random(in: 1...20, using: &random)
            var isDrained = false
            while !isDrained, room > 0 {
                let outcome = reader.read(
                    ends[1], isVersion5: isVersion5, wantsMore: { room > 0 },
                    handle: { message in
                        room -= 1
                        let sample = expected.popFirst()
                        #expect(sample?.message?.topic == Array(message.topic), "seed \(seed)")
                        #expect(sample?.message?.payload == Array(message.payload), "seed \(seed)")
                        #expect(sample?.message?.packetID == message.packetID, "seed \(seed)")
                        #expect(sample?.message?.isRetained == message.isRetained, "seed \(seed)")
                        if message.qos == 1 {
                            acknowledged += [
                                0x40, 2, UInt8(message.packetID >> 8), UInt8(message.packetID & 0xFF),
                            ]
                        }
                    })
                switch outcome {
                case .progress: break
                case .drained: isDrained = true
                case .library:
                    isDrained = readAsLibrary(ends, &expected, &unsent)
                    reader.noteCallback()
                }
            }
        }
        #expect(unsent.isEmpty)
        // Nothing leaves before it is told to.
        var sent = [UInt8](repeating: 0, count: 1 << 16)
        #expect(recv(ends[0], &sent, sent.count, Int32(MSG_DONTWAIT)) < 0)
        #expect(reader.hasAcknowledgements && reader.sendAcknowledgements(ends[1]) && !reader.hasAcknowledgements)
        let count = recv(ends[0], &sent, sent.count, Int32(MSG_DONTWAIT))
        #expect(Array(sent.prefix(max(0, count))) == acknowledged, "seed \(seed)")
    }

    /// Reads the packet at the head, whatever kind it is and however much of it is there. Returns false.
    private func readAsLibrary(
        _ ends: [Int32], _ expected: inout ArraySlice<SamplePacket>, _ unsent: inout ArraySlice<UInt8>
    ) -> Bool {
        guard let sample = expected.popFirst() else { return true }
        var bytes: [UInt8] = []
        while bytes.count < sample.bytes.count {
            var piece = [UInt8](repeating: 0, count: sample.bytes.count - bytes.count)
            let count = recv(ends[1], &piece, piece.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                bytes += piece[..<count]
            } else {
                let more = unsent.prefix(piece.count)
                unsent = unsent.dropFirst(more.count)
                guard !more.isEmpty, write(ends[0], Array(more), more.count) == more.count else { return true }
            }
        }
        #expect(bytes == sample.bytes)
        return false
    }

    @Test func `a packet that never fits is the library's`() {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let message = SamplePacket.Message(
            topic: [0x61], payload: [UInt8](repeating: 1, count: 100_000), packetID: 1, isRetained: false)
        let head = Array(SamplePacket.publish(message, qos: 1, properties: []).bytes.prefix(50_000))
        #expect(write(ends[0], head, head.count) == head.count)
        var reader = DirectReader()
        func read() -> DirectReader.Outcome {
            reader.read(ends[1], isVersion5: true, wantsMore: { true }, handle: { _ in })
        }
        // First it may only be late; when nothing has come since, waiting for it would not wait.
        #expect(read() == .drained)
        #expect(read() == .library)
        #expect(read() == .library)
        reader.noteCallback()
        #expect(read() == .drained)
    }

    @Test func `the end of a connection is the library's to find`() {
        var ends: [Int32] = [0, 0]
        #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        var reader = DirectReader()
        close(ends[0])
        #expect(reader.read(ends[1], isVersion5: true, wantsMore: { true }, handle: { _ in }) == .library)
        close(ends[1])
        #expect(reader.read(ends[1], isVersion5: true, wantsMore: { true }, handle: { _ in }) == .library)
    }
}
