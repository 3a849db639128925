import Foundation
import Glibc
import MQTTTransport

/// A folder for one measurement, removed with the object.
final class BenchFolder: Sendable {
    let path: String

    init() throws(BenchError) {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("fleetbench-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw BenchError("no temporary folder: \(error)")
        }
        path = url.path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

/// Starts one of the programs that the build put beside this one.
func startChild(_ name: String, _ arguments: [String], outputFile: String) throws(BenchError) -> ChildProcess {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folders = ([own] + CommandLine.arguments).map { URL(fileURLWithPath: $0).deletingLastPathComponent() }
    let paths = folders.map { $0.appendingPathComponent(name).path }
    guard let path = paths.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
        throw BenchError("\(name) is not beside this program: build everything, `swift build -c release`")
    }
    do throws(MQTTError) {
        return try ChildProcess(path, arguments, outputFile: outputFile)
    } catch {
        throw BenchError("\(error)")
    }
}

/// A mosquitto of our own with the settings of `Config/mosquitto.conf`: nothing is dropped.
func startBroker() throws(BenchError) -> LocalBroker {
    do throws(MQTTError) {
        return try LocalBroker(
            LocalBroker.Settings(extraLines: ["queue_qos0_messages false", "max_connections -1"]))
    } catch {
        throw BenchError("\(error)")
    }
}

/// Asks again and again, every 5 ms, until it is so.
func waitUntil(
    _ what: String, seconds: Int, _ isSo: () throws(BenchError) -> Bool
) throws(BenchError) {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while try !isSo() {
        guard ContinuousClock.now < deadline else { throw BenchError("waited \(seconds) s in vain: \(what)") }
        usleep(5_000)
    }
}

/// A file's text, empty where it cannot be read.
func textFile(_ path: String) -> String {
    (try? Data(contentsOf: URL(fileURLWithPath: path))).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// Seconds that a process has had a processor so far, in the kernel and outside of it; 0 where it is gone.
func processorTime_s(_ processID: Int32) -> Double {
    // The name stands in brackets and may hold spaces; times are the 12th and 13th word behind it, in ticks (proc(5)).
    let words = textFile("/proc/\(processID)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard words.count > 13, let user = Double(words[11]), let system = Double(words[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
