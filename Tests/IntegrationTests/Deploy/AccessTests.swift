import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// The broker's files in `Config/mosquitto`, tried with a real mosquitto and a client of each role.
@Suite struct `Access to the broker` {
    /// One topic of every kind, of two fleets and two vehicles.
    private static let topics: [String] = {
        let ofVehicle = ["telemetry", "status", "driver", "commands/K-1", "commands/K-1/result", "other"]
        let kinds = [
            "orders", "routes", "customers", "vehicles", "drivers", "geofences", "conditions", "commands", "queries",
        ]
        let groups = [
            "vehicle", "safety", "condition", "geofence", "route", "delivery", "eta", "finance", "cargo", "command",
            "sms", "dispatch", "system",
        ]
        let ofFleet =
            ["truck-7", "truck-8"].flatMap { vehicle in ofVehicle.map { "vehicles/\(vehicle)/\($0)" } }
            + kinds.map { "dispatch/\($0)/X-1" } + ["dispatch/queries/X-1/result"]
            + groups.map { "events/\($0)/something" } + ["state/vehicles/truck-7", "state/stops/S-1"]
            + ["sms/requests/normal", "sms/receipts/0123", "dead-letters", "answers/desk-1", "other"]
        return ["demo", "rival"].flatMap { fleet in ofFleet.map { "fleets/\(fleet)/\($0)" } }
            + ["fleets/demo", "other/topic", "owntracks/demo/phone", "fleetstream-check/n"]
    }()

    struct Role: Sendable, CustomTestStringConvertible {
        var name: String
        var reads: [String]
        var writes: [String]
        var testDescription: String { name }
        var account: DeployedBroker.Account {
            switch name {
            case "tracker": DeployedBroker.tracker
            case "dispatcher": DeployedBroker.dispatcher
            case "viewer": DeployedBroker.viewer
            case "SMS bridge": DeployedBroker.smsBridge
            default: DeployedBroker.fleetstream
            }
        }
    }

    /// What each role may do, in topic filters: one word a level.
    private static let roles: [Role] = [
        Role(
            name: "tracker", reads: ["fleets/demo/vehicles/truck-7/commands/+"],
            writes: ["telemetry", "status", "driver", "commands/+/result"].map { "fleets/demo/vehicles/truck-7/\($0)" }),
        Role(
            name: "dispatcher",
            reads: ["vehicles/#", "dispatch/#", "events/#", "state/#", "answers/#", "dead-letters"].map {
                "fleets/demo/\($0)"
            }, writes: ["fleets/demo/dispatch/#"]),
        Role(
            name: "viewer",
            reads: ["vehicle", "safety", "condition", "geofence", "route", "delivery", "eta", "system"].map {
                "fleets/demo/events/\($0)/+"
            } + ["fleets/demo/state/#"], writes: []),
        Role(name: "SMS bridge", reads: ["fleets/+/sms/requests/+"], writes: ["fleets/+/sms/receipts/+"]),
        Role(
            name: "fleetstream",
            reads: [
                "vehicles/+/telemetry", "vehicles/+/status", "vehicles/+/driver", "vehicles/+/commands/+/result",
                "dispatch/#", "sms/receipts/+",
            ].map { "fleets/+/\($0)" } + ["fleetstream-check/#"],
            writes: [
                "events/#", "state/#", "sms/requests/+", "vehicles/+/commands/+", "dead-letters", "answers/#",
                "dispatch/+/+/result",
            ].map { "fleets/+/\($0)" } + ["fleetstream-check/#"]),
    ]

    private static func matches(_ topic: String, _ filter: String) -> Bool {
        let (levels, wanted) = (topic.split(separator: "/"), filter.split(separator: "/"))
        if wanted.last == "#" {
            return levels.count >= wanted.count - 1 && matches(levels, wanted.dropLast().map { $0 })
        }
        return levels.count == wanted.count && matches(levels, wanted)
    }

    private static func matches(_ levels: [Substring], _ wanted: [Substring]) -> Bool {
        zip(levels, wanted).allSatisfy { $1 == "+" || $0 == $1 }
    }

    private static func allowed(_ filters: [String]) -> Set<String> {
        Set(topics.filter { topic in filters.contains { matches(topic, $0) } })
    }

    @Test func `each role writes and reads what is its own, and nothing else`() throws {
        let broker = try DeployedBroker()
        for role in Self.roles {
            let wanted = Self.allowed(role.writes)
            #expect(role.writes.isEmpty == wanted.isEmpty)
            let observer = try broker.subscribe(["#"], as: DeployedBroker.anybody, mark: "mark/\(role.account.user)")
            let taken = try Self.topics.filter { try broker.publish("by \(role.name)", on: $0, as: role.account) }
            #expect(Set(taken) == wanted, "what \(role.name) may write")
            _ = try broker.publish("last", on: "mark/last", as: DeployedBroker.anybody)
            try #require(eventually { observer.output.contains("mark/last") })
            let seen = Received.lines(observer.output).filter { $0.payload == "by \(role.name)" }.map(\.topic)
            #expect(Set(seen) == wanted, "what of it came through")
        }
        var readers: [(role: Role, client: Tool, mark: String)] = []
        for role in Self.roles {
            let mark = try #require(Self.allowed(role.reads).min())
            // Whoever asks for everything gets what it may have.
            readers.append((role, try broker.subscribe(["#"], as: role.account, mark: mark), mark))
        }
        for topic in Self.topics { _ = try broker.publish("to all", on: topic, as: DeployedBroker.anybody) }
        for (role, client, mark) in readers {
            _ = try broker.publish("last", on: mark, as: DeployedBroker.anybody)
            try #require(eventually { client.output.contains("\"last\"") }, "\(role.name): \(client.output)")
            let seen = Set(Received.lines(client.output).filter { $0.payload == "to all" }.map(\.topic))
            #expect(seen == Self.allowed(role.reads), "what \(role.name) may read")
        }
    }

