import TestSupport
import Wire

@testable import FleetCore

/// A random day of dispatch: vehicles that drive their routes, drivers that tell what they do or forget to, and a dispatcher
/// who changes everything. Everything comes in an order in which a broker could deliver it.
struct RandomDispatch {
    var script = Script()
    var random: SplitMix64
    var time = 0.0
    var vehicles: [Car] = []
    var orders: [Place] = []
    /// Messages that are on their way, by when they arrive.
    private var delayed: [(due: Double, frame: Frame)] = []
    private var versions: [String: Int] = [:]

    struct Car {
        var name: String
        var metres = 0.0
        var queue: [Int] = []
        var standsUntil = 0.0
        var isAtStop = false
    }

    /// An order, and where it is served.
    struct Place {
        var name: String
        var metres: Double
    }

    init(seed: UInt64, steps: Int = 150) {
        random = SplitMix64(seed: seed)
        if random.chance(70) {
            script.take(Frame(kind: .messages, received_ms: script.now_ms, payload: MessageRules.sample.json()))
        }
        for number in 0..<3 { script.customer("C\(number)", received: 0) }
        for number in 0..<9 {
            let metres = random.chance(20) ? 3000.0 : Double(random.int(4...60) * 150)
            orders.append(Place(name: "O\(number)", metres: metres))
        }
        for number in 0..<3 { vehicles.append(Car(name: "V\(number)")) }
        for number in vehicles.indices {
            vehicles[number].queue = Array((number * 3)..<(number * 3 + 3))
            script.send(
                "dispatch/vehicles/V\(number)",
                #"{"group":"truck","capacity":\#(random.int(5...40)),"hazmat_permit":{"until":\#(milliseconds(90_000))}}"#
            )
        }
        let isEarly = random.chance(30)
        if isEarly { for number in vehicles.indices { publishRoute(number) } }
        for number in orders.indices { publishOrder(number) }
        if !isEarly { for number in vehicles.indices { publishRoute(number) } }
        for _ in 0..<steps { step() }
        finish()
    }

    private mutating func step() {
        time += 10
        for due in delayed.filter({ $0.due <= time }) { deliver(due.frame) }
        delayed.removeAll { $0.due <= time }
        for number in vehicles.indices { drive(number) }
        if random.chance(25) {
            script.pass(to: time)
            change()
        }
        if random.chance(60) { script.tick(time) }
    }

    private mutating func deliver(_ frame: Frame) {
        var frame = frame
        script.pass(to: time)
        frame.received_ms = script.now_ms
        script.take(frame)
    }

    /// Sends what the closure makes: at once, later, twice, or never.
    mutating func send(canGetLost: Bool, _ body: (inout Script) -> Void) {
        var other = Script()
        other.now_ms = milliseconds(time)
        body(&other)
        guard let frame = other.frames.last else { return }
        if canGetLost, random.chance(4) { return }
        if random.chance(6) {
            delayed.append((time + Double(random.int(1...90) * 10), frame))
            return
        }
        deliver(frame)
        if random.chance(4) { delayed.append((time + Double(random.int(0...30) * 10), frame)) }
    }

    private mutating func drive(_ number: Int) {
        var car = vehicles[number]
        let name = car.name
        if car.standsUntil <= time, car.isAtStop {
            car.isAtStop = false
            if let order = car.queue.first { tellEnd(orders[order], name) }
            car.queue = Array(car.queue.dropFirst())
        }
        var speed = 0.0
        if car.queue.isEmpty {
            let way = min(car.metres, 130)
            car.metres -= way
            speed = way * 0.36
        } else if !car.isAtStop, let target = car.queue.first {
            let left = orders[target].metres - car.metres
            let way = min(abs(left), Double(random.int(40...140)))
            car.metres += left < 0 ? -way : way
            speed = way * 0.36
            if abs(left) <= way {
                car.isAtStop = true
                car.standsUntil = time + Double(random.int(2...30) * 10)
                let place = orders[target]
                if random.chance(30) { word(name, "arrived", place.name, "") }
            }
        }
        vehicles[number] = car
        let (now, metres) = (time, car.metres)
        let accuracy = Double(random.pick([4, 8, 20, 45]))
        send(canGetLost: true) {
            $0.report(
                name, at: now, north(metres), centre.lon, accuracy: accuracy, more: ",\"speed_kmh\":\(Int(speed))")
        }
    }

    mutating func word(_ vehicle: String, _ action: String, _ stop: String, _ more: String) {
        let (now, key) = (time, random.pick(["stop", "order"]))
        send(canGetLost: true) {
            $0.driver(vehicle, action, at: now, "\"\(key)\":\"\(stop)\",\"driver\":\"D1\"\(more)")
        }
    }

    private mutating func tellEnd(_ place: Place, _ vehicle: String) {
        switch random.int(0...9) {
        case 0: return
        case 1: word(vehicle, "failed", place.name, #","reason":"customer_absent""#)
        case 2: word(vehicle, "refused", place.name, #","reason":"damaged""#)
        case 3: word(vehicle, "partially_delivered", place.name, #","items":[{"product":"LPG-20","quantity":1}]"#)
        default:
            word(
                vehicle, "delivered", place.name,
                #","items":[{"product":"LPG-20","quantity":2}],"cod":{"amount":800,"currency":"TWD","method":"cash"}"#)
        }
    }

    // MARK: - Dispatch

    mutating func version(_ key: String) -> String {
        versions[key, default: 0] += random.chance(90) ? 1 : 0
        return "\"version\":\(versions[key] ?? 0)"
    }

    mutating func publishOrder(_ number: Int, _ more: String = "") {
        let place = orders[number]
        let start = random.int(0...40) * 60
        var members = version(place.name)
        if random.chance(70) {
            members +=
                ",\"window\":{\"from\":\(milliseconds(Double(start))),\"to\":\(milliseconds(Double(start + 900)))}"
        }
        if random.chance(50) { members += ",\"cod\":{\"amount\":800,\"currency\":\"TWD\"}" }
        let customer = random.chance(80) ? "C\(random.int(0...3))" : nil
        script.order(place.name, at: place.metres, customer: customer, members + more)
    }

    mutating func publishRoute(_ number: Int, _ more: String = "") {
        let names = vehicles[number].queue.map { orders[$0].name }
        let back = random.chance(50) ? ",\"return_to_depot\":true" : ""
        script.route("R\(number)", vehicles[number].name, names, version("R\(number)") + back + more)
    }

    private mutating func finish() {
        time += 1000
        for due in delayed { deliver(due.frame) }
        delayed = []
        for number in orders.indices {
            if random.chance(50) { publishOrder(number, #","status":"cancelled","reason":"end of day""#) }
        }
        script.tick(time)
        script.tick(time + 700)
        script.tick(time + 3000)
    }
}
