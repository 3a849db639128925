import FleetCore
import Wire

/// All rules of the configuration that the engine works by besides its settings: of vehicles, of messages to people, of
/// commands.
struct RuleFiles: Sendable {
    var rules: RuleBook
    var messages: MessageRules
    var commands: CommandRules

    /// Throws everything that is wrong in any of the files.
    init(_ configuration: Configuration) throws(ConfigurationErrors) {
        var errors: [ConfigurationError] = []
        rules = RuleBook()
        messages = MessageRules()
        commands = configuration.commandRules
        do throws(ConfigurationErrors) { rules = try RulesFile.load(configuration) } catch { errors += error.errors }
        do throws(ConfigurationErrors) { messages = try MessageFiles.load(configuration) } catch {
            errors += error.errors
        }
        if !errors.isEmpty { throw ConfigurationErrors(errors: errors) }
    }

    /// Appends what differs from what the engine knows, or everything.
    func appendChanges(
        from pipeline: Pipeline, to batch: inout MessageBatch, receivedTime_ms: Int64, all: Bool
    ) async {
        if await pipeline.ruleBook != rules || all {
            batch.append(kind: .rules, receivedTime_ms: receivedTime_ms, payload: rules.json())
        }
        if await pipeline.messageRules != messages || all {
            batch.append(kind: .messages, receivedTime_ms: receivedTime_ms, payload: messages.json())
        }
        if await pipeline.commandRules != commands || all {
            batch.append(kind: .commands, receivedTime_ms: receivedTime_ms, payload: commands.json())
        }
    }
}
