import TestSupport
import Wire

/// A random day of two fleets: everything that can come in, in an order that a broker could deliver it in.
struct RandomWorld {
    var script = Script()
    private var random: SplitMix64
    private var time = 0.0
    /// Metres north of the centre, by vehicle.
    private var positions: [String: Double] = [:]
    private var past: [Frame] = []

    /// With `isCalm`, nothing whose meaning depends on the receive time: no silence, no future times, no changes of fences
    /// or rules, no status without a time.
    init(seed: UInt64, steps: Int, isCalm: Bool = false) {
        random = SplitMix64(seed: seed)
        if random.chance(50) { script.fileFence("file", circle(150, lat: north(400), "\"dwell_seconds\":20")) }
        for number in 0..<4 { publishFence(number) }
        for _ in 0..<steps {
            time += Double(random.pick([0, 0, 1, 250, 900, 1000, 2500, 7000])) / 1000
            if !isCalm, random.chance(1) { time += Double(random.int(30...900)) }
            script.fleet = random.chance(80) ? "acme" : "other"
            script.pass(to: time)
            if isCalm { calmStep() } else { step() }
        }
        script.pass(to: time + 20)
        if !isCalm { script.tick(time + 20) }
    }

    private mutating func step() {
        switch random.int(0...99) {
        case 0..<62: drive()
        case 62..<66: repeatMessage()
        case 66..<70: script.status(vehicle(), random.pick(["online", "offline", "1", "{\"online\":false}", "?"]))
        case 70..<74: script.register(vehicle(), group: random.pick(["red", "blue", nil]))
        case 74..<78: publishFence(random.int(0...6))
        case 78..<81: script.removeFence("f\(random.int(0...6))")
        case 81..<83: changeFiles()
        case 83..<90: ask()
        case 90..<93: spoil()
        case 93..<97: script.tick(time)
        case 97: script.resumed(time)
        case 98: changeRules()
        default: changeSettings()
        }
    }

    private mutating func calmStep() {
        switch random.int(0...9) {
        case 0..<8: drive(isCalm: true)
        case 8: repeatMessage()
        default:
            let word = random.chance(50) ? "online" : "offline"
            script.status(vehicle(), "{\"status\":\"\(word)\",\"time\":\(milliseconds(time))}")
        }
    }

    private mutating func vehicle() -> String { "V\(random.int(0...11))" }

    private mutating func element(_ vehicle: String, isCalm: Bool) -> String {
        let key = "\(script.fleet)/\(vehicle)"
        var metres = positions[key] ?? Double(random.int(-800...800))
        metres += Double(random.int(-60...60))
        if random.chance(3) { metres += Double(random.pick([-1, 1]) * random.int(5000...90_000)) }
        positions[key] = abs(metres) > 4000 && random.chance(60) ? Double(random.int(-800...800)) : metres
        var at = time
        if random.chance(10) { at -= Double(random.int(0...40)) * 0.5 }
        if !isCalm, random.chance(2) { at += Double(random.pick([-4000, 119, 121, 90_000])) }
        if random.chance(1) { return reportText(at: at, 0, 0) }
        let accuracy = random.chance(50) ? Double(random.int(0...60)) : nil
        let more = random.chance(20) ? ",\"fuel_pct\":\(random.int(0...100))" : ""
        return reportText(at: at, north(metres), centre.lon, accuracy: accuracy, more: more)
    }

    private mutating func drive(isCalm: Bool = false) {
        let vehicle = vehicle()
        if random.chance(10) {
            let elements = (0..<random.int(0...5)).map { _ in element(vehicle, isCalm: isCalm) }
            script.send("vehicles/\(vehicle)/telemetry", "[\(elements.joined(separator: ","))]")
        } else {
            script.send("vehicles/\(vehicle)/telemetry", element(vehicle, isCalm: isCalm))
        }
        if let last = script.frames.last { past.append(last) }
    }

    /// The broker delivers a message again.
    private mutating func repeatMessage() {
        guard !past.isEmpty else { return }
        var frame = past[random.int(max(0, past.count - 30)...(past.count - 1))]
        frame.received_ms = script.now_ms
        script.take(frame)
    }

