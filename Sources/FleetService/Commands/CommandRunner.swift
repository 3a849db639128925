import FleetCore
import Foundation

/// Carries out what the command line asks for.
package enum CommandRunner {
    /// Runs a command to its end and says what the process should exit with.
    package static func run(_ arguments: [String]) async -> ExitCode {
        let command: Command
        do throws(UsageError) { command = try Command.parse(arguments) } catch {
            printError(error.description)
            return .usage
        }
        switch command {
        case .help(let text):
            print(text)
            return .success
        case .version:
            print(Command.versionText)
            return .success
        case .run(let options): return await RunCommand.run(options)
        case .demo(let options): return await DemoCommand.run(options)
        case .check(let options): return await CheckCommand.run(options)
        case .replay(let options): return await ReplayCommand.run(options)
        case .decode(let options): return DecodeCommand.run(options)
        case .status(let options): return StatusCommand.run(options)
        case .top(let options): return await TopCommand.run(options)
        case .rules(let options): return RulesCommand.run(options)
        case .learned(let options): return LearnedCommand.run(options)
        case .smsBridge(let options): return await SMSBridgeCommand.run(options)
        case .link(let options): return LinkCommand.run(options)
        }
    }

    /// The configuration, or nil where it is wrong; every error has been printed then.
    static func configuration(_ options: CommonOptions) -> Configuration? {
        do throws(ConfigurationErrors) {
            return try Configuration.load(options, environment: ProcessInfo.processInfo.environment).configuration
        } catch {
            printError("\(error)")
            return nil
        }
    }

    static func printError(_ text: String) {
        FileHandle.standardError.write(Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
    }

    /// Runs what blocks on a thread that is not of the cooperative pool.
    static func offPool<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: body()) }
        }
    }
}
