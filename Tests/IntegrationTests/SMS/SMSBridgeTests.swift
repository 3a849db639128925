import BrokerHarness
import Foundation
import Testing

/// `fleetstream sms-bridge` between a real broker and a provider that behaves as Twilio does.
@Suite struct SMSBridgeTests {
    let broker: MosquittoBroker
    let watcher: Watcher

    init() throws {
        broker = try MosquittoBroker()
        watcher = try Watcher(broker, ["fleets/demo/sms/receipts/#"])
    }

    private func bridge(_ behaviour: [String: Any] = [:], settings: [String] = []) throws -> Bridge {
        let bridge = try Bridge(broker, Provider(behaviour), settings: settings)
        try bridge.start()
        return bridge
    }

    /// Waits until requests have their final receipts.
    @discardableResult
    private func ends(_ bridge: Bridge, _ numbers: [Int], timeout_s: Double = 30) throws -> [Received] {
        try bridge.wait("receipts of \(numbers)", for: timeout_s) {
            let messages = watcher.messages
            return numbers.allSatisfy { number in messages.statuses(number).contains { $0 != "sent" } }
        }
        return watcher.messages
    }

    @Test func `a request is posted as a form with basic authentication, and ends with a receipt`() throws {
        let bridge = try bridge(["polls": 2])
        try bridge.request(1, text: "【大安】您好 100% & =+\u{1F6E2}", priority: "high", expires_s: 100)
        let receipts = try ends(bridge, [1])
        #expect(receipts.statuses(1) == ["sent", "delivered"])
        let post = try #require(bridge.provider.posts.first)
        #expect(post["path"] as? String == "/2010-04-01/Accounts/AC0123/Messages.json")
        #expect(post["To"] as? String == "+886912345678" && post["From"] as? String == "+886900000000")
        #expect(post["Body"] as? String == "【大安】您好 100% & =+\u{1F6E2}")
        let validity = try #require((post["ValidityPeriod"] as? String).flatMap { Int($0) })
        #expect((60...100).contains(validity) && post["StatusCallback"] == nil)
        let last = try #require(receipts.last { $0.topic == Bridge.receiptTopic(1) })
        #expect(last.json["provider_id"] as? String == bridge.provider.taken[0]["sid"] as? String)
        #expect(bridge.stop() == 0)
        #expect(!bridge.log.contains("912345678") && !bridge.log.contains(Bridge.token), "\(bridge.log)")
        #expect(try sqlite(bridge.store, "SELECT count(*) FROM requests WHERE recipient || text <> ''") == ["0"])
        #expect(try sqlite(bridge.store, "SELECT count(*) FROM receipts") == ["0"])
    }

