import BrokerHarness
import Foundation
import Locks
import MQTTTransport
import Testing
import Wire

/// An outbox in memory: what the store is in the product.
final class MemoryOutbox: OutgoingSource {
    struct Contents {
        var messages: [OutgoingMessage] = []
        var confirmed: Set<Int64> = []
        var rejected: [Int64: MQTTError] = [:]
        var largestAnswer = 0
        var confirmedTwice = 0
    }

    let contents: Guarded<Contents>
    private let deletes: Bool

    /// `deletes`: whether confirmed messages are gone at once, or stay and are offered again.
    init(_ messages: [OutgoingMessage], deletes: Bool = true) {
        contents = Guarded(Contents(messages: messages))
        self.deletes = deletes
    }

    /// Numbered messages over several topics.
    static func numbered(_ ids: ClosedRange<Int64>, topics: Int = 1) -> [OutgoingMessage] {
        ids.map { OutgoingMessage(id: $0, topic: Array("out/\(Int($0) % topics)".utf8), payload: Array("\($0)".utf8)) }
    }

    func next(after id: Int64, limit: Int) -> [OutgoingMessage] {
        contents.withLock { contents in
            var answer: [OutgoingMessage] = []
            for message in contents.messages where message.id > id && answer.count < limit {
                if !deletes || !contents.confirmed.contains(message.id) { answer.append(message) }
            }
            contents.largestAnswer = max(contents.largestAnswer, answer.count)
            return answer
        }
    }

    func confirmed(_ ids: [Int64]) {
        contents.withLock { contents in
            for id in ids where !contents.confirmed.insert(id).inserted { contents.confirmedTwice += 1 }
        }
    }

    func rejected(_ id: Int64, reason: MQTTError) {
        contents.withLock { $0.rejected[id] = reason }
    }

    func add(_ messages: [OutgoingMessage]) { contents.withLock { $0.messages += messages } }
    var confirmedCount: Int { contents.withLock { $0.confirmed.count } }
    var rejections: [Int64: MQTTError] { contents.withLock { $0.rejected } }
}

