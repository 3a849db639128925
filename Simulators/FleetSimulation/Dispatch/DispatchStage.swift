/// The dispatcher's side of a simulated fleet: plays one day after the other, each when its time comes.
///
/// A day begins when its period is over and the day before it is; vehicles are then at their depots.
struct DispatchStage {
    /// What a day adds to the simulation.
    struct Day {
        var messages: [PlayMessage]
        /// By vehicle.
        var steps: [[JourneyStep]]
    }

    /// Between the end of a day and the beginning of the next, where the period leaves less.
    static let pause_s = 60.0
    /// How long before the first day's end of the lead time shifts are said to begin.
    private static let shiftLead_s = 1_800.0

    private let world: FleetWorld
    private let run: SimulatedVehicle.RunSettings
    private let dispatch: Scenario.Dispatch
    let book: CustomerBook
    let drivers: [SimulatedDriver]
    let identities: [VehicleIdentity]
    /// Days that were begun.
    private(set) var days = 0
    /// When the days that were begun are over, simulated time.
    private(set) var end_s = 0.0
    private var truth: ArraySlice<TruthRecord> = []

    init(world: FleetWorld, run: SimulatedVehicle.RunSettings, dispatch: Scenario.Dispatch, vehicleCount: Int) {
        self.world = world
        self.run = run
        self.dispatch = dispatch
        let seed = run.scenario.seed
        book = CustomerBook(world: world, settings: dispatch, seed: seed)
        identities = (0..<vehicleCount).map { VehicleIdentity(number: $0 + 1, world: world, scenario: run.scenario) }
        drivers = (0..<vehicleCount).map { SimulatedDriver(number: $0 + 1, seed: seed) }
    }

    /// When the next day begins; nil where there is none.
    var nextDay_s: Double? {
        guard days < run.days else { return nil }
        return days == 0 ? 0 : max(Double(days) * dispatch.period_s, end_s + Self.pause_s)
    }

    mutating func beginDay() -> Day {
        let start_s = nextDay_s ?? end_s
        var play = DayPlay(
            .init(
                world: world, scenario: run.scenario, dispatch: dispatch, book: book, identities: identities,
                drivers: drivers, start_ms: run.start_ms, day: days, dayStart_s: start_s,
                answersCommands: run.answersCommands))
        play.play()
        days += 1
        end_s = play.end_s
        truth.append(contentsOf: play.truth)
        return Day(messages: play.messages, steps: play.crews.map(\.steps))
    }

    /// Customers and drivers, as dispatch publishes them at the beginning.
    func masterData() -> [(topic: String, payload: [UInt8])] {
        let data = MasterData(world: world, dispatch: dispatch, start_ms: run.start_ms)
        let lead_ms = Int64(max(0, dispatch.lead_s - Self.shiftLead_s) * 1_000)
        return book.customers.map { ("dispatch/customers/\($0.id)", data.payload(of: $0)) }
            + zip(drivers, identities).map { driver, identity in
                (
                    "dispatch/drivers/\(driver.id)",
                    data.payload(of: driver, identity: identity, shiftStart_ms: run.start_ms + lead_ms)
                )
            }
    }

    /// Adds what a vehicle's master data has where there is dispatch.
    func complete(_ payload: inout [UInt8], of vehicle: Int) {
        MasterData.append(
            to: &payload, of: identities[vehicle], driver: drivers[vehicle], start_ms: run.start_ms)
    }

    /// Takes the lines of what became true before `time_s`.
    mutating func takeTruth(before time_s: Double) -> [UInt8] {
        var lines: [UInt8] = []
        while let record = truth.first, record.time_s < time_s {
            lines.append(contentsOf: record.line)
            lines.append(UInt8(ascii: "\n"))
            truth.removeFirst()
        }
        return lines
    }
}
