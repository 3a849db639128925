import TestSupport
import Wire

@testable import FleetCore

/// A random drive back and forth through a few fences, and what the vehicle's sensors, its driver and its tracker say
/// meanwhile: whatever rules look at, near the limits that they go by.
struct RandomDrive {
    struct Element {
        /// Seconds after the epoch of the tests.
        var time: Double
        /// The report, a JSON object.
        var text: String
    }

    private(set) var fences: [(id: String, feature: String)] = []
    private(set) var elements: [Element] = []
    /// The payload of a `rules` frame; nil where the built-in rules hold.
    private(set) var rules: String?

    /// How the whole drive goes on.
    private enum Pace: CaseIterable {
        case dense, ordinary, long, days
    }

    private let pace: Pace
    private var sensors: SensorPanel
    /// Metres north of the centre, and m/s.
    private var metres: Double
    private var speed = 0.0
    private var heading = 0

    /// Two observations of one time: the one that is told second may have come first.
    var hasTies: Bool { Set(elements.map(\.time)).count < elements.count }

    init(_ random: inout SplitMix64, length: ClosedRange<Int> = 2...90) {
        pace = random.pick([.dense, .ordinary, .ordinary, .long, .days])
        sensors = SensorPanel(&random)
        metres = Double(random.int(-900...900))
        let reach = pace == .dense || pace == .ordinary ? 900 : 20_000
        for number in 0..<random.int(2...6) { fences.append(("f\(number)", Self.fence(&random, reach: reach))) }
        if random.chance(85) { rules = Self.rules(&random) }
        var time = Double(random.int(0...86_400))
        for _ in 0..<random.int(length) {
            let step = step(&random)
            time += step
            move(step, &random)
            report(at: time, &random)
        }
    }

    // MARK: - The world

