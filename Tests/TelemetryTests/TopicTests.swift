import Telemetry
import TestSupport
import Testing

@Suite struct `Topic grammar` {
    static let shapes: [(String, TopicKind, [String])] = [
        ("fleets/f/vehicles/v/telemetry", .telemetry, ["f", "v"]),
        ("fleets/f/vehicles/v/status", .status, ["f", "v"]),
        ("fleets/f/vehicles/v/driver", .driver, ["f", "v"]),
        ("fleets/f/vehicles/v/commands/c/result", .commandResult, ["f", "v", "c"]),
        ("fleets/f/vehicles/v/commands/c", .vehicleCommand, ["f", "v", "c"]),
        ("fleets/f/dispatch/orders/o", .order, ["f", "o"]),
        ("fleets/f/dispatch/routes/o", .route, ["f", "o"]),
        ("fleets/f/dispatch/customers/o", .customer, ["f", "o"]),
        ("fleets/f/dispatch/vehicles/o", .vehicle, ["f", "o"]),
        ("fleets/f/dispatch/drivers/o", .driverRecord, ["f", "o"]),
        ("fleets/f/dispatch/geofences/o", .geofence, ["f", "o"]),
        ("fleets/f/dispatch/conditions/o", .condition, ["f", "o"]),
        ("fleets/f/dispatch/commands/o", .command, ["f", "o"]),
        ("fleets/f/dispatch/queries/o", .query, ["f", "o"]),
        ("fleets/f/dispatch/queries/o/result", .queryResult, ["f", "o"]),
        ("fleets/f/sms/receipts/r", .smsReceipt, ["f", "r"]),
        ("fleets/f/sms/requests/emergency", .smsRequest, ["f", "emergency"]),
        ("fleets/f/events/geofence/entered", .event, ["f", "geofence", "entered"]),
        ("fleets/f/state/vehicles/v", .vehicleState, ["f", "v"]),
        ("fleets/f/state/stops/s", .stopState, ["f", "s"]),
        ("fleets/f/dead-letters", .deadLetters, ["f"]),
    ]

    @Test(arguments: shapes)
    func `every shape is recognised with its ids`(topic: String, kind: TopicKind, ids: [String]) throws {
        let parsed = try parts(topic)
        #expect(parsed.0 == kind)
        #expect(parsed.1 == ids)
    }

    @Test func `the shapes cover every kind, once`() {
        #expect(Set(Self.shapes.map(\.1)) == Set(TopicKind.allCases))
        #expect(Self.shapes.count == TopicKind.allCases.count)
        #expect(TopicKind.smsReceipt.isInput)
        #expect(!TopicKind.event.isInput)
    }

