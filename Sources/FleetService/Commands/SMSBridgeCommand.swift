import Foundation
import Glibc
import MQTTTransport
import Store

/// `fleetstream sms-bridge`
enum SMSBridgeCommand {
    private enum Wish: Sendable {
        case stop
        case failed(String)
    }

    static func run(_ options: CommonOptions) async -> ExitCode {
        let configuration: Configuration
        let token: Secret
        do throws(ConfigurationErrors) {
            let environment = ProcessInfo.processInfo.environment
            let loaded = try Configuration.load(options, environment: environment)
            configuration = loaded.configuration
            token = try configuration.bridgeToken(environment, loaded.origins)
        } catch {
            CommandRunner.printError("\(error)")
            return .configuration
        }
        let logger = Logger(configuration.log)
        let (wishes, continuation) = AsyncStream.makeStream(of: Wish.self)
        Signals.listen([SIGTERM, SIGINT]) { _ in continuation.yield(.stop) }
        let bridge: SMSBridge
        do throws(StoreError) {
            bridge = try SMSBridge(configuration, token: token, logger: logger) { continuation.yield(.failed($0)) }
        } catch {
            logger.error(error.message)
            return .inputOutput
        }
        do throws(MQTTError) { try bridge.start() } catch {
            logger.error("\(error)")
            await CommandRunner.offPool { bridge.stop() }
            return .configuration
        }
        logger.info(
            "the bridge is running",
            [
                "broker": .string(configuration.brokerAddress), "provider": .string(configuration.smsBridge.url),
                "store": .string(configuration.smsBridge.store),
            ])
        var exitCode = ExitCode.success
        for await wish in wishes {
            if case .failed(let message) = wish {
                logger.error(message)
                exitCode = .inputOutput
            }
            break
        }
        // A second signal means that whoever sent it does not want to wait.
        let impatient = Task {
            for await wish in wishes {
                if case .stop = wish { _exit(ExitCode.failure.rawValue) }
            }
        }
        await CommandRunner.offPool { bridge.stop() }
        impatient.cancel()
        logger.info("the bridge has stopped")
        return exitCode
    }
}