    private static func fence(_ random: inout SplitMix64, reach: Int) -> String {
        var properties: [String] = []
        if random.chance(50) { properties.append("\"dwell_seconds\":\(random.int(1...120))") }
        if random.chance(80) {
            let kinds = ["no_go", "protected", "depot", "customer", "parking", "corridor", "fuel_station", "motorway"]
            properties.append("\"kind\":\"\(random.pick(kinds))\"")
        }
        if random.chance(40) { properties.append("\"confirm_fixes\":\(random.int(1...3))") }
        if random.chance(30) { properties.append("\"use_accuracy\":false") }
        if random.chance(30) { properties.append("\"confirm_seconds\":\(random.int(1...40))") }
        if random.chance(30) { properties.append("\"exit_buffer_m\":\(random.int(0...40))") }
        if random.chance(30) { properties.append("\"speed_limit_kmh\":\(random.int(20...90))") }
        if random.chance(20) {
            properties.append(
                #""schedule":{"days":"mon-sun","hours":["08:00-12:00","13:00-18:00"],"time_zone":"Asia/Taipei"}"#)
        }
        return circle(
            Double(random.int(20...(reach / 3))), lat: north(Double(random.int(-reach...reach))),
            properties.joined(separator: ","))
    }

    /// Limits so low that a short drive comes to them, and the rules that are off by default.
    private static func rules(_ random: inout SplitMix64) -> String {
        let from = random.int(0...1440)
        return """
            {"defaults":{\
            "trip":{"start_distance_m":\(random.int(20...300)),"stop_duration_s":\(random.int(10...180)),\
            "ignition_off_s":\(random.int(0...60)),"ignition_needed":\(random.int(0...1)),\
            "silence_s":\(random.pick([120, 900, 7200]))},\
            "idle":{"duration_s":\(random.int(10...180))},"parking":{"duration_s":\(random.int(30...300))},\
            "utilisation":{"refuel_pct":\(random.int(1...20))},\
            "speeding":{"limit_kmh":\(random.pick([0, 40, 60, 90])),"duration_s":\(random.pick([0, 5, 10, 30])),\
            "silence_s":\(random.pick([30, 120, 3600])),"condition_factor":\(random.pick([0.5, 1]))},\
            "harsh":{"quiet_s":\(random.int(1...30)),"maximum_interval_s":10},\
            "crash":{"still_s":\(random.int(5...60)),"maximum_interval_s":10,"deceleration_ms2":\(random.int(2...8))},\
            "alarms":{"clear_s":\(random.pick([0, 20, 300]))},"tow":{"distance_m":\(random.int(30...200))},\
            "score":{"standing_h":\(random.pick([0.5, 4])),"minimum_distance_km":0.1,"full_distance_km":1},\
            "engine":{"debounce_s":\(random.pick([0, 10, 60]))},\
            "fuel":{"drop_pct":\(random.int(2...10)),"rise_pct":\(random.int(2...10)),"tank_l":200,\
            "confirm_readings":\(random.int(1...3))},\
            "temperature":{"max_c":\(random.pick([8, 40])),"min_c":\(random.pick([-100, 2])),"duration_s":\(random.pick([0, 60, 600]))},\
            "coolant":{"duration_s":\(random.pick([0, 30]))},\
            "battery":{"duration_s":\(random.pick([0, 60, 300])),"confirm_readings":\(random.int(1...3))},\
            "door":{"duration_s":\(random.pick([0, 15, 60])),"standing":\(random.int(0...1))},\
            "codes":{"confirm_s":\(random.pick([0, 30, 120]))},\
            "maintenance":{"every_km":\(random.pick([0, 1, 20])),"every_h":\(random.pick([0, 1])),\
            "every_days":\(random.pick([0, 1, 2])),"base_date":20261119},\
            "driving_time":{"continuous_min":\(random.pick([3, 20, 240])),"daily_min":\(random.pick([5, 60, 600])),\
            "warning_min":\(random.pick([0, 2, 30])),"break_min":\(random.pick([1, 30])),"break_part_min":1},\
            "hazmat":{"from_minute":\(from),"to_minute":\((from + random.int(0...1440)) % 1441),\
            "require_corridor":\(random.int(0...1)),"confirm_s":\(random.int(0...60)),\
            "parking_min":\(random.int(0...3))},\
            "anomaly":{"segment_km":\(random.pick([0.2, 1, 10])),"temperature":1,"threshold":\(random.pick([1.5, 3.5]))},\
            "level":{"enabled":\(random.int(0...1))}}}
            """
    }

    // MARK: - The drive

    private func step(_ random: inout SplitMix64) -> Double {
        switch pace {
        // Of the same second too, and so close that only the milliseconds differ.
        case .dense: random.pick([0.001, 0.5, 1, 1, 1, 2, 2, 3, 5, 10, 30])
        case .ordinary: random.pick([1, 5, 5, 10, 10, 15, 60])
        case .long: random.pick([30, 60, 60, 120, 300, 1000])
        case .days: random.pick([60, 600, 1200, 1800, 3600, 3600, 20_000])
        }
    }

    private mutating func move(_ step: Double, _ random: inout SplitMix64) {
        if random.chance(25) { speed = Double(random.pick([-30, -20, -12, -5, 0, 0, 0, 0, 6, 14, 22, 28])) }
        if random.chance(20) { heading = random.int(0...359) }
        metres += speed * step + (step < 0.1 ? 0 : Double(random.int(-3...3)))
        let edge = pace == .dense || pace == .ordinary ? 2500.0 : 40_000
        if abs(metres) > edge { speed = metres > 0 ? -15 : 15 }
        if random.chance(3) { metres += Double(random.pick([-1, 1]) * random.int(8000...90_000)) }
        if random.chance(4) { metres = Double(random.int(-900...900)) }
    }

    private mutating func report(at time: Double, _ random: inout SplitMix64) {
        sensors.change(driven_m: abs(speed) * 10, &random)
        let at = milliseconds(time)
        if random.chance(12) {
            elements.append(Element(time: time, text: "{\"time\":\(at)\(sensors.text(all: true, &random))}"))
            if random.chance(50) { return }
        }
        let accuracy = random.chance(60) ? ",\"accuracy_m\":\(random.int(2...40))" : ""
        let kmh = random.chance(70) ? ",\"speed_kmh\":\(abs(speed) * 3.6),\"heading_deg\":\(heading)" : ""
        let place = "\"lat\":\(north(metres)),\"lon\":\(centre.lon)"
        let more = sensors.text(all: false, &random)
        elements.append(Element(time: time, text: "{\"time\":\(at),\(place)\(accuracy)\(kmh)\(more)}"))
        // Two places at one time.
        if random.chance(3) {
            elements.append(
                Element(time: time, text: "{\"time\":\(at),\"lat\":\(north(metres + 9)),\"lon\":\(centre.lon)}"))
        }
        // The place again, with what else the tracker has to say of that time.
        if random.chance(4) {
            let more = sensors.text(all: true, &random)
            elements.append(Element(time: time, text: "{\"time\":\(at),\(place)\(more)}"))
        }
    }

    // MARK: - As messages

    /// All in one order, cut into messages of several; everything is received after it happened.
    func script(_ order: [Int], sizes: () -> Int) -> [Frame] {
        var script = Script()
        if let rules { script.rules(rules) }
        for (id, feature) in fences { script.fence(id, feature) }
        let end = (elements.map(\.time).max() ?? 0) + 1
        var position = 0
        while position < order.count {
            let chunk = order[position..<min(position + sizes(), order.count)]
            position += chunk.count
            let texts = chunk.map { elements[$0].text }
            script.send(
                "vehicles/V1/telemetry", texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ","))]",
                received: end)
        }
        script.tick(end + 1)
        return script.frames
    }
}

