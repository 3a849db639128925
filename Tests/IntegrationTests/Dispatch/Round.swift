import BrokerHarness
import Foundation

/// One vehicle's round to two customers along a line to the east, as dispatch, tracker and driver tell it: with times that
/// lie behind us, so that nobody waits.
///
/// The depot is at the origin, the customers 1 km and 2 km from it. A fix comes every ten seconds, the vehicle drives at
/// 36 km/h and stands for two minutes at each stop.
struct Round {
    struct Message {
        var topic: String
        var payload: String
        var isRetained = false
    }

    let vehicle: String
    let start_ms: Int64
    private(set) var messages: [Message] = []
    /// When the vehicle reaches each stop's place.
    private(set) var arrivals_ms: [String: Int64] = [:]

    /// What the driver says at the second stop.
    enum Ending: String {
        case delivered, failed
    }

    init(vehicle: String, start_ms: Int64, second: Ending = .delivered) {
        self.vehicle = vehicle
        self.start_ms = start_ms
        plan()
        var time_ms = stand(at: 0, from: start_ms, seconds: 60)
        say(#"{"action":"loaded","route":"\#(route)","time":\#(time_ms),"items":[{"product":"LPG-20","quantity":4}]}"#)
        time_ms = drive(from: 0, to: 1000, from: time_ms)
        time_ms = serve(stop(1), at: 1000, from: time_ms, .delivered)
        time_ms = drive(from: 1000, to: 2000, from: time_ms)
        time_ms = serve(stop(2), at: 2000, from: time_ms, second)
        time_ms = drive(from: 2000, to: 0, from: time_ms)
        end_ms = stand(at: 0, from: time_ms, seconds: 120)
    }

    private(set) var end_ms: Int64 = 0
    /// How long a round takes from its first fix to its last.
    static let duration_ms: Int64 = 1_000_000

    var route: String { "R-\(vehicle)" }
    func stop(_ number: Int) -> String { "S-\(vehicle)-\(number)" }
    func order(_ number: Int) -> String { "O-\(vehicle)-\(number)" }

    // MARK: - What is said

    private mutating func plan() {
        for number in 1...2 {
            let place = Place(east_m: Double(number) * 1000)
            dispatch(
                "customers/C-\(vehicle)-\(number)",
                #"{"name":"Lin","phone":"+886912345678","language":"en","consent":{"sms":true}}"#)
            dispatch(
                "orders/\(order(number))",
                String(
                    format: #"{"customer":"C-%@-%d","place":{"lat":%.7f,"lon":%.7f,"radius_m":60},"#, vehicle, number,
                    place.latitude, place.longitude)
                    + #""items":[{"product":"LPG-20","quantity":2}],"cod":{"amount":1600,"currency":"TWD"}}"#)
        }
        let depot = Place()
        let stops = (1...2).map { #"{"stop":"\#(stop($0))","order":"\#(order($0))"}"# }.joined(separator: ",")
        dispatch(
            "routes/\(route)",
            String(
                format: #"{"vehicle":"%@","driver":"D-1","depot":{"lat":%.7f,"lon":%.7f,"radius_m":150},"#, vehicle,
                depot.latitude, depot.longitude) + #""stops":[\#(stops)],"return_to_depot":true}"#)
    }

    /// Planned a minute before the first fix: without its own time a message would be of the moment in which it is sent.
    private mutating func dispatch(_ name: String, _ payload: String) {
        let dated = #"{"updated":\#(start_ms - 60_000),"# + payload.dropFirst()
        messages.append(Message(topic: "fleets/demo/dispatch/\(name)", payload: dated, isRetained: true))
    }

    private mutating func say(_ payload: String) {
        messages.append(Message(topic: "fleets/demo/vehicles/\(vehicle)/driver", payload: payload))
    }

    private mutating func fix(_ east_m: Double, _ time_ms: Int64, speed_kmh: Int) {
        let place = Place(east_m: east_m)
        messages.append(
            Message(
                topic: "fleets/demo/vehicles/\(vehicle)/telemetry",
                payload: String(
                    format: #"{"time":%lld,"lat":%.7f,"lon":%.7f,"speed_kmh":%d,"accuracy_m":5}"#, time_ms,
                    place.latitude, place.longitude, speed_kmh)))
    }

    private mutating func stand(at east_m: Double, from start_ms: Int64, seconds: Int64) -> Int64 {
        for time_ms in stride(from: start_ms, to: start_ms + seconds * 1000, by: 10_000) {
            fix(east_m, time_ms, speed_kmh: 0)
        }
        return start_ms + seconds * 1000
    }

    private mutating func drive(from start_m: Double, to end_m: Double, from start_ms: Int64) -> Int64 {
        let steps = Int64(abs(end_m - start_m) / 100)
        for step in 0..<steps {
            let east_m = start_m + (end_m - start_m) * Double(step) / Double(steps)
            fix(east_m, start_ms + step * 10_000, speed_kmh: 36)
        }
        return start_ms + steps * 10_000
    }

    private mutating func serve(_ stop: String, at east_m: Double, from start_ms: Int64, _ ending: Ending) -> Int64 {
        arrivals_ms[stop] = start_ms
        let end_ms = stand(at: east_m, from: start_ms, seconds: 120)
        let place = Place(east_m: east_m)
        let outcome =
            ending == .delivered
            ? #""proof":{"recipient":"Lin","photo":"p-1"},"items":[{"product":"LPG-20","quantity":2}],"#
                + #""cod":{"amount":1600,"currency":"TWD","method":"cash"}"# : #""reason":"nobody_home""#
        say(
            String(
                format: #"{"action":"%@","stop":"%@","driver":"D-1","time":%lld,"lat":%.7f,"lon":%.7f,%@}"#,
                ending.rawValue, stop, end_ms - 5_000, place.latitude, place.longitude, outcome))
        return end_ms
    }
}

extension MosquittoBroker {
    /// Publishes messages in order, at QoS 1, by one `mosquitto_pub` for each run of one topic.
    func publish(_ messages: some Collection<Round.Message>) throws {
        var batch: [String] = []
        var last: Round.Message?
        func flush() throws {
            if let last, !batch.isEmpty { try publish(batch, on: last.topic, last.isRetained ? ["-r"] : []) }
            batch = []
        }
        for message in messages {
            if let last, last.topic != message.topic { try flush() }
            batch.append(message.payload)
            last = message
        }
        try flush()
    }
}