    private mutating func publishFence(_ number: Int) {
        var properties: [String] = []
        if random.chance(30) { properties.append("\"dwell_seconds\":\(random.int(1...30))") }
        if random.chance(30) { properties.append("\"kind\":\"no_go\"") }
        if random.chance(30) { properties.append("\"confirm_fixes\":\(random.int(1...3))") }
        if random.chance(20) { properties.append("\"use_accuracy\":false") }
        if random.chance(20) { properties.append("\"confirm_seconds\":\(random.int(1...20))") }
        if random.chance(20) { properties.append("\"exit_buffer_m\":\(random.int(0...40))") }
        if random.chance(15) { properties.append("\"applies_to\":[\"red\"]") }
        if random.chance(15) {
            properties.append(
                "\"schedule\":{\"hours\":[\"08:02-08:05\",\"08:07-08:30\",\"16:01-16:20\"]\(random.pick(["", ",\"time_zone\":\"Asia/Taipei\""]))}"
            )
        }
        let feature = circle(
            Double(random.int(20...300)), lat: north(Double(random.int(-600...600))), properties.joined(separator: ","))
        script.fence("f\(number)", random.chance(5) ? "broken" : feature)
    }

    private mutating func changeFiles() {
        let id = random.pick(["file", "f0", "f1"])
        let key = random.chance(80) ? "+" : script.fleet
        script.fileFence(id, random.chance(30) ? "" : circle(Double(random.int(50...300)), lat: north(300)), key: key)
    }

    private mutating func ask() {
        let at = "\"lat\":\(centre.lat),\"lon\":\(centre.lon)"
        let query = random.pick([
            "{\"nearest\":{\(at),\"k\":3}}", "{\"within\":{\(at),\"radius_m\":500},\"filter\":{\"online\":true}}",
            "{\"geofence\":\"f1\"}", "{\"geofence\":\"file\",\"limit\":2}", "{\"nearest\":{}}", "{\"oops\":1}",
            "{\"box\":{\"south\":24,\"north\":25.041,\"west\":121,\"east\":122}}",
        ])
        script.query("q\(random.int(0...9))", query, response: random.pick(["", "apps/answers", "fleets/other/x"]))
    }

    private mutating func spoil() {
        script.send(
            "vehicles/\(vehicle())/telemetry",
            random.pick(["", "{", "[1,2]", "{\"time\":1}", "[{},{\"lat\":91}]", "NaN"]))
        if random.chance(30) { script.send(random.pick(["vehicles//telemetry", "a/b/c/d/e/f/g", "nothing"]), "x") }
    }

    private mutating func changeRules() {
        script.rules(
            random.pick([
                #"{"defaults":{"stale":{"stale_after_s":10},"outage":{"window_s":5,"vehicles_min":2}}}"#,
                #"{"defaults":{"stale":{"stale_after_s":15},"outage":{"enabled":0},"lag":{"silent_s":10}}}"#,
                #"{"defaults":{"lag":{"age_s":1,"vehicles_min":1}},"groups":{"red":{"stale":{"stale_after_s":10}}}}"#,
                #"{"defaults":{"outage":{"window_s":0}},"vehicles":{"V1":{"stale":{"stale_after_s":12}}}}"#,
                #"{"defaults":{"stale":{"enabled":0},"lag":{"enabled":0}}}"#, "{}", "[]",
            ]))
    }

    private mutating func changeSettings() {
        let text = random.pick([
            #"{"offline_after_s":20}"#, #"{"offline_after_s":100,"state_interval_s":2}"#, #"{"registered_only":true}"#,
            #"{"track_fixes":3,"reorder_window_s":10}"#, #"{"teleport_confirm_fixes":1,"max_speed_kmh":500}"#, "{}",
            #"{"time_zone":"America/Los_Angeles"}"#,
        ])
        script.take(Frame(kind: .settings, received_ms: script.now_ms, payload: Array(text.utf8)))
    }
}