    @Test func `ids may be any UTF-8, also words of the grammar`() throws {
        #expect(try parts("fleets/瓦斯/vehicles/車 7🚚/telemetry").1 == ["瓦斯", "車 7🚚"])
        #expect(
            try parts("fleets/fleets/vehicles/vehicles/commands/result/result").1 == ["fleets", "vehicles", "result"])
        #expect(try parts("fleets/dispatch/vehicles/dispatch/status").0 == .status)
    }

    @Test func `the root may have several levels or none`() throws {
        #expect(try parts("acme/tw/f/vehicles/v/telemetry", root: "acme/tw").1 == ["f", "v"])
        #expect(try parts("f/vehicles/v/telemetry", root: "").1 == ["f", "v"])
        #expect(topicFailure("acme/twf/vehicles/v/telemetry", root: "acme/tw")?.reason == .otherRoot)
    }

    @Test(
        arguments: [
            ("", .emptyLevel, 0),
            ("fleets/", .emptyLevel, 7),
            ("fleets//vehicles/v/telemetry", .emptyLevel, 7),
            ("fleets/f/vehicles//telemetry", .emptyLevel, 18),
            ("fleets/f/vehicles/v/telemetry/", .emptyLevel, 30),
            ("fleets/f/vehicles/v/commands/c/result/x", .tooManyLevels, 38),
            ("fleets", .otherRoot, 0),
            ("/fleets/f/vehicles/v/telemetry", .otherRoot, 0),
            ("Fleets/f/vehicles/v/telemetry", .otherRoot, 0),
            ("fleetsx/f/vehicles/v/telemetry", .otherRoot, 0),
            ("$SYS/broker/uptime", .otherRoot, 0),
            ("owntracks/me/phone", .otherRoot, 0),
            ("fleets/f", .notInGrammar, 7),
            ("fleets/f/vehicles", .notInGrammar, 7),
            ("fleets/f/vehicles/v", .notInGrammar, 7),
            ("fleets/f/vehicles/v/Telemetry", .notInGrammar, 7),
            ("fleets/f/vehicles/v/telemetry/x", .notInGrammar, 7),
            ("fleets/f/vehicles/v/commands/c/results", .notInGrammar, 7),
            ("fleets/f/vehicles/v/orders/c/result", .notInGrammar, 7),
            ("fleets/f/dispatch/orders/o/result", .notInGrammar, 7),
            ("fleets/f/dispatch/queries/o/results", .notInGrammar, 7),
            ("fleets/f/dispatch/stops/o", .notInGrammar, 7),
            ("fleets/f/dispatch/queries/o/result/x", .notInGrammar, 7),
            ("fleets/f/state/drivers/d", .notInGrammar, 7),
            ("fleets/f/sms/requests", .notInGrammar, 7),
            ("fleets/f/dead-letters/x", .notInGrammar, 7),
            ("fleets/+/vehicles/v/telemetry", .wildcard, 7),
            ("fleets/f/#", .wildcard, 9),
            ("fleets/f/vehicles/a+b/telemetry", .wildcard, 19),
            ("fleets/f\0/vehicles/v/telemetry", .containsNull, 8),
        ] as [(String, TopicError.Reason, Int)])
    func `what is not in the grammar is refused with its place`(
        topic: String, reason: TopicError.Reason, offset: Int
    ) {
        #expect(topicFailure(topic) == TopicError(reason: reason, offset: offset))
    }

    @Test(
        arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE7, 0x93], [0xFF]]
            as [[UInt8]])
    func `bytes that are not UTF-8 are refused`(id: [UInt8]) {
        let topic = Array("fleets/f/vehicles/".utf8) + id + Array("/telemetry".utf8)
        #expect(topicFailure(topic) == TopicError(reason: .invalidUTF8, offset: 18))
    }

    @Test func `ids of 128 bytes pass, of 129 do not`() {
        let id = String(repeating: "x", count: 128)
        #expect(topicFailure("fleets/f/vehicles/\(id)/telemetry") == nil)
        #expect(topicFailure("fleets/\(id)/vehicles/v/commands/\(id)/result") == nil)
        #expect(topicFailure("fleets/f/vehicles/\(id)x/telemetry") == TopicError(reason: .idTooLong, offset: 18))
        #expect(topicFailure("fleets/\(id)x/dead-letters") == TopicError(reason: .idTooLong, offset: 7))
        #expect(
            topicFailure("fleets/f/vehicles/v/commands/\(id)x/result") == TopicError(reason: .idTooLong, offset: 29))
    }

    @Test func `topics of more than 1,024 bytes are refused whatever they hold`() {
        let long = "fleets/" + String(repeating: "x", count: 1_017)
        #expect(topicFailure(long)?.reason == .notInGrammar)
        #expect(topicFailure(long + "x") == TopicError(reason: .tooLong, offset: 1_024))
        #expect(topicFailure(String(repeating: "/", count: 65_535))?.reason == .tooLong)
    }

    @Test func `random bytes and mutated topics never crash, and what parses has its ids in place`() {
        let seed: UInt64 = 20_261_120
        var random = SplitMix64(seed: seed)
        for round in 0..<20_000 {
            var topic = Array(Self.shapes[Int.random(in: 0..<Self.shapes.count, using: &random)].0.utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let index = Int.random(in: 0..<topic.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: topic[index] = UInt8.random(in: 0...255, using: &random)
                case 1: topic.insert(UInt8(ascii: "/"), at: index)
                default: if topic.count > 1 { topic.remove(at: index) }
                }
            }
            guard let parsed = try? parseTopic(topic) else { continue }
            let levels = topic.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            let known = Set(levels.map { $0.indices })
            for range in [parsed.fleet, parsed.id, parsed.subID] where !range.isEmpty {
                #expect(known.contains(range), "seed \(seed), round \(round)")
            }
        }
    }
}
