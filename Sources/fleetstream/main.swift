import FleetService
import Foundation

exit(await CommandRunner.run(Array(CommandLine.arguments.dropFirst())).rawValue)
