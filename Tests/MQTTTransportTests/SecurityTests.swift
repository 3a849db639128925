import BrokerHarness
import Foundation
import MQTTTransport
import Testing
import Wire

@Suite struct SecurityTests {
    /// Connects, and returns the first error, or nil where the subscription was granted.
    private func firstError(_ options: MQTTOptions) throws -> MQTTError? {
        let ledger = Ledger()
        var options = options
        options.backOff = .init(initial_ms: 60_000, max_ms: 60_000)
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        try receiver.start()
        defer { receiver.stop() }
        #expect(eventually { ledger.isSubscribed() || ledger.lastError != nil })
        return ledger.lastError
    }

    @Test func `TLS with a client certificate carries messages`() throws {
        let certificates = try Certificates()
        let broker = try MosquittoBroker(.tls(certificates, requiresClientCertificate: true))
        for host in ["127.0.0.1", "localhost"] {
            var options = broker.options(clientID: "receiver-\(host)")
            options.host = host
            options.tls = .init(
                caFile: certificates.authority, certificateFile: certificates.client, keyFile: certificates.clientKey,
                minimumVersion: .v1_3)
            let ledger = Ledger()
            let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
            try receiver.start()
            #expect(eventually { ledger.isSubscribed() })
            try broker.pub([
                "--cafile", certificates.authority, "--cert", certificates.client, "--key", certificates.clientKey,
                "-t", "n", "-m", String(repeating: "x", count: 100_000), "-q", "1",
            ])
            #expect(eventually { ledger.payloads.map(\.count) == [100_000] })
            receiver.stop()
        }
    }

    @Test func `the broker restarts under TLS`() throws {
        let certificates = try Certificates()
        let broker = try MosquittoBroker(.tls(certificates, requiresClientCertificate: false))
        var options = broker.options(clientID: "receiver")
        options.tls = .init(caFile: certificates.authority)
        let ledger = Ledger()
        let receiver = MQTTReceiver(options, [("n", 1)], ledger: ledger)
        try receiver.start()
        #expect(eventually { ledger.isSubscribed() })
        try broker.restart()
        #expect(eventually { ledger.isSubscribed(times: 2) })
        receiver.stop()
        #expect(ledger.has(.connected(sessionPresent: true)))
    }

    @Test func `a wrong authority, a wrong name, a missing certificate and a plain port are told apart`() throws {
        let certificates = try Certificates()
        let broker = try MosquittoBroker(.tls(certificates, requiresClientCertificate: true))
        let tls = MQTTOptions.TLS(
            caFile: certificates.authority, certificateFile: certificates.client, keyFile: certificates.clientKey)
        func error(_ change: (inout MQTTOptions, inout MQTTOptions.TLS) -> Void) throws -> MQTTError {
            var options = broker.options(clientID: "receiver")
            var tls = tls
            change(&options, &tls)
            options.tls = tls
            return try #require(try firstError(options))
        }
        let wrongAuthority = try error { _, tls in tls.caFile = certificates.otherAuthority }
        #expect(wrongAuthority.code == .tls)
        #expect(
            wrongAuthority.description.contains("not signed by \(certificates.otherAuthority)"), "\(wrongAuthority)")

        let wrongName = try error { options, _ in options.host = "127.0.0.2" }
        #expect(wrongName.code == .unreachable || wrongName.code == .tls, "\(wrongName)")

        let missing = try error { _, tls in
            tls.certificateFile = nil
            tls.keyFile = nil
        }
        #expect(missing.code == .tls || missing.description.contains("certificate"), "\(missing)")

        let plain = try MosquittoBroker()
        let plainPort = try error { options, _ in options.port = plain.port }
        #expect(plainPort.description.contains("TLS"), "\(plainPort)")

        var withoutTLS = broker.options(clientID: "receiver")
        withoutTLS.connectTimeout_ms = 3_000
        let noTLS = try #require(try firstError(withoutTLS))
        #expect(noTLS.description.contains("TLS listener"), "\(noTLS)")
    }

    @Test func `a name that the certificate does not carry is refused unless the check is off`() throws {
        let certificates = try Certificates()
        let broker = try MosquittoBroker(.tls(certificates, requiresClientCertificate: false))
        var options = broker.options(clientID: "receiver")
        // 127.0.0.1 by another name: in the certificate are 127.0.0.1 and localhost.
        options.host = "127.1"
        options.tls = .init(caFile: certificates.authority)
        let error = try #require(try firstError(options))
        #expect(error.code == .tls)
        #expect(error.advice.contains("host name"), "\(error)")
        options.tls?.insecureHostName = true
        #expect(try firstError(options) == nil)
    }

    @Test(arguments: [MQTTOptions.ProtocolVersion.v5, .v311])
    func `user name and password`(version: MQTTOptions.ProtocolVersion) throws {
        let broker = try MosquittoBroker(.passwords(["fleet": "right"]))
        var options = broker.options(clientID: "receiver", protocolVersion: version)
        options.username = "fleet"
        options.password = "right"
        #expect(try firstError(options) == nil)
        options.password = "wrong"
        let wrong = try #require(try firstError(options))
        #expect([.notAuthorised, .badCredentials].contains(wrong.code), "\(wrong)")
        #expect(wrong.message.contains("\"fleet\"") && !wrong.isRetriable)
        #expect(wrong.advice.contains("password"))
        options.username = nil
        options.password = nil
        let anonymous = try #require(try firstError(options))
        #expect(anonymous.message.contains("without a user name"), "\(anonymous)")
    }

    @Test func `a host that does not exist, and a port that is not MQTT`() throws {
        let lost = try #require(
            try firstError(MQTTOptions(host: "no-such-host.invalid", clientID: "c", connectTimeout_ms: 10_000)))
        #expect(lost.code == .hostNotFound || lost.code == .timedOut, "\(lost)")
        #expect(lost.message.contains("no-such-host.invalid"))
        let other = try ScriptedBroker { _ in [Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)] }
        let error = try #require(try firstError(MQTTOptions(port: other.port, clientID: "c", connectTimeout_ms: 2_000)))
        #expect([.protocolViolation, .timedOut, .connectionLost].contains(error.code), "\(error)")
    }
}