/// What the sensors of a vehicle, its driver and its tracker say: values that stay for a while and then change.
struct SensorPanel {
    private enum Sensor: CaseIterable {
        case fuel, odometer, engineHours, battery, coolant, cargo, rpm, ignition, door, motion, driver, codes, alarms
    }

    /// Those that this vehicle has, and with how many of its reports they come, in percent.
    private let equipment: [Sensor]
    private let share: Int
    private var fuel_pct: Double
    private var odometer_km: Double
    private var engine_hours = 99.5
    private var battery_v = 12.6
    private var coolant_c = 90
    private var cargo_c = 5
    private var rpm = 800
    private var ignition = true
    private var doorOpen = false
    private var inMotion = true
    private var driver = "\"D-1\""
    private var codes = "[]"
    private var alarms = ""

    init(_ random: inout SplitMix64) {
        let likelihood = random.pick([0, 40, 100])
        equipment = Sensor.allCases.filter { _ in random.chance(likelihood) }
        share = random.pick([10, 50, 90])
        fuel_pct = Double(random.int(10...95))
        odometer_km = Double(random.int(0...1000)) + 0.5
    }

    mutating func change(driven_m: Double, _ random: inout SplitMix64) {
        odometer_km += driven_m / 1000
        engine_hours += random.chance(5) ? 0.7 : 0.02
        fuel_pct = max(fuel_pct - Double(random.int(0...3)) / 10, 0)
        if random.chance(4) { fuel_pct = Double(random.int(1...100)) }
        if random.chance(2) { odometer_km = Double(random.int(0...100)) }
        if random.chance(8) { battery_v = random.pick([10.9, 11.5, 12, 12.6, 14, 25]) }
        if random.chance(8) { coolant_c = random.pick([80, 104, 106, 115]) }
        if random.chance(8) { cargo_c = random.pick([-5, 3, 5, 9, 45]) }
        if random.chance(8) { rpm = random.pick([0, 200, 800, 2500]) }
        if random.chance(10) { ignition.toggle() }
        if random.chance(10) { doorOpen.toggle() }
        if random.chance(10) { inMotion.toggle() }
        if random.chance(5) { driver = random.pick(["null", "\"\"", "\"D-1\"", "\"D-2\"", "\"D-3\""]) }
        if random.chance(8) { codes = random.pick(["[]", "[\"P0420\"]", "[\"P0420\",\"U0100\"]", "[\"P0300\"]"]) }
        if random.chance(10) {
            alarms = random.pick([
                "", "", "", "sos", "tamper", "power_cut", "harsh_braking", "harsh_acceleration", "harsh_cornering",
                "accident", "towing", "jamming",
            ])
        }
    }

    /// The members of a report, each with a comma before it; never none where `all`.
    func text(all: Bool, _ random: inout SplitMix64) -> String {
        var text = all ? ",\"fuel_pct\":\(fuel_pct)" : ""
        for sensor in equipment where all && random.chance(60) || random.chance(share) {
            if all, sensor == .fuel { continue }
            text += ",\(member(sensor))"
        }
        return text
    }

    private func member(_ sensor: Sensor) -> String {
        switch sensor {
        case .fuel: "\"fuel_pct\":\(fuel_pct)"
        case .odometer: "\"odometer_km\":\(odometer_km)"
        case .engineHours: "\"engine_hours\":\(engine_hours)"
        case .battery: "\"battery_v\":\(battery_v)"
        case .coolant: "\"coolant_c\":\(coolant_c)"
        case .cargo: "\"cargo_c\":\(cargo_c)"
        case .rpm: "\"rpm\":\(rpm)"
        case .ignition: "\"ignition\":\(ignition)"
        case .door: "\"door_open\":\(doorOpen)"
        case .motion: "\"motion\":\(inMotion)"
        case .driver: "\"driver\":\(driver)"
        case .codes: "\"dtc\":\(codes)"
        case .alarms: "\"alarms\":[\(alarms.isEmpty ? "" : "\"\(alarms)\"")]"
        }
    }
}
