import Foundation
import Glibc
import MQTTTransport

/// `fleetstream run`
enum RunCommand {
    private enum Wish: Sendable {
        case started
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
        let supervisor = Supervisor(environment: ProcessInfo.processInfo.environment)
        let service = Service(configuration: configuration, logger: logger, supervisor: supervisor) {
            continuation.yield(.failed($0))
        }
        let starting = Task { () -> ServiceError? in
            do throws(ServiceError) { try await service.start() } catch {
                continuation.yield(.failed(error))
                return error
            }
            continuation.yield(.started)
            return nil
        }
        let (end, isStarted) = await follow(wishes, service)
        // A start can take long, by a long journal or a full disk, but the end does not wait for it.
        if !isStarted, end == nil { service.cancelStart() }
        if let error = await starting.value {
            if let end {
                logger.error(end.message)
                return end.exitCode
            }
            logger.info("stopped before it was running: \(error.message)")
            return .success
        }
        // A second signal means that whoever sent it does not want to wait.
        let impatient = Task {
            for await wish in wishes {
                if case .stop = wish { _exit(ExitCode.failure.rawValue) }
            }
        }
        await service.stop()
        impatient.cancel()
        return end?.exitCode ?? .success
    }

    /// Does what the signals ask for until it is time to end; returns why, nil where somebody wished so, and whether the
    /// service was running by then.
    private static func follow(
        _ wishes: AsyncStream<Wish>, _ service: Service
    ) async -> (error: ServiceError?, isStarted: Bool) {
        var isStarted = false
        for await wish in wishes {
            switch wish {
            case .started: isStarted = true
            case .reload: service.reload()
            case .failed(let error): return (error, isStarted)
            case .stop: return (nil, isStarted)
            }
        }
        return (nil, isStarted)
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
                logger.info(
                    "null consumer", ["messages": .integer(Int(messages)), "per_s": .integer(Int(messages - last))])
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
