import Foundation
import Glibc
import MQTTTransport

/// `fleetstream run`
enum RunCommand {
    private enum Wish: Sendable {
        case stop
        case reload
        case failed(ServiceError)
    }

    static func run(_ options: RunOptions) async -> ExitCode {
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        let logger = Logger(configuration.log)
        if options.isNullConsumer { return await discard(configuration, logger) }
        let (wishes, continuation) = AsyncStream.makeStream(of: Wish.self)
        Signals.listen([SIGTERM, SIGINT, SIGHUP]) { continuation.yield($0 == SIGHUP ? .reload : .stop) }
        let service = Service(configuration: configuration, logger: logger) { continuation.yield(.failed($0)) }
        do throws(ServiceError) { try await service.start() } catch {
            logger.error(error.message)
            return error.exitCode
        }
        var exitCode = ExitCode.success
        for await wish in wishes {
            switch wish {
            case .reload:
                service.reloadGeofences()
                continue
            case .failed(let error):
                exitCode = error.exitCode
            case .stop:
                break
            }
            break
        }
        // A second signal means that whoever sent it does not want to wait.
        let impatient = Task {
            for await wish in wishes {
                if case .stop = wish { _exit(ExitCode.failure.rawValue) }
            }
        }
        await service.stop()
        impatient.cancel()
        return exitCode
    }

    /// Receives and acknowledges and does nothing else, for comparison in benchmarks; prints what came each second.
    private static func discard(_ configuration: Configuration, _ logger: Logger) async -> ExitCode {
        let (stops, continuation) = AsyncStream.makeStream(of: Void.self)
        Signals.listen([SIGTERM, SIGINT]) { _ in continuation.yield() }
        let receiver = MQTTReceiver(
            discarding: configuration.receiverOptions, subscriptions: configuration.subscriptions)
        do throws(MQTTError) { try receiver.start() } catch {
            logger.error("\(error)")
            return .configuration
        }
        let ticker = Task {
            var last: UInt64 = 0
            while !Task.isCancelled {
                try? await Task.sleep(for: .seconds(1))
                let messages = receiver.statistics.messages
                logger.info("null consumer", ["messages": .integer(Int(messages)), "per_s": .integer(Int(messages - last))])
                last = messages
            }
        }
        for await _ in stops { break }
        ticker.cancel()
        await CommandRunner.offPool { receiver.stop() }
        print("messages \(receiver.statistics.messages)")
        return .success
    }
}
