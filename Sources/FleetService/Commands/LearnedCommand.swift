import Forecast
import Foundation

/// `fleetstream learned`
enum LearnedCommand {
    /// Of 50,000 segments, 60,000 customers and 20,000 vehicles with the longest ids.
    private static let size_max = 256 << 20

    static func run(_ options: LearnedOptions) -> ExitCode {
        guard let configuration = CommandRunner.configuration(options.common) else { return .configuration }
        do throws(ServiceError) {
            if let file = options.importFile, let fleet = options.fleet {
                try take(file, for: fleet, configuration)
            } else {
                try show(options, configuration)
            }
            return .success
        } catch {
            CommandRunner.printError("fleetstream learned: \(error.message)")
            return error.exitCode
        }
    }

    private static func take(
        _ file: String, for fleet: String, _ configuration: Configuration
    ) throws(ServiceError) {
        let json: [UInt8]
        switch readWholeFile(file, size_max: size_max) {
        case .success(let content): json = content
        case .failure(let failure):
            throw ServiceError(exitCode: .inputOutput, message: "\(file) \(failure.problem)")
        }
        do throws(ServiceError) {
            try LearnedStore.replace(
                json, fleet: fleet, inStore: configuration.store.path, topicRoot: configuration.topicRoot,
                now_ms: Int64(Date().timeIntervalSince1970 * 1000))
        } catch {
            throw ServiceError(exitCode: error.exitCode, message: "\(file) was not taken over: \(error.message)")
        }
        print("the fleet \(fleet) goes by the values of \(file) from the next start of fleetstream run on")
    }

    private static func show(_ options: LearnedOptions, _ configuration: Configuration) throws(ServiceError) {
        let path = configuration.store.path
        let reading = try LearnedStore.read(path, topicRoot: configuration.topicRoot)
        let fleets = reading.fleets.filter {
            options.fleet == nil || $0.fleet.utf8.elementsEqual(options.fleet?.utf8 ?? "".utf8)
        }
        let names = reading.fleets.map(\.fleet).joined(separator: ", ")
        if fleets.isEmpty {
            let which = options.fleet.map { "of the fleet \($0) " } ?? ""
            let others = names.isEmpty ? "" : "; there are values of \(names)"
            throw ServiceError(
                exitCode: .failure, message: "nothing \(which)was learned yet in the store \(path)\(others)")
        }
        if options.isJSON {
            guard fleets.count == 1 else {
                throw ServiceError(
                    exitCode: .usage, message: "the store holds several fleets (\(names)); --fleet says which to export"
                )
            }
            FileHandle.standardOutput.write(Data(fleets[0].values.json()))
            return
        }
        let time = Date(timeIntervalSince1970: Double(reading.created_ms) / 1000).formatted(.iso8601)
        for (fleet, values) in fleets {
            print("fleet           \(fleet)\nas of           \(time)")
            print(values.table().joined(separator: "\n") + "\n")
        }
    }
}
