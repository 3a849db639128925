import TestSupport
import Wire

@testable import FleetCore

/// What the dispatcher, the customers and the world do meanwhile.
extension RandomDispatch {
    mutating func change() {
        let number = random.int(0...(vehicles.count - 1))
        switch random.int(0...19) {
        case 0, 1: resequence(number)
        case 2, 3: moveStop(number)
        case 4: publishOrder(random.int(0...(orders.count - 1)), #","status":"cancelled","reason":"no need""#)
        case 5, 6: publishOrder(random.int(0...(orders.count - 1)))
        case 7: script.send("dispatch/routes/R\(number)", random.chance(20) ? "" : #"{"vehicle":7}"#)
        case 8: publishRoute(number, random.chance(20) ? #","status":"cancelled""# : "")
        case 9: condition()
        case 10: command()
        case 11: ask()
        case 12: emergency()
        case 13: customer()
        case 14: talk(number)
        case 15: spoil()
        case 16: answerRoad(number)
        case 17: changeSettings()
        case 18: script.send("dispatch/orders/\(orders[random.int(0...(orders.count - 1))].name)", "")
        default: publishRoute(number)
        }
    }

    private mutating func resequence(_ number: Int) {
        vehicles[number].queue.shuffle(using: &random)
        publishRoute(number)
    }

    private mutating func moveStop(_ number: Int) {
        guard let moved = vehicles[number].queue.popLast() else { return }
        let other = (number + 1) % vehicles.count
        vehicles[other].queue.append(moved)
        // Either may come first.
        for index in random.chance(50) ? [number, other] : [other, number] { publishRoute(index) }
    }

    private mutating func emergency() {
        let name = "E\(orders.count)"
        guard orders.count < 16 else { return }
        orders.append(Place(name: name, metres: Double(random.int(1...60) * 100)))
        let hazmat = random.chance(50) ? ",\"hazmat\":true" : ""
        let place = orders[orders.count - 1].metres
        script.order(name, at: place, "\"priority\":\"emergency\"\(hazmat)")
        if random.chance(60) {
            let number = random.int(0...(vehicles.count - 1))
            vehicles[number].queue.insert(orders.count - 1, at: min(1, vehicles[number].queue.count))
            publishRoute(number)
        }
    }

    private mutating func condition() {
        let id = "K\(random.int(0...2))"
        guard random.chance(80) else { return script.send("dispatch/conditions/\(id)", "") }
        let feature = circle(
            Double(random.int(200...3000)), lat: north(Double(random.int(0...8000))),
            "\"kind\":\"traffic\",\"speed_factor\":0.\(random.int(1...9))")
        script.send("dispatch/conditions/\(id)", feature)
    }

    private mutating func command() {
        let number = random.int(0...2)
        let id = "X\(number)"
        let vehicle = vehicles[number].name
        if random.chance(60) {
            let status = random.pick(["accepted", "done", "refused", "failed", "?"])
            return script.send(
                "vehicles/\(vehicle)/commands/\(id)/result", "{\"status\":\"\(status)\",\"time\":\(milliseconds(time))}"
            )
        }
        let word = random.pick(["position", "position", "immobilise", "fly"])
        script.send(
            "dispatch/commands/\(id)",
            #"{"vehicle":"\#(vehicle)","command":"\#(word)","expires_s":300,"reason":"test","requested_by":"desk"}"#)
    }

    private mutating func ask() {
        let text = random.pick([
            "{\"suitable\":{\"lat\":\(centre.lat),\"lon\":\(centre.lon),\"quantity\":3}}",
            "{\"suitable\":{\"lat\":\(centre.lat),\"lon\":\(centre.lon),\"hazmat\":true,\"k\":1}}",
            "{\"suitable\":{}}", "{\"suitable\":{\"lat\":91,\"lon\":0}}",
        ])
        script.query("q\(random.int(0...9))", text, response: random.pick(["", "apps/answers"]))
    }

    private mutating func customer() {
        let id = "C\(random.int(0...3))"
        guard random.chance(85) else { return script.send("dispatch/customers/\(id)", "") }
        script.customer(
            id,
            random.pick([
                #""consent":{"sms":false}"#, #""quiet_hours":{"from":"08:10","to":"08:20"}"#,
                #""sms_kinds":["arrived"]"#,
                #""place":{"lat":\#(north(900)),"lon":\#(centre.lon)}"#,
            ]))
    }

    private mutating func talk(_ number: Int) {
        let name = vehicles[number].name
        let now = time
        let action = random.pick([
            "shift_started", "shift_ended", "loaded", "returned", "break_started", "break_ended", "incident", "sos",
        ])
        let more = random.pick([
            #""route":"R\#(number)","items":[{"product":"LPG-20","quantity":6}]"#, #""driver":"D1""#, #""reason":"x""#,
            #""driver":"D2","cash":{"amount":800,"currency":"TWD"}"#,
        ])
        send(canGetLost: true) { $0.driver(name, action, at: now, more) }
    }

    private mutating func spoil() {
        let topic = random.pick([
            "dispatch/orders/O1", "dispatch/routes/R1", "dispatch/customers/C1", "dispatch/conditions/K1",
            "vehicles/V1/driver", "dispatch/commands/X1", "sms/receipts/00", "dispatch/drivers/D1",
        ])
        let action = #"{"action":"delivered","time":\#(milliseconds(time)),"stop":"nowhere"}"#
        script.send(topic, random.pick(["{", "[]", "{}", #"{"id":"other"}"#, action]))
    }

    private mutating func answerRoad(_ number: Int) {
        let question = "acme/R\(number)#\(random.int(1...3))"
        let failure = random.chance(50) ? #"{"error":"timeout"}"# : #"{"error":"no_route"}"#
        let reply = random.chance(60) ? roadNorth(9000) : failure
        script.roadAnswer(question, reply)
    }

    private mutating func changeSettings() {
        let text = random.pick([
            #"{"state_interval_s":2}"#, #"{"approach_s":120}"#, #"{"reference_wait_s":60}"#, "{}",
            #"{"delivery_retention_h":1,"proof_wait_s":300}"#,
        ])
        script.take(Frame(kind: .settings, received_ms: script.now_ms, payload: Array(text.utf8)))
    }
}

/// A road from the centre to the north, as a router's answer with one leg.
func roadNorth(_ metres: Double) -> String {
    let path = stride(from: 0.0, through: metres, by: 500).map { "[\(centre.lon),\(north($0))]" }
    return """
        {"source":"osrm","distance_m":\(metres),"duration_s":900,"legs":[{"distance_m":\(metres),"duration_s":900}],\
        "path":[\(path.joined(separator: ","))]}
        """
}

extension FrameTaker {
    /// What the road router says; `question` begins with the fleet.
    mutating func roadAnswer(_ question: String, _ reply: String, received: Double? = nil) {
        pass(to: received)
        take(
            Frame(
                kind: .roadAnswer, received_ms: now_ms, topic: Array(question.utf8), payload: Array(reply.utf8)))
    }
}