@Suite struct PublisherTests {
    /// A subscriber with a kept session, that has subscribed.
    private func subscriber(
        of broker: MosquittoBroker, _ filter: String, ledger: Ledger
    ) throws -> MQTTReceiver {
        let receiver = MQTTReceiver(broker.options(clientID: "subscriber"), [(filter, 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        return receiver
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `an outbox goes out in order, once, within its window`(version: MQTTOptions.ProtocolVersion) throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = try subscriber(of: broker, "out/#", ledger: ledger)
        let outbox = MemoryOutbox(MemoryOutbox.numbered(1...3_000), deletes: false)
        let publisher = MQTTPublisher(
            options: broker.options(clientID: "publisher", protocolVersion: version), window: 100, source: outbox)
        try publisher.start()
        #expect(eventually { outbox.confirmedCount == 3_000 })
        // Waking: what is added later goes out at once.
        outbox.add(MemoryOutbox.numbered(3_001...3_010))
        publisher.wake()
        #expect(eventually { outbox.confirmedCount == 3_010 })
        #expect(publisher.flush(timeout_ms: 5_000))
        #expect(eventually { ledger.seen.count == 3_010 })
        receiver.stop()
        #expect(ledger.payloads.elementsEqual((1...3_010).map { "\($0)" }))
        #expect(outbox.contents.withLock { $0.largestAnswer } <= 100)
        #expect(outbox.contents.withLock { $0.confirmedTwice } == 0)
        #expect(publisher.statistics.published == 3_010)
        #expect(publisher.statistics.lastRoundTrip_us > 0)
        #expect(publisher.statistics.unconfirmed == 0)
    }

    @Test func `content type, correlation data, expiry and the retain flag go along`() throws {
        let broker = try MosquittoBroker()
        let watching = try broker.startSub([
            "-V", "5", "-t", "out", "-C", "1", "-W", "10", "-F", "%p|%C|%D|%E|%r",
        ])
        #expect(eventually { broker.log.contains("New client connected") })
        let ledger = Ledger()
        let receiver = try subscriber(of: broker, "out", ledger: ledger)
        let outbox = MemoryOutbox([
            OutgoingMessage(
                id: 1, topic: Array("out".utf8), payload: Array("hello".utf8), isRetained: true,
                contentType: "application/cloudevents+json", correlation: Array("c9".utf8), expiry_s: 600)
        ])
        let publisher = MQTTPublisher(options: broker.options(clientID: "publisher"), source: outbox)
        try publisher.start()
        #expect(publisher.flush(timeout_ms: 5_000))
        #expect(eventually { ledger.seen.first?.correlation == Array("c9".utf8) })
        watching.wait(timeout_ms: 10_000)
        let line = watching.lines.first ?? watching.output
        #expect(line.contains("hello|application/cloudevents+json|"), "\(line)")
        #expect(line.contains("|600|") || line.contains("|599|"), "\(line)")
        #expect(try broker.sub(["-t", "out", "-C", "1", "-W", "5"]) == ["hello"], "it is retained")
        receiver.stop()
    }

    @Test(arguments: [true, false])
    func `order, completeness and bounds over restarts of the broker`(deletes: Bool) throws {
        let broker = try MosquittoBroker()
        let ledger = Ledger()
        let receiver = try subscriber(of: broker, "out/#", ledger: ledger)
        let outbox = MemoryOutbox(MemoryOutbox.numbered(1...6_000, topics: 7), deletes: deletes)
        let publisher = MQTTPublisher(options: broker.options(clientID: "publisher"), window: 50, source: outbox)
        try publisher.start()
        for _ in 0..<3 {
            let before = outbox.confirmedCount
            #expect(eventually { outbox.confirmedCount >= min(6_000, before + 500) })
            try broker.restart()
        }
        #expect(eventually { outbox.confirmedCount == 6_000 })
        #expect(publisher.flush(timeout_ms: 5_000))
        #expect(eventually { Set(ledger.payloads).count == 6_000 })
        receiver.stop()
        // Per topic: in order, but for repetitions of what was not confirmed yet, at most a window back.
        for topic in 0..<7 {
            var newest = 0
            for seen in ledger.seen where seen.topic == "out/\(topic)" {
                let number = Int(seen.payload) ?? 0
                #expect(number > newest - 50 && (number > newest || number <= newest))
                if number > newest {
                    #expect(number == (newest == 0 ? (topic == 0 ? 7 : topic) : newest + 7))
                    newest = number
                }
            }
        }
        #expect(ledger.seen.count - 6_000 <= 3 * 50)
        #expect(outbox.contents.withLock { $0.confirmedTwice } == 0)
        #expect(publisher.statistics.reconnects >= 1)
    }

    @Test func `while the broker is away nothing is pulled, and stopping is quick`() throws {
        let outbox = MemoryOutbox(MemoryOutbox.numbered(1...100))
        var options = MQTTOptions(port: LocalBroker.freePort(), clientID: "publisher")
        options.backOff = .init(initial_ms: 60_000, max_ms: 60_000)
        let ledger = Ledger()
        let publisher = MQTTPublisher(options: options, source: outbox, onStateChange: ledger.note)
        try publisher.start()
        for number in 0..<10_000 {
            publisher.publishLatest(topic: Array("state/\(number % 10)".utf8), payload: Array("\(number)".utf8))
        }
        #expect(eventually { ledger.lastError?.code == .unreachable })
        let start = Date()
        #expect(!publisher.flush(timeout_ms: 100))
        #expect(Date().timeIntervalSince(start) < 1)
        #expect(outbox.contents.withLock { $0.largestAnswer } == 0)
        #expect(publisher.statistics.latestReplaced == 9_990)
    }

    @Test func `what cannot be published is rejected, and the rest goes on`() throws {
        let broker = try MosquittoBroker()
        let outbox = MemoryOutbox([
            OutgoingMessage(id: 1, topic: Array("a/#".utf8), payload: []),
            OutgoingMessage(id: 2, topic: [], payload: []),
            OutgoingMessage(id: 3, topic: Array("a\0b".utf8), payload: []),
            OutgoingMessage(id: 4, topic: [0xFF, 0xFE], payload: []),
            OutgoingMessage(id: 5, topic: Array("good".utf8), payload: []),
        ])
        let publisher = MQTTPublisher(options: broker.options(clientID: "publisher"), source: outbox)
        try publisher.start()
        #expect(eventually { outbox.confirmedCount == 1 && outbox.rejections.count == 4 })
        #expect(outbox.rejections.values.allSatisfy { $0.code == .publishRejected && !$0.isRetriable })
        #expect(publisher.flush(timeout_ms: 1_000))
    }

    @Test func `a message that the broker's rules forbid is rejected with the reason`() throws {
        let directory = try TemporaryDirectory()
        let acl = directory.path + "/acl"
        try Data("topic readwrite allowed/#\n".utf8).write(to: URL(fileURLWithPath: acl))
        let broker = try MosquittoBroker(extraLines: ["acl_file \(acl)"])
        let outbox = MemoryOutbox([
            OutgoingMessage(id: 1, topic: Array("allowed/a".utf8), payload: []),
            OutgoingMessage(id: 2, topic: Array("secret/a".utf8), payload: []),
            OutgoingMessage(id: 3, topic: Array("allowed/b".utf8), payload: []),
        ])
        let publisher = MQTTPublisher(options: broker.options(clientID: "publisher"), source: outbox)
        try publisher.start()
        #expect(eventually { outbox.confirmedCount == 2 && outbox.rejections.count == 1 })
        #expect(outbox.rejections[2]?.code == .notAuthorised)
        publisher.stop()
    }

    @Test func `reason codes of acknowledgements are told apart`() throws {
        let codes: [UInt8] = [0x00, 0x10, 0x87, 0x97, 0x90]
        let broker = try ScriptedBroker { packet in
            switch packet.type {
            case 1: return [[0x20, 3, 0, 0, 0]]
            case 3:
                // Topic "t", packet id, properties, and one byte that says which code is wanted.
                let index = Int(packet.body.last ?? 0)
                return [[0x40, 3] + packet.body[3..<5] + [codes[index]]]
            default: return []
            }
        }
        let outbox = MemoryOutbox(
            codes.indices.map { OutgoingMessage(id: Int64($0 + 1), topic: [0x74], payload: [UInt8($0)]) })
        let publisher = MQTTPublisher(options: MQTTOptions(port: broker.port, clientID: "publisher"), source: outbox)
        try publisher.start()
        #expect(eventually { outbox.confirmedCount == 2 && outbox.rejections.count == 3 })
        #expect(outbox.contents.withLock { $0.confirmed } == [1, 2])
        #expect(outbox.rejections[3]?.code == .notAuthorised)
        #expect(outbox.rejections[4]?.isRetriable == true)
        #expect(outbox.rejections[5]?.message.contains("0x90") == true)
        publisher.stop()
    }

    @Test func `only the newest value of a retained topic counts, also over a restart`() throws {
        let broker = try MosquittoBroker()
        let outbox = MemoryOutbox(MemoryOutbox.numbered(1...2_000))
        let publisher = MQTTPublisher(options: broker.options(clientID: "publisher"), window: 20, source: outbox)
        try publisher.start()
        for round in 0..<5 {
            for topic in 0..<20 {
                publisher.publishLatest(topic: Array("state/\(topic)".utf8), payload: Array("\(round)".utf8))
            }
            if round == 2 { try broker.restart() }
        }
        publisher.publishLatest(topic: Array("state/19".utf8), payload: [])
        #expect(eventually { outbox.confirmedCount == 2_000 })
        #expect(publisher.flush(timeout_ms: 10_000))
        let lines = try broker.sub(["-t", "state/#", "-F", "%t=%p", "-W", "1"]).filter { $0.contains("=") }
        #expect(Set(lines) == Set((0..<19).map { "state/\($0)=4" }))
        let statistics = publisher.statistics
        #expect(statistics.latestPublished >= statistics.latestConfirmed)
        #expect(statistics.latestConfirmed >= 20)
    }
}
