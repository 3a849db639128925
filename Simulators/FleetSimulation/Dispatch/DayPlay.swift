import Glibc

/// One day of a distributor, played through in advance: what dispatchers, drivers and vehicles do, moment by moment, each
/// deciding by what they know then. Gives the journeys to drive, the messages to send, and the truth.
///
/// A pure function of its setting: the same world, scenario, seed and day give the same play. Costs a drive for each stop, and a
/// search of the roads for each place that was not driven to before.
struct DayPlay {
    struct Setting {
        var world: FleetWorld
        var scenario: Scenario
        var dispatch: Scenario.Dispatch
        var book: CustomerBook
        var identities: [VehicleIdentity]
        var drivers: [SimulatedDriver]
        /// Milliseconds since 1970 at simulated time 0.
        var start_ms: Int64
        /// Counted from 0.
        var day: Int
        /// Simulated time at which the day begins.
        var dayStart_s: Double
        /// Whether vehicles are made to answer commands at likely times, because nobody is there who sends them any.
        var answersCommands: Bool
    }

    /// One vehicle with its driver, under way.
    struct Crew {
        enum Phase {
            case off
            case loading
            case underway
            case returning
            case done
        }

        let identity: VehicleIdentity
        let driver: SimulatedDriver
        var random: RandomSource
        let app: AppOutages
        /// How fast this driver drives today, as a factor.
        let pace: Double
        var phase = Phase.off
        /// Indices of the routes, the present one first.
        var routes: [Int] = []
        var here: Place
        /// The last drive.
        var plan: DrivePlan?
        var stop: Int?
        /// Since when it stands.
        var standStart_s = 0.0
        var onBoard = GasBottles()
        /// Of `onBoard`, what no stop of the route is going to have.
        var spare = GasBottles()
        var empties = GasBottles()
        var cash_twd = 0
        var visits = 0
        var farProof: FarProof?
        var steps: [JourneyStep] = []
    }

    /// A proof that the driver takes after driving off.
    struct FarProof {
        var stop: Int
        var action: String
        var members: @Sendable (inout ObjectWriter) -> Void
    }

    /// What happens to a crew next.
    enum CrewEvent: Int32 {
        case beginShift
        case load
        case goOn
        case arrive
        case endShift
    }

    /// What dispatchers do.
    enum Happening {
        case emergency
        case assign(order: Int, tries: Int)
        case again(failed: Int, vehicle: Int, window_s: ClosedRange<Double>)
        case cancel
        case changeWindow
        case resequence
        case move
        case request(number: Int)
        case immobilise(vehicle: Int, isParked: Bool)
        case release(vehicle: Int)
    }

    let setting: Setting
    let prefix: String
    var traffic: TrafficPattern
    var detours: [RouteFinder?] = []
    var orders: [SimulatedOrder] = []
    var stops: [SimulatedStop] = []
    var routes: [SimulatedRoute] = []
    var crews: [Crew]
    var random: RandomSource
    var commandCount = 0
    var parkedTests = 0

    private var events = EventQueue()
    private var happenings: [Happening] = []
    /// The time of what happens now.
    private(set) var now_s: Double
    /// Everything that goes out, in the order of its making until `play` has sorted it.
    private(set) var messages: [PlayMessage] = []
    private(set) var truth: [TruthRecord] = []
    /// When the last of it is over.
    private(set) var end_s: Double

    init(_ setting: Setting) {
        self.setting = setting
        let seed = setting.scenario.seed
        let faults = setting.dispatch.faults
        prefix = Self.prefix(time_ms: setting.start_ms + Int64((setting.dayStart_s * 1_000).rounded()))
        traffic = TrafficPattern(seed: seed, day: setting.day, start_ms: setting.start_ms)
        random = RandomSource(seed: seed, purpose: .dispatchers, number: UInt64(setting.day))
        now_s = setting.dayStart_s
        end_s = setting.dayStart_s
        crews = zip(setting.identities, setting.drivers).map { identity, driver in
            var random = RandomSource(
                seed: seed, purpose: .workday, number: UInt64(setting.day) << 24 | UInt64(identity.number))
            let app = AppOutages(settings: faults, start_s: setting.dayStart_s, random: &random)
            let pace = exp(0.05 * random.normal())
            return Crew(
                identity: identity, driver: driver, random: random, app: app, pace: pace, here: identity.depot)
        }
    }

