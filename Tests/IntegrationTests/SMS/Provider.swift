import BrokerHarness
import Foundation
import Glibc
import MQTTTransport

/// A provider of messages like Twilio (`twilio_server.py`), on a port of its own.
final class Provider {
    let folder: Folder
    let port: Int
    private let process: ChildProcess

    init(_ behaviour: [String: Any] = [:]) throws {
        let folder = try Folder()
        self.folder = folder
        try Self.write(behaviour, to: folder)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("twilio_server.py").path
        process = try ChildProcess("/usr/bin/env", ["python3", script, folder.path], outputFile: folder.file("log"))
        var port: Int?
        let isThere = eventually(within: 20_000) {
            port = (try? String(contentsOfFile: folder.file("port"), encoding: .utf8)).flatMap { Int($0) }
            return port != nil
        }
        guard isThere, let port else { throw HarnessError("the provider does not start") }
        self.port = port
    }

    deinit { process.end(signal: SIGKILL, timeout_ms: 2000) }

    /// Changes how it answers from now on.
    func behave(_ behaviour: [String: Any]) throws { try Self.write(behaviour, to: folder) }

    private static func write(_ behaviour: [String: Any], to folder: Folder) throws {
        try folder.write(try JSONSerialization.data(withJSONObject: behaviour), to: "behaviour.json")
    }

    /// Every message that it took.
    var taken: [[String: Any]] { lines("taken") }
    /// Every request, in its order.
    var requests: [[String: Any]] { lines("requests") }
    var posts: [[String: Any]] { requests.filter { $0["method"] as? String == "POST" } }

    private func lines(_ name: String) -> [[String: Any]] {
        let text = (try? String(contentsOfFile: folder.file(name), encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap {
            try? JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
        }
    }
}

/// A `fleetstream sms-bridge` between a broker and a provider, which can be killed and started again on the same file.
final class Bridge {
    static let token = "s3cret"

    let folder: Folder
    let broker: MosquittoBroker
    let provider: Provider
    var store: String { folder.file("bridge.sqlite") }
    private let arguments: [String]
    private var process: ChildProcess?
    private var starts = 0

    /// - Parameter settings: further values of the section `sms_bridge`.
    init(_ broker: MosquittoBroker, _ provider: Provider, settings: [String] = [], token: String = Bridge.token) throws
    {
        self.broker = broker
        self.provider = provider
        folder = try Folder()
        let tokenFile = try folder.write(token + "\n", to: "token")
        var values = [
            "mqtt.port=\(broker.port)", "mqtt.reconnect_max_s=0.5", "sms_bridge.url=http://127.0.0.1:\(provider.port)",
            "sms_bridge.account_sid=AC0123", "sms_bridge.auth_token_file=\(tokenFile)", "sms_bridge.from=+886900000000",
            "sms_bridge.store=\(folder.file("bridge.sqlite"))", "sms_bridge.rate_per_min=60000",
            "sms_bridge.retry_initial_s=0.1", "sms_bridge.retry_max_s=0.5", "sms_bridge.poll_interval_s=0.2",
            "sms_bridge.timeout_s=2", "log.level=debug", "sms_folder=",
        ]
        values += settings.map { "sms_bridge.\($0)" }
        arguments = ["sms-bridge"] + values.flatMap { ["--set", $0] }
    }

    deinit { process?.end(signal: SIGKILL, timeout_ms: 2000) }

    var log: String {
        (1...max(starts, 1)).map { (try? String(contentsOfFile: folder.file("log-\($0)"), encoding: .utf8)) ?? "" }
            .joined()
    }

    /// Starts the process and waits until its session is there.
    func start() throws {
        starts += 1
        process = try ChildProcess(Programs.fleetstream, arguments, outputFile: folder.file("log-\(starts)"))
        let file = folder.file("log-\(starts)")
        let isThere = eventually(within: 30_000) {
            let log = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
            return log.contains("broker state=subscribed")
        }
        guard isThere else { throw HarnessError("the bridge does not connect\n\(log)") }
    }

    func kill() { process?.end(signal: SIGKILL, timeout_ms: 5000) }

    /// SIGTERM; the exit status, nil where it did not end in time.
    func stop() -> Int32? {
        process?.send(SIGTERM)
        return process?.wait(timeout_ms: 10_000)
    }

    func wait(_ what: String, for timeout_s: Double = 20, until holds: () throws -> Bool) throws {
        guard try eventually(within: Int(timeout_s * 1000), holds) else {
            throw HarnessError(
                "waited \(timeout_s) s in vain: \(what)\n\(log.suffix(4000))\n\(provider.requests.suffix(20))")
        }
    }

    /// Publishes a request as the engine does.
    func request(
        _ number: Int, to: String = "+886912345678", text: String? = nil, priority: String = "normal",
        expires_s: Double = 600
    ) throws {
        let expiry = Date(timeIntervalSinceNow: expires_s).ISO8601Format()
        let event: [String: Any] = [
            "specversion": "1.0", "id": Self.id(number), "type": "fleetstream.sms.request", "expirytime": expiry,
            "data": ["to": to, "text": text ?? "第\(number)則：您好 & 謝謝+", "channel": "sms", "encoding": "ucs2"],
        ]
        let payload = String(decoding: try JSONSerialization.data(withJSONObject: event), as: UTF8.self)
        try broker.publish([payload], on: "fleets/demo/sms/requests/\(priority)")
    }

    static func id(_ number: Int) -> String { String(format: "%032x", number) }
    static func receiptTopic(_ number: Int) -> String { "fleets/demo/sms/receipts/\(id(number))" }
}

extension [Received] {
    /// The receipts of one request, by their status.
    func statuses(_ number: Int) -> [String] {
        filter { $0.topic == Bridge.receiptTopic(number) }.compactMap { $0.json["status"] as? String }
    }
}
