import Foundation
import MQTTTransport

/// `fleetstream check`
enum CheckCommand {
    private struct Report: Encodable {
        var isValid = true
        var problems: [Problem] = []
        var geofences = 0
        var broker: Broker?
        /// `--live` could not measure.
        var isBrokerUnreachable = false

        struct Problem: Encodable {
            var severity: String
            var message: String
        }

        struct Broker: Encodable {
            var address: String
            var published: Int
            var received: Int
            var missing: Int
        }

        mutating func add(_ message: String, isWarning: Bool = false) {
            problems.append(Problem(severity: isWarning ? "warning" : "error", message: message))
            if !isWarning { isValid = false }
        }
    }

    static func run(_ options: CheckOptions) async -> ExitCode {
        var report = Report()
        var configuration: Configuration?
        do throws(ConfigurationErrors) {
            configuration = try Configuration.load(options.common, environment: ProcessInfo.processInfo.environment)
                .configuration
        } catch {
            for problem in error.errors { report.add("\(problem)") }
        }
        if let configuration {
            do throws(ConfigurationErrors) { _ = try RulesFile.load(configuration) } catch {
                for problem in error.errors { report.add("\(problem)") }
            }
            do throws(ConfigurationErrors) { _ = try MessageFiles.load(configuration) } catch {
                for problem in error.errors { report.add("\(problem)") }
            }
        }
        var fleets = configuration?.fleets ?? []
        if let folder = options.geofences { fleets = [Configuration.Fleet(id: "+", geofences: folder)] }
        let files = GeofenceFiles.load(fleets, defaultTimeZone: (configuration ?? .default).rules.timeZone)
        for problem in files.problems { report.add(problem.description, isWarning: problem.isWarning) }
        report.geofences = files.count
        if options.isLive, let configuration { await probe(configuration, &report) }
        show(report, options)
        if report.isBrokerUnreachable, report.problems.count == 1 { return .unavailable }
        return report.isValid ? .success : .failure
    }

    private static func show(_ report: Report, _ options: CheckOptions) {
        if options.isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            if let json = try? encoder.encode(report) { print(String(decoding: json, as: UTF8.self)) }
            return
        }
        for problem in report.problems { CommandRunner.printError(problem.message) }
        let errors = report.problems.filter { $0.severity == "error" }.count
        let warnings = report.problems.count - errors
        if let broker = report.broker {
            print(
                "broker \(broker.address): \(broker.received) of \(broker.published) messages kept for a stalled subscriber"
            )
        }
        print("\(report.geofences) geofences, \(errors) errors, \(warnings) warnings")
    }

    /// Whether the broker keeps what a stalled subscriber has not fetched.
    private static func probe(_ configuration: Configuration, _ report: inout Report) async {
        var options = configuration.publisherOptions
        options.clientID = configuration.mqtt.clientID + "-check"
        let probe = BrokerProbe(options: options)
        let result = await CommandRunner.offPool { () -> Result<BrokerProbeResult, MQTTError> in
            do throws(MQTTError) { return .success(try probe.run()) } catch { return .failure(error) }
        }
        switch result {
        case .success(let found):
            report.broker = Report.Broker(
                address: configuration.brokerAddress, published: found.published, received: found.received,
                missing: found.missing)
            if found.maximumQoS < 1 { report.add("the broker offers no QoS 1: nothing that it delivers is sure") }
            if !found.isRetainAvailable {
                report.add(
                    "the broker keeps no retained messages: states and geofences on topics need them", isWarning: true)
            }
            if let expiry_s = found.imposedSessionExpiry_s, expiry_s < 86_400 {
                report.add(
                    "the broker forgets a session after \(expiry_s) s: an outage that is longer loses messages",
                    isWarning: true)
            }
            if found.losesMessages {
                report.add(
                    "the broker lost \(found.missing) of \(found.published) QoS 1 messages for a stalled subscriber: "
                        + "set max_queued_messages 10000000 and max_inflight_messages 65535, as Config/mosquitto.conf does"
                )
            }
        case .failure(let error):
            report.isBrokerUnreachable = true
            report.add("broker \(configuration.brokerAddress): \(error)")
        }
    }
}
