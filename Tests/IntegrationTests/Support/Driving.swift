import BrokerHarness
import Foundation

/// A place on a plane around Taipei's main station: metres to the east and to the north of it.
struct Place: Equatable {
    var east_m = 0.0
    var north_m = 0.0

    var latitude: Double { 25.0478 + north_m / 111_195 }
    var longitude: Double { 121.5170 + east_m / (111_195 * 0.905_98) }
}

/// One position report.
struct Report {
    var place: Place
    var time_ms: Int64

    var json: String {
        String(
            format: #"{"time":%lld,"lat":%.7f,"lon":%.7f,"speed_kmh":36,"accuracy_m":5}"#, time_ms, place.latitude,
            place.longitude)
    }

    /// A drive along a line: a fix every `step_s` seconds at these places.
    static func drive(_ east_m: [Double], north_m: Double = 0, from start_ms: Int64, step_s: Int64 = 30) -> [Report] {
        east_m.enumerated().map { index, east_m in
            Report(place: Place(east_m: east_m, north_m: north_m), time_ms: start_ms + Int64(index) * step_s * 1000)
        }
    }
}

/// Geofences as GeoJSON.
enum Fences {
    /// A square around a place. `properties` are further members, such as `"kind":"depot"`.
    static func square(_ id: String, at place: Place, half_m: Double = 150, properties: String = "") -> String {
        let corners = [(-1.0, -1.0), (1, -1), (1, 1), (-1, 1), (-1, -1)].map { east, north in
            let corner = Place(east_m: place.east_m + east * half_m, north_m: place.north_m + north * half_m)
            return String(format: "[%.7f,%.7f]", corner.longitude, corner.latitude)
        }
        let more = properties.isEmpty ? "" : ",\(properties)"
        return #"{"type":"Feature","properties":{"id":"\#(id)"\#(more)},"geometry":{"type":"Polygon","coordinates":[["#
            + corners.joined(separator: ",") + "]]}}"
    }

    static func collection(_ features: [String]) -> String {
        #"{"type":"FeatureCollection","features":["# + features.joined(separator: ",\n") + "]}"
    }

    /// The square of the simple tests: a depot around the origin, 300 m wide.
    static let yard = square("yard", at: Place(), properties: #""name":"Yard","kind":"depot""#)
}

/// Places east of the origin that lead into the yard and out again: outside, inside from the third fix, outside from the
/// sixth.
let throughTheYard_m: [Double] = [-600, -300, -100, 0, 100, 300, 600, 900]

func now_ms() -> Int64 { Int64((Date().timeIntervalSince1970 * 1000).rounded()) }

extension MosquittoBroker {
    /// Publishes payloads on one topic in order, at QoS 1, by one `mosquitto_pub`.
    func publish(_ payloads: [String], on topic: String, _ arguments: [String] = []) throws {
        let outcome = try run(
            "mosquitto_pub", ["-h", "127.0.0.1", "-p", "\(port)", "-q", "1", "-t", topic, "-l"] + arguments,
            input: payloads.joined(separator: "\n") + "\n")
        guard outcome.status == 0 else { throw HarnessError("mosquitto_pub: \(outcome.errors)\(outcome.output)") }
    }

    /// Publishes a vehicle's reports.
    func publish(_ reports: [Report], of vehicle: String, fleet: String = "demo", _ arguments: [String] = []) throws {
        try publish(reports.map(\.json), on: "fleets/\(fleet)/vehicles/\(vehicle)/telemetry", arguments)
    }
}