    /// The broker accepts every subscription, and says nothing of what it then keeps back: a topic that is forgotten here
    /// would be lost silently.
    @Test func `the rules let through whatever the programs subscribe to`() throws {
        let configuration = Configuration()
        for (user, wanted) in [
            (DeployedBroker.fleetstream.user, configuration.subscriptions.map(\.filter)),
            (DeployedBroker.smsBridge.user, ["\(configuration.topicRoot)/+/sms/requests/+"]),
        ] {
            let allowed = try Self.readable(by: user)
            #expect(!wanted.isEmpty && !allowed.isEmpty)
            for filter in wanted {
                // A + of the filter is a level like any other, which only a + or # of a rule covers.
                #expect(allowed.contains { Self.matches(filter, $0) }, "\(user) may not read \(filter)")
            }
        }
    }

    /// The filters of the rules that let a user read.
    private static func readable(by user: String) throws -> [String] {
        let file = DeployedBroker.folder.appendingPathComponent("access.acl")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        let ownLines = lines.drop { $0 != "user \(user)" }.dropFirst().prefix { !$0.hasPrefix("user ") }
        return ownLines.compactMap { line in
            ["topic read ", "topic readwrite "].first { line.hasPrefix($0) }.map { String(line.dropFirst($0.count)) }
        }
    }