    @Test func `429 with Retry-After, a server's error and a lost answer lead to one message each`() throws {
        for (behaviour, least_s) in [
            (["answers": [429, 200], "retry_after": 2], 2.0), (["answers": [500, 200]], 0),
            (["answers": ["lost", 200]], 0),
            (["answers": ["taken500", 200]], 0), (["answers": ["drop", 200]], 0), (["answers": ["hang", 200]], 0),
            (["answers": ["slow", 200]], 0),
        ] as [([String: Any], Double)] {
            let number = Int.random(in: 1...1_000_000)
            let bridge = try bridge(behaviour, settings: ["client_id=b\(number)"])
            try bridge.request(number)
            #expect(try ends(bridge, [number]).statuses(number).last == "delivered", "\(behaviour)")
            #expect(bridge.provider.taken.count == 1, "\(behaviour): \(bridge.provider.requests)")
            let times = bridge.provider.posts.compactMap { $0["time"] as? Double }
            if times.count > 1 { #expect(times[1] - times[0] >= least_s) }
            #expect(least_s == 0 || times.count == 2)
            #expect(bridge.stop() == 0)
        }
    }

    @Test func `permanent codes fail at once, others after three attempts, with the reason and without the number`()
        throws
    {
        let bridge = try bridge(["answers": [21610, 429, 429, 429, 500], "retry_after": 0])
        try bridge.request(1)
        let first = try ends(bridge, [1])
        #expect(first.statuses(1) == ["failed"] && first.last?.json["code"] as? String == "21610")
        #expect(bridge.provider.posts.count == 1)
        let reason = try #require(first.last?.json["reason"] as? String)
        #expect(reason.contains("+8869••••678") && !reason.contains("912345678"))
        try bridge.request(2)
        let second = try ends(bridge, [2])
        #expect(second.statuses(2) == ["failed"] && second.last?.json["code"] as? String == "20429")
        #expect(bridge.provider.posts.count == 4)
        try bridge.request(3)
        #expect(try ends(bridge, [3]).statuses(3) == ["failed"])
        #expect(bridge.provider.posts.count == 7 && bridge.provider.taken.isEmpty)
        #expect(!bridge.log.contains("912345678"))
    }

    @Test func `what the provider failed to deliver is sent again for some codes, and not for others`() throws {
        let bridge = try bridge(["statuses": ["undelivered", "delivered"], "error_code": 30008])
        try bridge.request(1)
        #expect(try ends(bridge, [1]).statuses(1).last == "delivered")
        #expect(bridge.provider.posts.count == 2)
        try bridge.provider.behave(["status": "undelivered", "error_code": 30006])
        try bridge.request(2)
        let receipts = try ends(bridge, [2])
        #expect(receipts.statuses(2) == ["sent", "undelivered"] && receipts.last?.json["code"] as? String == "30006")
        #expect(bridge.provider.posts.count == 3)
        try bridge.provider.behave(["status": "failed", "error_code": 30001])
        try bridge.request(3)
        #expect(try ends(bridge, [3]).statuses(3).last == "failed")
        #expect(bridge.provider.posts.count == 6)
    }

    @Test func `what comes too late is not posted, and what is no request does no harm`() throws {
        let bridge = try bridge()
        try bridge.request(1, expires_s: -1)
        #expect(try ends(bridge, [1]).last?.json["code"] as? String == "expired")
        for payload in ["", "{", "[]", #"{"id":"a/b"}"#, #"{"id":"x","data":{"to":5}}"#] {
            try broker.pub(["-q", "1", "-t", "fleets/demo/sms/requests/normal", "-m", payload])
        }
        try bridge.request(2, to: "0912345678")
        let receipts = try ends(bridge, [2])
        #expect(receipts.last?.json["code"] as? String == "invalid_request")
        try bridge.request(3)
        try ends(bridge, [3])
        #expect(bridge.provider.posts.count == 1)
        #expect(bridge.stop() == 0)
    }

    @Test func `a wrong token sends nothing, and loses nothing`() throws {
        let provider = try Provider()
        let bridge = try Bridge(broker, provider, token: "wrong")
        try bridge.start()
        try bridge.request(1)
        try bridge.wait("the log says so") { bridge.log.contains("refuses the account or its token") }
        #expect(bridge.stop() == 0)
        #expect(watcher.messages.isEmpty && provider.taken.isEmpty)
        try bridge.folder.write(Bridge.token, to: "token")
        try bridge.start()
        #expect(try ends(bridge, [1]).statuses(1) == ["sent", "delivered"])
    }

    @Test func `an outcome that nobody can tell ends the request, where the provider has no list`() throws {
        let bridge = try bridge(["answers": ["lost", 200], "list": false])
        try bridge.request(1)
        let receipts = try ends(bridge, [1])
        #expect(receipts.statuses(1) == ["failed"] && receipts.last?.json["code"] as? String == "unknown")
        #expect(bridge.provider.taken.count == 1)
        // An error that the server admits is another thing.
        try bridge.provider.behave(["answers": [200, 500, 200], "list": false])
        try bridge.request(2)
        #expect(try ends(bridge, [2]).statuses(2).last == "delivered")
        #expect(bridge.provider.posts.count == 3)
    }

    @Test func `requests that came while the bridge was away are sent, the urgent ones first`() throws {
        let bridge = try bridge()
        #expect(bridge.stop() == 0)
        for number in 1...4 { try bridge.request(number) }
        try bridge.request(5, priority: "emergency")
        try bridge.request(5, priority: "emergency")
        try bridge.start()
        try ends(bridge, Array(1...5))
        #expect(bridge.provider.taken.count == 5)
    }

    @Test func `killed at any moment, no message is sent twice and none is lost`() throws {
        let provider = try Provider(["delay_s": 0.05])
        let bridge = try Bridge(broker, provider, settings: ["timeout_s=1"])
        try bridge.start()
        let count = 40
        for number in 1...count {
            try bridge.request(number)
            if number % 8 == 0 {
                // In the middle of calls: some are answered, some are with the provider, some not yet.
                try bridge.wait("another message is taken") { provider.taken.count > number / 8 }
                bridge.kill()
                try bridge.start()
            }
        }
        let receipts = try ends(bridge, Array(1...count), timeout_s: 90)
        for number in 1...count { #expect(receipts.statuses(number).last == "delivered", "\(number)") }
        let bodies = provider.taken.compactMap { $0["Body"] as? String }
        #expect(Set(bodies).count == count && bodies.count == count, "\(bodies)")
        #expect(bridge.stop() == 0)
    }

    @Test func `what is missing in the configuration is told at once`() throws {
        let folder = try Folder()
        let bare = try run(Programs.fleetstream, ["sms-bridge"], workingFolder: folder.path)
        #expect(bare.status == 78)
        for key in [
            "sms_bridge.account_sid: is empty", "sms_bridge.from: is empty", "sms_bridge.auth_token_file: is empty",
        ] {
            #expect(bare.errors.contains(key), "\(bare.errors)")
        }
        let secret = try run(Programs.fleetstream, ["sms-bridge", "--set", "sms_bridge.auth_token=x"])
        #expect(secret.status == 78 && secret.errors.contains("a token does not belong here"), "\(secret)")
        let store = try folder.write("no database", to: "bridge.sqlite")
        let other = try run(
            Programs.fleetstream,
            [
                "sms-bridge", "--set", "sms_bridge.account_sid=A", "--set", "sms_bridge.from=F", "--set",
                "sms_bridge.store=\(store)",
            ], environment: ["FLEETSTREAM_SMS_BRIDGE_AUTH_TOKEN": "t"])
        #expect(other.status == 74 && other.errors.contains("is no file of messages"), "\(other)")
    }
}
