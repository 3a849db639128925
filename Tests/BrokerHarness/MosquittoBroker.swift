import Foundation
package import MQTTTransport

/// A real mosquitto for tests: on a free loopback port, with persistence in a temporary directory, and settings under
/// which it loses nothing. Ends with this object.
package final class MosquittoBroker: Sendable {
    /// Which broker is wanted.
    package enum Kind: Sendable {
        /// Anonymous, without TLS.
        case plain
        /// The settings that mosquitto has when nothing is configured, except for persistence: it drops messages.
        case brokerDefaults
        /// TLS with `certificates`; `requiresClientCertificate` for mutual authentication.
        case tls(Certificates, requiresClientCertificate: Bool)
        /// User names and passwords.
        case passwords([String: String])
    }

    package let broker: LocalBroker
    private let passwordDirectory: TemporaryDirectory?

    private static let noLoss = [
        "max_queued_messages 10000000", "max_inflight_messages 65535", "set_tcp_nodelay true", "max_connections -1",
    ]

    /// - Parameters:
    ///   - extraLines: appended to the configuration.
    ///   - configuration: a configuration file to start from instead of the settings above.
    package init(
        _ kind: Kind = .plain, extraLines: [String] = [], configuration: String? = nil
    ) throws {
        var lines: [String] = []
        var listenerLines: [String] = []
        var passwordDirectory: TemporaryDirectory?
        let common = ["persistence true", "autosave_interval 2", "queue_qos0_messages false"]
        switch kind {
        case .plain:
            lines = common + Self.noLoss + ["allow_anonymous true"]
        case .brokerDefaults:
            lines = common + ["allow_anonymous true", "max_queued_messages 1000", "max_inflight_messages 20"]
        case .tls(let certificates, let requiresClientCertificate):
            lines = common + Self.noLoss + ["allow_anonymous true"]
            listenerLines = [
                "cafile \(certificates.authority)", "certfile \(certificates.server)",
                "keyfile \(certificates.serverKey)", "require_certificate \(requiresClientCertificate)",
            ]
        case .passwords(let users):
            let directory = try TemporaryDirectory()
            passwordDirectory = directory
            for (index, (user, password)) in users.sorted(by: { $0.key < $1.key }).enumerated() {
                let flags = index == 0 ? ["-c", "-b"] : ["-b"]
                try Tool.run("mosquitto_passwd", flags + [directory.path + "/passwords", user, password])
            }
            lines = common + Self.noLoss + ["allow_anonymous false", "password_file \(directory.path)/passwords"]
        }
        self.passwordDirectory = passwordDirectory
        let settings: LocalBroker.Settings
        if let configuration {
            settings = LocalBroker.Settings(
                configurationFile: configuration, extraLines: extraLines, listenerLines: listenerLines)
        } else {
            let base = try TemporaryDirectory()
            let file = base.path + "/base.conf"
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: file))
            settings = LocalBroker.Settings(
                configurationFile: file, extraLines: extraLines, listenerLines: listenerLines)
            baseDirectory = base
            broker = try LocalBroker(settings)
            return
        }
        baseDirectory = nil
        broker = try LocalBroker(settings)
    }

    private let baseDirectory: TemporaryDirectory?

    package var port: Int { broker.port }
    package var log: String { broker.log }

    /// SIGTERM: saves everything.
    package func stop() { broker.stop() }
    /// SIGKILL: loses what came since the last save.
    package func kill() { broker.kill() }
    package func start() throws { try broker.start() }
    package func restart() throws { try broker.restart() }

    /// Options for a client of this broker.
    package func options(
        clientID: String, protocolVersion: MQTTOptions.ProtocolVersion = .v5, cleanStart: Bool = false
    ) -> MQTTOptions {
        MQTTOptions(
            host: "127.0.0.1", port: port, clientID: clientID, protocolVersion: protocolVersion, cleanStart: cleanStart,
            backOff: .init(initial_ms: 20, max_ms: 200))
    }

    /// Runs `mosquitto_pub` with these arguments behind the address, to its end.
    package func pub(_ arguments: [String]) throws {
        try Tool.run("mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(port)"] + arguments)
    }

    /// Runs `mosquitto_sub` and returns its lines: it ends by itself with `-C count` or `-W seconds` among the
    /// arguments.
    package func sub(_ arguments: [String], timeout_ms: Int = 10_000) throws -> [String] {
        try Tool.run("mosquitto_sub", ["-h", "127.0.0.1", "-p", "\(port)"] + arguments, timeout_ms: timeout_ms)
            .split(separator: "\n").map(String.init)
    }

    /// Starts `mosquitto_sub` in the background.
    package func startSub(_ arguments: [String]) throws -> Tool {
        try Tool("mosquitto_sub", ["-h", "127.0.0.1", "-p", "\(port)"] + arguments)
    }
}
