import FleetCore
import Foundation

/// `fleetstream rules`
enum RulesCommand {
    static func run(_ options: RulesOptions) -> ExitCode {
        if options.isTemplate {
            print(RulesTemplate.text, terminator: "")
            return .success
        }
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        do throws(ConfigurationErrors) {
            let book = try RulesFile.load(configuration)
            let table = RulesTable(book, vehicle: options.vehicle, group: options.group)
            if !options.isJSON {
                print(table.text, terminator: "")
            } else if let json = try? table.json() {
                print(json)
            } else {
                return .failure
            }
            return .success
        } catch {
            CommandRunner.printError("\(error)")
            return .configuration
        }
    }
}
