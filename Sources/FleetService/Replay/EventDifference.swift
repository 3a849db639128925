import FleetCore
import Foundation
import Wire

/// Events that only one of two runs over the same input has, by their ids.
///
/// An event that both have in the same batch costs nothing. One that the other run has not yet, for it may decide the same
/// later, is kept until the end: 24 bytes and its id in memory, its text in a temporary file without a name. So the
/// memory grows with the number of differences, and not with that of events.
struct EventDifference {
    /// One of the two runs.
    enum Side: UInt8 {
        case base
        case other

        var sign: String { self == .base ? "-" : "+" }
    }

    private struct Pending {
        var side: Side
        var type: EventType
        /// How much more often this run has it: an event that is repeated is one.
        var count: Int32
        var time_ms: Int64
        var offset: Int64
        var length: Int32
    }

    private var pending: [Hash128: Pending] = [:]
    private var spill: SpillFile

    init() throws(ReplayError) { spill = try SpillFile() }

    /// Takes what the two runs made of the same batch.
    mutating func compare(_ base: BatchOutput?, _ other: BatchOutput?) throws(ReplayError) {
        var balance: [Hash128: Int] = [:]
        base?.visitEvents { effect, _ in balance[effect.id, default: 0] += 1 }
        other?.visitEvents { effect, _ in balance[effect.id, default: 0] -= 1 }
        var failure: ReplayError?
        func keep(_ output: BatchOutput?, _ side: Side) {
            output?.visitEvents { effect, bytes in
                let excess = balance[effect.id, default: 0]
                guard failure == nil, side == .base ? excess > 0 : excess < 0 else { return }
                balance[effect.id] = excess + (side == .base ? -1 : 1)
                do throws(ReplayError) { try add(effect, bytes, side) } catch { failure = error }
            }
        }
        keep(base, .base)
        keep(other, .other)
        if let failure { throw failure }
    }

    private mutating func add(_ effect: Effect, _ bytes: [UInt8], _ side: Side) throws(ReplayError) {
        if var known = pending[effect.id] {
            known.count += known.side == side ? 1 : -1
            pending[effect.id] = known.count > 0 ? known : nil
            return
        }
        guard let type = effect.type else { return }
        let payload = bytes[effect.payload]
        var line: [UInt8] = []
        line.appendReplayLine(
            time_ms: effect.recordedTime_ms, topic: bytes[effect.topic], payload: payload, isRetained: false,
            masksNumbers: effect.type == .smsRequest)
        pending[effect.id] = Pending(
            side: side, type: type, count: 1, time_ms: Self.time_ms(of: payload) ?? effect.recordedTime_ms,
            offset: spill.size, length: Int32(line.count))
        try spill.append(line)
    }

    /// The attribute `time` of an event. Before it stand texts with their quotes escaped, so that the first match is it.
    private static func time_ms(of payload: ArraySlice<UInt8>) -> Int64? {
        guard let range = payload.firstRange(of: Array(",\"time\":\"".utf8)) else { return nil }
        let text = Array(payload[range.upperBound...].prefix { $0 != UInt8(ascii: "\"") })
        return RFC3339.parse(text.span)
    }

    // MARK: - The end

    var isEmpty: Bool { pending.isEmpty }

    /// How many events only one of the two has, by type, in the types' order.
    var summary: [(type: EventType, base: Int, other: Int)] {
        var counts: [EventType: (base: Int, other: Int)] = [:]
        for entry in pending.values {
            switch entry.side {
            case .base: counts[entry.type, default: (0, 0)].base += 1
            case .other: counts[entry.type, default: (0, 0)].other += 1
            }
        }
        return EventType.allCases.compactMap { type in counts[type].map { (type, $0.base, $0.other) } }
    }

    /// Writes a line for each event, in the order of the events' times; of those of one time in the order in which they
    /// were decided.
    func write(to handle: FileHandle) throws(ReplayError) {
        let sorted = pending.values.sorted { ($0.time_ms, $0.offset) < ($1.time_ms, $1.offset) }
        var buffer: [UInt8] = []
        for entry in sorted {
            buffer.append(contentsOf: entry.side.sign.utf8)
            buffer.append(UInt8(ascii: " "))
            buffer += try spill.read(at: entry.offset, count: Int(entry.length))
            if buffer.count > 1 << 18 {
                try writeWhole(buffer, to: handle.fileDescriptor, what: "the output")
                buffer.removeAll(keepingCapacity: true)
            }
        }
        try writeWhole(buffer, to: handle.fileDescriptor, what: "the output")
    }
}

extension BatchOutput {
    fileprivate func visitEvents(_ body: (Effect, [UInt8]) -> Void) {
        visit { effect, bytes in if effect.kind == .event { body(effect, bytes) } }
    }
}

/// A temporary file that vanishes with its last handle, also where the process is killed.
private struct SpillFile {
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var written: Int64 = 0

    init() throws(ReplayError) {
        var template = Array((FileManager.default.temporaryDirectory.path + "/fleetstream-diff-XXXXXX").utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw ReplayError(message: "a temporary file cannot be made: \(systemError(errno))")
        }
        unlink(template)
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    var size: Int64 { written + Int64(buffer.count) }

    mutating func append(_ bytes: [UInt8]) throws(ReplayError) {
        buffer += bytes
        guard buffer.count > 1 << 18 else { return }
        try writeWhole(buffer, to: handle.fileDescriptor, what: "a temporary file")
        written += Int64(buffer.count)
        buffer.removeAll(keepingCapacity: true)
    }

    func read(at offset: Int64, count: Int) throws(ReplayError) -> [UInt8] {
        if offset >= written {
            let start = Int(offset - written)
            return Array(buffer[start..<(start + count)])
        }
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes.withUnsafeMutableBytes { raw in
                pread(handle.fileDescriptor, raw.baseAddress.map { $0 + done }, count - done, off_t(offset) + done)
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw ReplayError(message: "a temporary file cannot be read: \(systemError(errno))") }
            done += got
        }
        return bytes
    }
}
