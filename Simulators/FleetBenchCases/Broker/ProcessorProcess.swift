import CLoadClients
import FleetService
import Foundation
import MQTTTransport
import Store
import Wire

/// The processor as users run it: `fleetstream run` as a child process, with journal, geofences and default settings.
final class ProcessorProcess: Sendable {
    let store: String
    private let socket: String
    private let log: String
    private let process: ChildProcess

    /// Starts it on a store (a new one where there is none) and waits until it has recovered, and subscribed where there is
    /// a broker.
    ///
    /// - Parameters:
    ///   - geofences: a GeoJSON file.
    ///   - settings: further ones, as `--set` takes them.
    init(
        port: Int, hasBroker: Bool = true, geofences: String, store: String, folder: BenchFolder,
        settings: [String] = []
    ) throws(BenchError) {
        self.store = store
        socket = folder.file("status.socket")
        log = folder.file("fleetstream.log")
        process = try startChild(
            "fleetstream",
            [
                "run", "--store", store, "--socket", socket, "--set", "mqtt.port=\(port)", "--set",
                #"fleets=[{id:"+",geofences:"\#(geofences)"}]"#, "--log-level", "debug",
            ] + settings.flatMap { ["--set", $0] }, outputFile: log)
        try waitUntil("fleetstream is running", seconds: 120) { () throws(BenchError) in
            let said = textFile(log)
            if process.exitStatus != nil { throw BenchError("fleetstream ended: \(said.suffix(2000))") }
            return said.contains(hasBroker ? "subscribed" : "running")
        }
    }

    deinit { process.end(signal: SIGKILL, timeout_ms: 2000) }

    /// Seconds of a processor that it has had.
    var time_s: Double { processorTime_s(process.processID) }

    var said: String { textFile(log) }

    /// What it answers on its status socket.
    func status() throws(BenchError) -> ServiceStatus {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        guard let answer = StatusClient.ask(socket),
            let status = try? decoder.decode(ServiceStatus.self, from: Data(answer))
        else { throw BenchError("fleetstream does not answer: \(said.suffix(2000))") }
        return status
    }

    /// The port of its HTTP window.
    func windowPort() throws(BenchError) -> Int {
        let url = try status().window
        guard let port = url.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw BenchError("fleetstream has no window: \"\(url)\"")
        }
        return port
    }

    /// Waits until so many messages are committed, or none comes any more. Returns when that was, in monotonic nanoseconds,
    /// at most 5 ms late.
    func waitUntilCommitted(_ messages: Int) throws(BenchError) -> Int64 {
        var last: Int64 = -1
        var moved_ns = load_now_ns()
        while true {
            let committed = try status().input.messages
            let now_ns = load_now_ns()
            if committed >= messages { return now_ns }
            if committed != last {
                last = committed
                moved_ns = now_ns
            }
            if now_ns - moved_ns > 15_000_000_000 { return moved_ns }
            usleep(5_000)
        }
    }

    /// Waits until every event is published.
    func waitUntilPublished() throws(BenchError) {
        var depths: [Int64] = []
        try waitUntil("the outbox is empty", seconds: 120) { () throws(BenchError) in
            // The figure is renewed once a second.
            depths.append(try status().output.outboxDepth)
            usleep(100_000)
            return depths.count >= 15 && depths.suffix(12).allSatisfy { $0 == 0 }
        }
    }

    /// SIGTERM, and waits for its end.
    func stop() throws(BenchError) {
        process.send(SIGTERM)
        guard process.wait(timeout_ms: 20_000) == 0 else {
            throw BenchError("fleetstream did not stop: \(said.suffix(2000))")
        }
    }

    /// Number and checksum of all messages in the journal, in whatever order they came.
    static func journal(_ store: String) throws(BenchError) -> (messages: Int, checksum: UInt64) {
        var messages = 0
        var checksum: UInt64 = 0
        do {
            let reader = try StoreReader(path: store)
            defer { reader.close() }
            var sequence: Int64 = 0
            while let row = try reader.nextJournalRow(after: sequence) {
                sequence = row.sequence
                guard let batch = MessageBatch(journalled: row.entry.bytes) else {
                    throw BenchError("journal row \(sequence) cannot be read")
                }
                for frame in 0..<batch.count {
                    let header = batch.header(at: frame)
                    guard header.kind == .message else { continue }
                    messages += 1
                    checksum &+= PacketList.hash(
                        topic: batch.bytes[header.topic], payload: batch.bytes[header.payload])
                }
            }
        } catch {
            throw BenchError("\(error)")
        }
        return (messages, checksum)
    }
}
