import BrokerHarness
import Foundation
import MQTTTransport

/// A mosquitto that runs the files of `Config/mosquitto` behind a main file like Debian's, on other ports and with other
/// places for its files. Ends with this object.
final class DeployedBroker {
    /// Who connects, and where: on the loopback listener, or over TLS.
    struct Account {
        var user: String
        var isLocal = false
    }

    static let tracker = Account(user: "demo/vehicles/truck-7")
    static let otherTracker = Account(user: "demo/vehicles/truck-8")
    static let dispatcher = Account(user: "demo-dispatcher")
    static let viewer = Account(user: "demo-viewer")
    static let fleetstream = Account(user: "fleetstream", isLocal: true)
    static let smsBridge = Account(user: "sms-bridge", isLocal: true)
    /// Of the tests alone: may do everything.
    static let anybody = Account(user: "test-anybody", isLocal: true)

    static let folder = Programs.checkout.appendingPathComponent("Config/mosquitto")

    let certificates: Certificates
    private(set) var localPort = 0
    private(set) var tlsPort = 0
    private(set) var webSocketPort = 0
    private let folder: Folder
    private var process: Tool?
    private static let attempts = 20

    static func password(of user: String) -> String { "secret of \(user)" }

    init() throws {
        certificates = try Certificates()
        folder = try Folder()
        let users = [
            Self.tracker, Self.otherTracker, Self.dispatcher, Self.viewer, Self.fleetstream, Self.smsBridge,
            Self.anybody,
        ].map(\.user)
        for (index, user) in users.enumerated() {
            try Tool.run(
                "mosquitto_passwd",
                (index == 0 ? ["-c"] : []) + ["-b", folder.file("passwords"), user, Self.password(of: user)])
        }
        let access = try String(contentsOf: Self.folder.appendingPathComponent("access.acl"), encoding: .utf8)
        try folder.write(access + "\nuser \(Self.anybody.user)\ntopic readwrite #\n", to: "access.acl")
        let isRoot = geteuid() == 0
        let main = """
            persistence true
            persistence_location \(folder.path)/
            log_dest stderr
            \(isRoot ? "user root" : "")
            include_dir \(folder.file("conf.d"))
            """
        try FileManager.default.createDirectory(atPath: folder.file("conf.d"), withIntermediateDirectories: true)
        let file = try folder.write(main, to: "mosquitto.conf")
        for _ in 0..<Self.attempts {
            (localPort, tlsPort, webSocketPort) = (
                LocalBroker.freePort(), LocalBroker.freePort(), LocalBroker.freePort()
            )
            try folder.write(try moved(), to: "conf.d/fleetstream.conf")
            let process = try Tool("mosquitto", ["-c", file])
            self.process = process
            let hasSpoken = eventually { process.exitStatus != nil || process.output.contains(" running") }
            if hasSpoken, process.exitStatus == nil { return }
            // Another test may have taken a port that was free a moment ago.
            let isTaken = ["Address already in use", "Unable to create websockets listener"].contains {
                process.output.contains($0)
            }
            guard isTaken else { break }
        }
        throw HarnessError("mosquitto does not run: \(log)")
    }

    var log: String { process?.output ?? "" }

    /// The shipped file with what belongs to a machine replaced. Each must be there to be replaced.
    private func moved() throws -> String {
        var text = try String(contentsOf: Self.folder.appendingPathComponent("fleetstream.conf"), encoding: .utf8)
        for (old, new) in [
            ("\npassword_file /etc/mosquitto/passwords\n", "\npassword_file \(folder.file("passwords"))\n"),
            ("\nacl_file /etc/mosquitto/access.acl\n", "\nacl_file \(folder.file("access.acl"))\n"),
            ("\ncertfile /etc/mosquitto/certs/server.crt\n", "\ncertfile \(certificates.server)\n"),
            ("\nkeyfile /etc/mosquitto/certs/server.key\n", "\nkeyfile \(certificates.serverKey)\n"),
            ("\nlistener 1883 127.0.0.1\n", "\nlistener \(localPort) 127.0.0.1\n"),
            ("\nlistener 8883\n", "\nlistener \(tlsPort) 127.0.0.1\n"),
            ("\nlistener 8884\n", "\nlistener \(webSocketPort) 127.0.0.1\n"),
        ] {
            guard text.contains(old) else { throw HarnessError("fleetstream.conf has no line \(old)") }
            text = text.replacingOccurrences(of: old, with: new)
        }
        return text
    }

    // MARK: - Clients

    /// Arguments of mosquitto's clients.
    func arguments(_ account: Account) -> [String] {
        let way =
            account.isLocal ? ["-p", "\(localPort)"] : ["-p", "\(tlsPort)", "--cafile", certificates.authority]
        return ["-h", "127.0.0.1", "-V", "5"] + way + ["-u", account.user, "-P", Self.password(of: account.user)]
    }

    /// Publishes at QoS 1; whether the broker took it.
    func publish(_ payload: String, on topic: String, as account: Account, _ more: [String] = []) throws -> Bool {
        let output = try Tool.run(
            "mosquitto_pub", arguments(account) + ["-q", "1", "-t", topic, "-m", payload] + more)
        if output.isEmpty { return true }
        guard output.contains("Not authorized") else { throw HarnessError("\(topic): \(output)") }
        return false
    }

    /// Starts a subscriber and waits until it is one: until `mark`, which it may read, comes through.
    func subscribe(
        _ filters: [String], as account: Account, mark: String, _ more: [String] = []
    ) throws -> Tool {
        let client = try Tool(
            "mosquitto_sub", arguments(account) + filters.flatMap { ["-t", $0] } + ["-q", "1", "-F", "%j"] + more)
        let isThere = try eventually {
            _ = try publish("mark", on: mark, as: Self.anybody)
            return client.output.contains("\"mark\"")
        }
        guard isThere else { throw HarnessError("\(account.user) does not receive: \(client.output)\n\(log)") }
        return client
    }
}
