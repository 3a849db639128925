/// One vehicle with its tracker: its journey, its sensors, when it reports, and what goes wrong on the way.
///
/// Everything is drawn from streams of the scenario's seed and the vehicle's number: vehicle 7 does the same in a fleet of
/// ten and of ten thousand.
package struct SimulatedVehicle {
    /// Counted from 1.
    package let number: Int
    package let vehicleClass: VehicleClass
    /// As in the topics: `truck-07`.
    package let id: String
    package internal(set) var journey: VehicleJourney
    var sensor: PositionSensor
    var condition: VehicleCondition
    var coverage: CoverageSchedule
    var faults: RandomSource
    package internal(set) var buffer: ReportBuffer
    var sequence = 0
    /// Since when there has been no coverage; nil while there is.
    var uncoveredSince_s: Double?
    /// The broker has given the tracker's connection up.
    var isDisconnected = false
    /// Whether it stood at its depot with the engine off at the last report.
    var isParked = true

    let run: RunSettings
    let writer: ReportWriter
    /// How far the tracker's clock is from the truth.
    package let clockOffset_ms: Int64
    /// From measuring to sending.
    let latency_s: Double
    let movingInterval_s: Double
    let uploadsNewestFirst: Bool
    package let firstReport_us: Int64

    /// What is the same for all vehicles of a run.
    package struct RunSettings: Sendable {
        package var scenario: Scenario
        /// Start of the simulated time, milliseconds since 1970.
        package var start_ms: Int64
        /// Whether each tracker has a connection of its own, on which it says online and offline.
        package var announcesStatus: Bool
        /// Where given, all vehicles report at this interval, moving or not, and at nothing else.
        package var fixedInterval_s: Double?
        /// How many days dispatch plays.
        package var days: Int
        /// Whether vehicles answer commands that nobody sends them: in runs without a processor at the other side.
        package var answersCommands: Bool

        package init(
            scenario: Scenario, start_ms: Int64, announcesStatus: Bool = true, fixedInterval_s: Double? = nil,
            days: Int = 1, answersCommands: Bool = true
        ) {
            self.days = days
            self.answersCommands = answersCommands
            self.scenario = scenario
            self.announcesStatus = announcesStatus
            self.start_ms = start_ms
            self.fixedInterval_s = fixedInterval_s
        }
    }

    /// Something that a vehicle sends, now or after a delay.
    struct Emission {
        var delay_us: Int64 = 0
        var kind = MessageKind.telemetry
        var payload: [UInt8]
        var isJSON = true
        var isMisaddressed = false

        static func status(isOnline: Bool, kind: MessageKind = .status) -> Emission {
            Emission(kind: kind, payload: Array((isOnline ? "{\"online\":true}" : "{\"online\":false}").utf8))
        }
    }

    package init(number: Int, world: FleetWorld, run: RunSettings) {
        let scenario = run.scenario
        func stream(_ purpose: RandomPurpose) -> RandomSource {
            RandomSource(seed: scenario.seed, purpose: purpose, number: UInt64(number))
        }
        var identity = VehicleIdentity(number: number, world: world, scenario: scenario)
        vehicleClass = identity.vehicleClass
        id = identity.id
        let journeyStart_s: Double
        if scenario.dispatch != nil {
            journeyStart_s = -scenario.reports.latencyMax_s - 1
            journey = VehicleJourney(
                world: world, style: identity.style, depot: identity.depot, start_s: journeyStart_s,
                random: stream(.driving))
        } else {
            journeyStart_s = -scenario.reports.latencyMax_s - 1 - scenario.fleet.warmUp_s * identity.random.unit()
            journey = VehicleJourney(
                world: world, style: identity.style, habits: scenario.tours.habits, depot: identity.depot,
                start_s: journeyStart_s, random: stream(.driving))
        }
        sensor = PositionSensor(settings: scenario.positioning, random: stream(.positioning), start_s: 0)
        condition = VehicleCondition(vehicleClass: vehicleClass, random: stream(.condition), start_s: journeyStart_s)

        var reporting = stream(.reporting)
        let reports = scenario.reports
        latency_s = reporting.uniform(0...reports.latencyMax_s)
        let span = reports.movingIntervalMin_s...reports.movingIntervalMax_s
        let interval_s = reporting.uniform(span)
        // Trackers are set to whole seconds.
        movingInterval_s =
            interval_s >= 1 ? min(span.upperBound, max(span.lowerBound, interval_s.rounded())) : interval_s
        let coin = reporting.chance(0.5)
        uploadsNewestFirst =
            switch scenario.coverage.uploadOrder {
            case .oldestFirst: false
            case .newestFirst: true
            case .mixed: coin
            }
        let phase = reporting.unit()
        firstReport_us = Int64((run.fixedInterval_s ?? movingInterval_s) * phase * 1e6)
        let isSkewed = reporting.chance(scenario.faults.skewedVehicleShare)
        let skew_s = reporting.uniform(-scenario.faults.skewMax_s...scenario.faults.skewMax_s)
        clockOffset_ms = isSkewed ? Int64(skew_s * 1_000) : 0
        coverage = CoverageSchedule(settings: scenario.coverage, random: reporting)
        buffer = ReportBuffer(limit: scenario.coverage.bufferMax)
        faults = stream(.faults)
        writer = ReportWriter(format: reports.format, timeFormat: reports.timeFormat)
        self.number = number
        self.run = run
    }
}
