import FleetSimulation
import Glibc

exit(SimulationCommand.run(arguments: Array(CommandLine.arguments.dropFirst()), executable: CommandLine.arguments[0]))