    @Test func `retained states are there for who comes later, and only where it may read them`() throws {
        let broker = try DeployedBroker()
        let topics = [
            "fleets/demo/state/vehicles/truck-7", "fleets/demo/state/stops/S-1", "fleets/demo/dispatch/customers/C-1",
            "fleets/rival/state/vehicles/truck-7",
        ]
        for topic in topics { try #require(try broker.publish("kept", on: topic, as: DeployedBroker.anybody, ["-r"])) }
        func kept(for account: DeployedBroker.Account, mark: String) throws -> [String] {
            // What is retained comes before what is published after the subscription.
            let client = try broker.subscribe(["fleets/#"], as: account, mark: mark)
            return Received.lines(client.output).filter { $0.isRetained && $0.payload == "kept" }.map(\.topic).sorted()
        }
        #expect(
            try kept(for: DeployedBroker.viewer, mark: "fleets/demo/events/eta/updated")
                == ["fleets/demo/state/stops/S-1", "fleets/demo/state/vehicles/truck-7"])
        #expect(
            try kept(for: DeployedBroker.dispatcher, mark: "fleets/demo/events/eta/updated")
                == topics.dropLast().sorted())
        #expect(try kept(for: DeployedBroker.tracker, mark: "fleets/demo/vehicles/truck-7/commands/K-0") == [])
        #expect(
            try kept(for: DeployedBroker.fleetstream, mark: "fleets/demo/dispatch/orders/O-0")
                == ["fleets/demo/dispatch/customers/C-1"])
    }

    @Test func `a tracker's last will is its own status`() throws {
        let broker = try DeployedBroker()
        let observer = try broker.subscribe(
            ["fleets/#"], as: DeployedBroker.anybody, mark: "fleets/demo/vehicles/truck-7/other")
        for account in [DeployedBroker.otherTracker, DeployedBroker.tracker] {
            let will = [
                "--will-topic", "fleets/demo/vehicles/truck-7/status", "--will-payload", "lost \(account.user)",
            ]
            let client = try broker.subscribe(
                ["fleets/#"], as: account, mark: "fleets/\(account.user)/commands/K-0", will + ["--will-qos", "1"])
            #expect(client.exitStatus == nil)
            // With the last reference the client is killed, and cannot say goodbye.
        }
        try #require(eventually { observer.output.contains("lost demo/vehicles/truck-7") }, "\(observer.output)")
        #expect(!observer.output.contains("lost demo/vehicles/truck-8"))
    }

    @Test func `nobody comes in without a password, or over TLS without trust`() throws {
        let broker = try DeployedBroker()
        let publish = ["-q", "1", "-t", "fleets/demo/vehicles/truck-7/telemetry", "-m", "{}"]
        func status(_ arguments: [String]) throws -> Int32 {
            try run("mosquitto_pub", ["-h", "127.0.0.1", "-V", "5"] + arguments + publish).status
        }
        let user = ["-u", DeployedBroker.tracker.user, "-P", DeployedBroker.password(of: DeployedBroker.tracker.user)]
        let tls = ["-p", "\(broker.tlsPort)", "--cafile", broker.certificates.authority]
        #expect(try status(tls + user) == 0)
        #expect(try status(tls) != 0)
        #expect(try status(tls + ["-u", DeployedBroker.tracker.user, "-P", "guessed"]) != 0)
        #expect(try status(["-p", "\(broker.localPort)"]) != 0)
        #expect(try status(["-p", "\(broker.tlsPort)"] + user) != 0)
        #expect(try status(["-p", "\(broker.tlsPort)", "--cafile", broker.certificates.otherAuthority] + user) != 0)
    }

    @Test func `the processor works behind these rules, and no tracker takes its session over`() throws {
        let broker = try DeployedBroker()
        let folder = try Folder()
        let user = DeployedBroker.fleetstream.user
        let password = try folder.write(DeployedBroker.password(of: user) + "\n", to: "password")
        chmod(password, 0o600)
        let geofences = try folder.write(Fences.collection([Fences.yard]), to: "places.geojson")
        let login = ["mqtt.username=\(user)", "mqtt.password_file=\(password)", "mqtt.client_id=fleetstream"]
        let service = Fleetstream(
            port: broker.localPort, folder: folder, geofences: geofences,
            settings: ["rules.state_interval_s=0"] + login)
        try service.start()
        let viewer = try broker.subscribe(
            ["fleets/#"], as: DeployedBroker.viewer, mark: "fleets/demo/events/eta/updated")
        // Whatever id a tracker claims: its session is that of its own account.
        for report in Report.drive(throughTheYard_m, from: now_ms() - 600_000) {
            #expect(
                try broker.publish(
                    report.json, on: "fleets/demo/vehicles/truck-7/telemetry", as: DeployedBroker.tracker,
                    ["-i", "fleetstream"]))
        }
        try #require(
            eventually { Received.lines(viewer.output).events("exited", vehicle: "truck-7").count == 1 },
            "\(viewer.output)\n\(service.log)")
        try #require(
            eventually { viewer.output.contains("fleets/demo/state/vehicles/truck-7") }, "\(viewer.output)")
        let answer = try run(
            "mosquitto_rr",
            broker.arguments(DeployedBroker.dispatcher) + [
                "-q", "1", "-W", "10", "-t", "fleets/demo/dispatch/queries/q-1", "-e", "fleets/demo/answers/desk-1",
                "-m", #"{"geofence":"yard"}"#, "-F", "%j",
            ])
        #expect(answer.messages.first?.json["query"] as? String == "q-1", "\(answer)")
        let status = try #require(service.status)
        #expect(status.broker.reconnects == 0 && status.broker.lastError.isEmpty, "\(status)")
        #expect(status.output.refused == 0 && status.input.deadLetters == 0, "\(status)")
        let check = try run(
            Programs.fleetstream,
            ["check", "--live", "--geofences", geofences, "--set", "mqtt.port=\(broker.localPort)"]
                + login.flatMap { ["--set", $0] })
        #expect(check.status == 0, "\(check)")
        #expect(service.stop() == 0)
    }

    @Test func `pages come in over secure WebSockets, with the same passwords`() throws {
        let broker = try DeployedBroker()
        func connect(_ password: String) throws -> Outcome {
            try run(
                "python3",
                [
                    "-c", Self.webSocketClient, broker.certificates.authority, "\(broker.webSocketPort)",
                    DeployedBroker.viewer.user, password,
                ])
        }
        let welcome = try connect(DeployedBroker.password(of: DeployedBroker.viewer.user))
        #expect(welcome.output == "mqtt 0\n", "\(welcome)")
        // 5: not authorized, in MQTT 3.1.1.
        let refusal = try connect("guessed")
        #expect(refusal.output == "mqtt 5\n", "\(refusal)")
    }

    /// Opens a WebSocket over TLS, sends CONNECT of MQTT 3.1.1, and prints the subprotocol and the code of CONNACK.
    private static let webSocketClient = #"""
        import base64, os, socket, ssl, struct, sys
        authority, port, user, password = sys.argv[1:]
        context = ssl.create_default_context(cafile=authority)
        link = context.wrap_socket(socket.create_connection(("127.0.0.1", int(port)), 10), server_hostname="localhost")
        key = base64.b64encode(os.urandom(16)).decode()
        link.sendall((
            "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head: head += link.recv(1)
        assert head.startswith(b"HTTP/1.1 101"), head
        protocol = [l.split(b":")[1].strip() for l in head.split(b"\r\n") if l.lower().startswith(b"sec-websocket-protocol")]
        def text(value): return struct.pack("!H", len(value.encode())) + value.encode()
        body = text("MQTT") + bytes([4, 0xC2]) + struct.pack("!H", 60) + text("page") + text(user) + text(password)
        packet = bytes([0x10, len(body)]) + body
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(packet))
        link.sendall(bytes([0x82, 0x80 | len(packet)]) + mask + masked)
        frame = b""
        while len(frame) < 6: frame += link.recv(1)
        assert frame[:4] == bytes([0x82, 4, 0x20, 2]), frame
        print(protocol[0].decode(), frame[5])
        """#
}
