import TestSupport
import Testing
import Wire

@testable import MQTTTransport

/// The parts that decide without doing: no broker needed.
@Suite struct PureTests {
    @Test func `the outbox window against a plain model`() {
        for seed in UInt64(1)...200 {
            var random = SplitMix64(seed: seed)
            var window = OutboxWindow()
            // The model: every id, what became of it, and what the wire saw.
            let last: Int64 = 60
            var settled: Set<Int64> = []
            var deleted: Set<Int64> = []
            var flying: [Int64] = []
            var sentInThisConnection: [Int64] = []
            while settled.count < Int(last) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<5:
                    // The source deletes what is settled, sooner or later.
                    if let id = settled.subtracting(deleted).sorted().randomElement(using: &random) {
                        deleted.insert(id)
                    }
                    let offer = (window.cursor + 1...max(last, window.cursor + 1))
                        .first { $0 <= last && !deleted.contains($0) }
                    guard let offer else { break }
                    if window.shouldSend(offer) {
                        #expect(!settled.contains(offer), "seed \(seed): \(offer) goes out although it is settled")
                        #expect((sentInThisConnection.last ?? 0) < offer, "seed \(seed): out of order")
                        window.noteSent(offer)
                        flying.append(offer)
                        sentInThisConnection.append(offer)
                    } else {
                        #expect(settled.contains(offer), "seed \(seed): \(offer) is held back")
                    }
                case 5..<9:
                    guard !flying.isEmpty else { break }
                    let id = flying.remove(at: Int.random(in: flying.indices, using: &random))
                    settled.insert(id)
                    window.settle(id)
                default:
                    window.rewind()
                    flying.removeAll()
                    sentInThisConnection.removeAll()
                }
                #expect(window.unconfirmed == flying.count, "seed \(seed)")
                #expect(window.checkInvariants(), "seed \(seed)")
            }
        }
    }

    @Test func `settling what was never sent, or twice, changes nothing`() {
        var window = OutboxWindow()
        func shouldSend(_ id: Int64) -> Bool { window.shouldSend(id) }
        window.settle(5)
        #expect(shouldSend(3))
        window.noteSent(3)
        window.settle(2)
        window.settle(3)
        window.settle(3)
        #expect(window.unconfirmed == 0 && window.checkInvariants())
        #expect(!shouldSend(3) && !shouldSend(1))
    }

    @Test func `the newest value of each topic waits, in the order of waiting`() {
        for seed in UInt64(1)...50 {
            var random = SplitMix64(seed: seed)
            var lane = LatestLane()
            var model: [(topic: UInt8, payload: UInt8)] = []
            for step in 0..<2_000 {
                let topic = UInt8.random(in: 0..<20, using: &random)
                let payload = UInt8(truncatingIfNeeded: step)
                switch Int.random(in: 0..<4, using: &random) {
                case 0, 1:
                    let wasEmpty = lane.put(topic: [topic], payload: [payload])
                    #expect(wasEmpty == model.isEmpty)
                    if let index = model.firstIndex(where: { $0.topic == topic }) {
                        model[index].payload = payload
                    } else {
                        model.append((topic, payload))
                    }
                case 2:
                    lane.putBack(.init(topic: [topic], payload: [payload]))
                    if !model.contains(where: { $0.topic == topic }) { model.append((topic, payload)) }
                default:
                    let limit = Int.random(in: 0..<5, using: &random)
                    let taken = lane.take(limit)
                    #expect(taken.map(\.topic) == model.prefix(limit).map { [$0.topic] }, "seed \(seed)")
                    #expect(taken.map(\.payload) == model.prefix(limit).map { [$0.payload] }, "seed \(seed)")
                    model.removeFirst(min(limit, model.count))
                }
                #expect(lane.count == model.count && lane.checkInvariants(), "seed \(seed)")
            }
        }
    }

    @Test func `back-off grows, is bounded, and spreads`() {
        var random = SplitMix64(seed: 7)
        let settings = MQTTOptions.BackOff(initial_ms: 250, max_ms: 30_000)
        var timer = BackOffTimer(settings)
        var largest: [Int] = Array(repeating: 0, count: 12)
        for _ in 0..<500 {
            timer = BackOffTimer(settings)
            for attempt in 0..<12 {
                let wait = timer.next_ms(after: nil, using: &random)
                #expect(wait >= 10 && wait <= min(30_000, 250 << attempt))
                largest[attempt] = max(largest[attempt], wait)
            }
        }
        #expect(largest[0] > 200 && largest[11] > 28_000)
        // What only an administrator can mend is tried rarely, from the first time on.
        timer = BackOffTimer(settings)
        func next_ms(_ error: MQTTError?) -> Int { timer.next_ms(after: error, using: &random) }
        let refused = MQTTError(.notAuthorised, "", isRetriable: false)
        #expect(next_ms(refused) >= 15_000)
        // A short connection does not reset the row of failures, a long one does.
        for _ in 0..<10 { _ = timer.next_ms(after: nil, using: &random) }
        timer.noteConnectionEnded(after_ms: 100)
        let waits = (0..<50).map { _ in timer.next_ms(after: nil, using: &random) }
        #expect(waits.contains { $0 > 1_000 })
        timer.noteConnectionEnded(after_ms: 60_000)
        #expect(next_ms(nil) <= 250)
        // Nonsense in the settings does not trap.
        timer = BackOffTimer(.init(initial_ms: 0, max_ms: -5))
        #expect(next_ms(nil) == 10)
        #expect(next_ms(refused) <= 10)
    }

    @Test func `the redelivery filter drops the first repetition and nothing else`() {
        var filter = RedeliveryFilter()
        func isDropped(_ packetID: UInt16, _ hash: UInt64) -> Bool {
            filter.isRedelivery(packetID: packetID, hash: hash)
        }
        filter.connectionOpened(sessionPresent: true)
        #expect(!isDropped(1, 10))
        #expect(!isDropped(2, 20))
        filter.commit()
        // Not committed: it must come through again.
        #expect(!isDropped(3, 30))
        // In the same connection an equal message is a new one.
        #expect(!isDropped(1, 10))

        filter.connectionOpened(sessionPresent: true)
        #expect(isDropped(1, 10))
        #expect(!isDropped(1, 10), "only the first under its packet id")
        #expect(!isDropped(2, 21), "another message")
        #expect(!isDropped(2, 20), "the id is taken by another message now")
        #expect(!isDropped(3, 30), "it was never committed")
        #expect(!isDropped(0, 10), "QoS 0")
        filter.commit()

        filter.connectionOpened(sessionPresent: false)
        #expect(!isDropped(1, 10))
        filter.seed(packetID: 65_535, hash: 5)
        filter.connectionOpened(sessionPresent: true)
        #expect(isDropped(65_535, 5))
    }

    @Test func `hashes tell topic from payload, and depend on every byte`() {
        func hash(_ topic: [UInt8], _ payload: [UInt8]) -> UInt64 {
            topic.withUnsafeBytes { topic in
                payload.withUnsafeBytes { RedeliveryFilter.hash(topic: topic, payload: $0) }
            }
        }
        var random = SplitMix64(seed: 3)
        var seen: Set<UInt64> = [hash([], [])]
        for length in 0..<40 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            for split in 0...length {
                let whole = hash(Array(bytes[..<split]), Array(bytes[split...]))
                #expect(whole == hash(Array(bytes[..<split]), Array(bytes[split...])))
                if length > 0 { #expect(seen.insert(whole).inserted, "length \(length), split \(split)") }
            }
            for index in 0..<length {
                var changed = bytes
                changed[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                #expect(seen.insert(hash([], changed)).inserted)
            }
        }
        #expect(!seen.contains(0))
        #expect(hash([0], []) != hash([], [0]) && hash([0, 0], []) != hash([0], []))
    }

    @Test func `a configuration is rewritten for another place`() {
        let text = """
            # a comment
            max_connections -1
            allow_anonymous true
            user mosquitto
            pid_file /run/x
            log_dest syslog
            persistence_location /var/lib/mosquitto/
            listener 8883
            cafile /etc/ca.crt
            certfile /etc/c.crt
            max_connections 5
            max_queued_messages 7
              port 1883
            """
        let lines = LocalBroker.rewrite(
            text, port: 4_711, directory: "/somewhere", isRoot: true, listenerLines: ["max_qos 1"],
            extraLines: ["sys_interval 1"]
        ).split(separator: "\n").map(String.init)
        #expect(
            Array(lines.prefix(4)) == [
                "# a comment", "max_connections -1", "allow_anonymous true", "max_queued_messages 7",
            ])
        #expect(lines.suffix(2) == ["listener 4711 127.0.0.1", "max_qos 1"])
        #expect(lines.contains("user root") && lines.contains("persistence_location /somewhere/"))
        #expect(lines.contains("sys_interval 1"))
        #expect(
            !lines.contains {
                $0.contains("8883") || $0.contains("cafile") || $0.contains("syslog") || $0.contains("port ")
            })
    }
}