    /// The day's part of ids: local month, day, hour and minute, so that days and runs do not get into each other's way.
    private static func prefix(time_ms: Int64) -> String {
        var text: [UInt8] = []
        text.append(localTime_ms: time_ms)
        // 2026-11-20T08:15:30.250Z
        let digits = text.filter { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return String(decoding: digits[4..<12], as: UTF8.self)
    }

    /// Plays the day to its end.
    mutating func play() {
        planDay()
        while let event = events.first {
            events.removeFirst()
            now_s = Double(event.time_us) / 1e6
            end_s = max(end_s, now_s)
            if event.vehicle < 0 {
                happen(happenings[Int(event.message)])
            } else if let step = CrewEvent(rawValue: event.message) {
                proceed(Int(event.vehicle), step)
            }
        }
        let sent = messages.enumerated().sorted { ($0.element.send_s, $0.offset) < ($1.element.send_s, $1.offset) }
        messages = sent.map(\.element)
        let known = truth.enumerated().sorted { ($0.element.time_s, $0.offset) < ($1.element.time_s, $1.offset) }
        truth = known.map(\.element)
        end_s = max(end_s, messages.last?.send_s ?? end_s)
    }

    mutating func schedule(_ step: CrewEvent, of crew: Int, at time_s: Double) {
        events.push(.init(time_us: Self.microseconds(time_s), vehicle: Int32(crew), message: step.rawValue))
    }

    mutating func schedule(_ happening: Happening, at time_s: Double) {
        events.push(.init(time_us: Self.microseconds(time_s), vehicle: -1, message: Int32(happenings.count)))
        happenings.append(happening)
    }

    private static func microseconds(_ time_s: Double) -> Int64 { Int64((time_s * 1e6).rounded(.up)) }

    mutating func send(
        _ kind: MessageKind, vehicle: Int = -1, at time_s: Double, topic: String, _ payload: [UInt8]
    ) {
        messages.append(PlayMessage(kind: kind, vehicle: vehicle, send_s: time_s, topic: topic, payload: payload))
    }

    mutating func note(_ time_s: Double, _ members: (inout ObjectWriter) -> Void) {
        truth.append(TruthRecord(time_s: time_s, line: ObjectWriter.object(members)))
    }

    func time_ms(_ time_s: Double) -> Int64 { setting.start_ms + Int64((time_s * 1_000).rounded()) }

    func customer(of order: SimulatedOrder) -> SimulatedCustomer { setting.book.customers[order.customer] }

    private mutating func proceed(_ crew: Int, _ step: CrewEvent) {
        switch step {
        case .beginShift: beginShift(crew)
        case .load: load(crew)
        case .goOn: goOn(crew)
        case .arrive: arrive(crew)
        case .endShift: endShift(crew)
        }
    }

    private mutating func happen(_ happening: Happening) {
        switch happening {
        case .emergency: placeEmergency()
        case .assign(let order, let tries): assign(order, tries: tries)
        case .again(let failed, let vehicle, let window_s): orderAgain(failed, vehicle: vehicle, window_s: window_s)
        case .cancel: cancelOne()
        case .changeWindow: changeOneWindow()
        case .resequence: resequenceOne()
        case .move: moveOne()
        case .request(let number): requestFromVehicle(number)
        case .immobilise(let vehicle, let isParked): immobilise(vehicle, isParked: isParked)
        case .release(let vehicle): release(vehicle)
        }
    }
}
