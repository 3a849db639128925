import Wire

/// 2026-11-20T00:00:00Z (a Friday; 08:00 in Taipei): second 0 of every test's world.
let epoch_ms: Int64 = 1_795_132_800_000

/// One input frame as a test writes it.
struct Frame {
    var kind = FrameKind.message
    var received_ms: Int64
    var topic: [UInt8] = []
    var payload: [UInt8] = []
    var responseTopic: [UInt8] = []
    var correlation: [UInt8] = []
    var isRetained = false

    func append(to batch: inout MessageBatch) {
        batch.append(
            kind: kind, receivedTime_ms: received_ms, topic: topic, payload: payload, responseTopic: responseTopic,
            correlation: correlation, isRetained: isRetained)
    }
}

/// Something that takes frames: a world that works them off, or a script that keeps them.
///
/// Times are seconds after `epoch_ms`. A message is received at its own time unless `received` says otherwise; the receive
/// time never goes back.
protocol FrameTaker {
    var fleet: String { get }
    var now_ms: Int64 { get set }
    mutating func take(_ frame: Frame)
}

func milliseconds(_ seconds: Double) -> Int64 { epoch_ms + Int64((seconds * 1000).rounded()) }

extension FrameTaker {
    mutating func pass(to seconds: Double?) {
        if let seconds { now_ms = max(now_ms, milliseconds(seconds)) }
    }

    mutating func send(
        _ topic: String, _ payload: String, received: Double? = nil, response: String = "", correlation: [UInt8] = [],
        retained: Bool = false
    ) {
        sendBytes(
            Array("fleets/\(fleet)/\(topic)".utf8), Array(payload.utf8), received: received, response: response,
            correlation: correlation, retained: retained)
    }

    mutating func sendBytes(
        _ topic: [UInt8], _ payload: [UInt8], received: Double? = nil, response: String = "", correlation: [UInt8] = [],
        retained: Bool = false
    ) {
        pass(to: received)
        take(
            Frame(
                received_ms: now_ms, topic: topic, payload: payload, responseTopic: Array(response.utf8),
                correlation: correlation, isRetained: retained))
    }

    /// A native report of a position.
    mutating func report(
        _ vehicle: String, at seconds: Double, _ lat: Double, _ lon: Double, accuracy: Double? = nil, more: String = "",
        received: Double? = nil
    ) {
        pass(to: received ?? seconds)
        send("vehicles/\(vehicle)/telemetry", reportText(at: seconds, lat, lon, accuracy: accuracy, more: more))
    }

    /// A native report of sensors alone.
    mutating func sensors(_ vehicle: String, at seconds: Double, _ members: String, received: Double? = nil) {
        pass(to: received ?? seconds)
        send("vehicles/\(vehicle)/telemetry", "{\"time\":\(milliseconds(seconds)),\(members)}")
    }

    mutating func status(_ vehicle: String, _ payload: String, received: Double? = nil) {
        send("vehicles/\(vehicle)/status", payload, received: received)
    }

    mutating func register(_ vehicle: String, group: String? = nil, received: Double? = nil) {
        send("dispatch/vehicles/\(vehicle)", group.map { "{\"group\":\"\($0)\"}" } ?? "{}", received: received)
    }

    mutating func fence(_ id: String, _ feature: String, received: Double? = nil) {
        send("dispatch/geofences/\(id)", feature, received: received, retained: true)
    }

    mutating func removeFence(_ id: String, received: Double? = nil) {
        send("dispatch/geofences/\(id)", "", received: received, retained: true)
    }

    /// A fence of a file; an empty feature deletes it. `key` is a fleet, or + for all without files of their own.
    mutating func fileFence(_ id: String, _ feature: String, key: String = "+", received: Double? = nil) {
        pass(to: received)
        take(
            Frame(
                kind: .fileGeofence, received_ms: now_ms, topic: Array("\(key)/\(id)".utf8),
                payload: Array(feature.utf8)))
    }

    mutating func query(_ id: String, _ text: String, received: Double? = nil, response: String = "") {
        send("dispatch/queries/\(id)", text, received: received, response: response, correlation: [1, 0, 255])
    }

    /// Other rules of vehicles, as the JSON of a `rules` frame.
    mutating func rules(_ json: String, received: Double? = nil) {
        pass(to: received)
        take(Frame(kind: .rules, received_ms: now_ms, payload: Array(json.utf8)))
    }

    mutating func tick(_ seconds: Double) {
        pass(to: seconds)
        take(Frame(kind: .tick, received_ms: now_ms))
    }

    mutating func resumed(_ seconds: Double) {
        pass(to: seconds)
        take(Frame(kind: .resumed, received_ms: now_ms))
    }
}

/// Frames kept for later, so that they can be worked off in several ways.
struct Script: FrameTaker {
    var fleet = "acme"
    var now_ms = epoch_ms
    var frames: [Frame] = []

    mutating func take(_ frame: Frame) { frames.append(frame) }
}

func reportText(at seconds: Double, _ lat: Double, _ lon: Double, accuracy: Double? = nil, more: String = "") -> String
{
    let accuracy = accuracy.map { ",\"accuracy_m\":\($0)" } ?? ""
    return "{\"time\":\(milliseconds(seconds)),\"lat\":\(lat),\"lon\":\(lon)\(accuracy)\(more)}"
}

// MARK: - Places and shapes

/// A metre of latitude in degrees, on the sphere that the core measures on.
let metre = 1 / (6_371_008.8 * Double.pi / 180)

/// The centre of most tests.
let centre = (lat: 25.04, lon: 121.51)

/// The latitude so many metres north of the centre.
func north(_ metres: Double) -> Double { centre.lat + metres * metre }

/// A circle as a GeoJSON Feature; `properties` as they stand in JSON.
func circle(_ radius_m: Double, lat: Double = centre.lat, lon: Double = centre.lon, _ properties: String = "") -> String
{
    let more = properties.isEmpty ? "" : ",\(properties)"
    return """
        {"type":"Feature","geometry":{"type":"Point","coordinates":[\(lon),\(lat)]},\
        "properties":{"radius_m":\(radius_m)\(more)}}
        """
}

/// A rectangle as a GeoJSON Feature.
func box(south: Double, west: Double, north: Double, east: Double, _ properties: String = "") -> String {
    """
    {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[\(west),\(south)],[\(east),\(south)],\
    [\(east),\(north)],[\(west),\(north)],[\(west),\(south)]]]},"properties":{\(properties)}}
    """
}
