import FoundationEssentials
import Wire

/// What a simulation is made from: read from a JSON5 file, every key optional, unknown keys refused.
///
/// The shares and ranges are documented, key by key, in `Simulators/scenarios/taipei.json5`.
package struct Scenario: Sendable {
    package var seed: UInt64 = 1
    package var vehicles = 50
    /// Simulated start where the command line gives none, milliseconds since 1970.
    package var start_ms: Int64 = 1_795_132_800_000
    package var area = Area()
    package var places = PlaceCounts()
    package var fleet = Fleet()
    package var tours = Tours()
    package var reports = Reports()
    package var positioning = Positioning()
    package var coverage = Coverage()
    package var faults = Faults()
    /// Nil where vehicles drive about without orders.
    package var dispatch: Dispatch?

    package init() {}

    /// The rectangle that the roads cover.
    package struct Area: Sendable {
        package var south_deg = 24.98
        package var north_deg = 25.12
        package var west_deg = 121.45
        package var east_deg = 121.62
        package var streetSpacing_m = 270.0

        package init() {}
    }

    /// How many places are made where no geofences are given.
    package struct PlaceCounts: Sendable {
        package var depots = 4
        package var customers = 300

        package init() {}
    }

    package struct Fleet: Sendable {
        package var truckShare = 0.5
        package var vanShare = 0.2
        /// Each vehicle has been under way for a time between none and this when the simulation starts.
        package var warmUp_s = 3_600.0

        package init() {}
    }

    package struct Tours: Sendable {
        package var stopsMin = 4
        package var stopsMax = 10
        package var serviceMin_s = 120.0
        package var serviceMax_s = 720.0
        package var loadingMin_s = 600.0
        package var loadingMax_s = 1_500.0
        package var ignitionOffShare = 0.85

        package var habits: JourneyHabits {
            JourneyHabits(
                stopsPerTour: stopsMin...stopsMax, service_s: serviceMin_s...serviceMax_s,
                loading_s: loadingMin_s...loadingMax_s, ignitionOffShare: ignitionOffShare)
        }

        package init() {}
    }

    package enum TimeFormat: String, Sendable, CaseIterable {
        case rfc3339
        case epochMilliseconds = "epoch_ms"
    }

    /// How trackers speak.
    package enum ReportFormat: String, Sendable, CaseIterable {
        case native
        case owntracks
    }

    package struct Reports: Sendable {
        /// From the command line, not from the scenario's file.
        package var format = ReportFormat.native
        package var movingIntervalMin_s = 5.0
        package var movingIntervalMax_s = 15.0
        package var parkedInterval_s = 120.0
        package var ignitionReports = true
        package var sensors = true
        package var timeFormat = TimeFormat.rfc3339
        package var latencyMax_s = 0.8

        package init() {}
    }

    package struct Positioning: Sendable {
        package var accuracy_m = 5.0
        package var correlation_s = 30.0
        package var tunnelFactor = 6.0

        package init() {}
    }

    package enum UploadOrder: String, Sendable, CaseIterable {
        case oldestFirst = "oldest_first"
        case newestFirst = "newest_first"
        /// Each vehicle has one of the two.
        case mixed
    }

    package struct Coverage: Sendable {
        package var lossesPerHour = 0.0
        package var lossMean_s = 90.0
        package var tunnels = true
        /// When all vehicles lose coverage, counted from the start; together with a duration above 0.
        package var scheduledStart_s = 0.0
        package var scheduledDuration_s = 0.0
        package var uploadOrder = UploadOrder.oldestFirst
        package var uploadArrayMax = 50
        package var bufferMax = 10_000

        package init() {}
    }

    package struct Faults: Sendable {
        package var duplicateShare = 0.0
        package var duplicateDelayMax_s = 5.0
        package var lateShare = 0.0
        package var lateMean_s = 30.0
        package var skewedVehicleShare = 0.0
        package var skewMax_s = 60.0
        package var teleportShare = 0.0
        package var teleportMax_km = 300.0
        /// For each kind, the share of reports after which such a message is sent as well; in the order of `allCases`.
        package var malformed = [Double](repeating: 0, count: MalformedKind.allCases.count)

        package init() {}
    }
}

extension Scenario {
    /// Reads a scenario from JSON5. `file` names it in errors.
    package static func parse(_ bytes: [UInt8], file: String) throws(SimulationError) -> Scenario {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        if let key = ScenarioSection<Keys>.fileKey { decoder.userInfo[key] = file }
        do {
            return try decoder.decode(Scenario.self, from: Data(bytes))
        } catch let error as SimulationError {
            throw error
        } catch let error as DecodingError {
            throw SimulationError(error, file: file)
        } catch {
            throw .scenario(file: file, key: "", reason: "\(error)")
        }
    }
}

extension SimulationError {
    fileprivate init(_ error: DecodingError, file: String) {
        let context: DecodingError.Context
        var reason: String
        switch error {
        case .typeMismatch(let type, let found):
            context = found
            reason = "must be \(Self.name(of: type))"
        case .valueNotFound(let type, let found):
            context = found
            reason = "must be \(Self.name(of: type)), not null"
        case .keyNotFound(_, let found):
            context = found
            reason = found.debugDescription
        case .dataCorrupted(let found):
            context = found
            reason = found.debugDescription
            if let cause = found.underlyingError { reason += " (\(cause))" }
        @unknown default:
            self = .scenario(file: file, key: "", reason: "\(error)")
            return
        }
        self = .scenario(file: file, key: context.codingPath.map(\.stringValue).joined(separator: "."), reason: reason)
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is Double.Type: "a number"
        case is Int.Type, is UInt64.Type: "a whole number"
        case is Bool.Type: "true or false"
        case is String.Type: "a string"
        default: "an object"
        }
    }
}
