import Glibc
import Wire

/// What a fleet sends to a broker: vehicles that drive through a town with fences and report every second, and among them
/// vehicles whose every report crosses a fence.
///
/// The same town as in the engine's cases: half of the fences are circles and half polygons of 8 to 64 vertices, and about
/// one position in ten lies in one. Fix times lie in the past, closely together: a broker can be sent more in a second than
/// a fleet says in one.
struct FleetTraffic {
    let vehicles: Int
    let fenceCount: Int
    /// Every so many messages one is of a vehicle that crosses a fence; 0: none.
    let probeEvery: Int
    /// Names of the vehicles whose every report crosses a fence are this and a number.
    static let probeMark = "probe-"
    static let probeVehicles = 200

    private var places: [(x: Double, y: Double, heading: Double)]
    private let topics: [[UInt8]]
    private let probeTopics: [[UInt8]]
    private var random: BenchRandom
    private var next = 0
    private var probes = 0
    private let side: Double
    private let start_ms: Int64

    private static let probeStep_ms: Int64 = 30_000

    /// - Parameter now_ms: the wall clock, ms since 1970.
    init(vehicles: Int, fences: Int, probeEvery: Int = 0, seed: UInt64, now_ms: Int64) {
        self.vehicles = vehicles
        self.probeEvery = probeEvery
        fenceCount = fences
        var random = BenchRandom(seed: seed)
        let side = 0.15 * (Double(fences) / 1000).squareRoot()
        places = (0..<vehicles).map { _ in
            (x: random.double(0...side), y: random.double(0...side), heading: random.double(0...6.28))
        }
        topics = (0..<vehicles).map { Array("fleets/bench/vehicles/truck-\($0)/telemetry".utf8) }
        probeTopics = (0..<Self.probeVehicles).map {
            Array("fleets/bench/vehicles/\(Self.probeMark)\($0)/telemetry".utf8)
        }
        self.random = random
        self.side = side
        start_ms = now_ms - 1_500_000
    }

    /// The fences as a GeoJSON file, with the one that the probes cross.
    func geofences() -> [UInt8] {
        var random = BenchRandom(seed: UInt64(fenceCount))
        var text = #"{"type":"FeatureCollection","features":["#
        for number in 0..<fenceCount {
            let longitude = 121.5 + random.double(0...side)
            let latitude = 25 + random.double(0...side)
            let radius_m = random.double(50...150)
            if number % 2 == 0 {
                text += #"{"type":"Feature","properties":{"id":"f\#(number)","radius_m":\#(radius_m)},"#
                text += #""geometry":{"type":"Point","coordinates":[\#(longitude),\#(latitude)]}},"#
            } else {
                let corners = 8 + random.int(below: 57)
                let ring = (0...corners).map { corner -> String in
                    let angle = Double(corner % corners) / Double(corners) * 2 * Double.pi
                    let x = longitude + radius_m / 100_000 * cos(angle)
                    let y = latitude + radius_m / 111_000 * sin(angle)
                    return "[\(x),\(y)]"
                }
                text += #"{"type":"Feature","properties":{"id":"f\#(number)"},"geometry":{"type":"Polygon","#
                text += #""coordinates":[[\#(ring.joined(separator: ","))]]}},"#
            }
        }
        text += #"{"type":"Feature","properties":{"id":"probe-yard","radius_m":200},"#
        text += #""geometry":{"type":"Point","coordinates":[121.4,24.9]}}]}"#
        return Array(text.utf8)
    }

    /// The first report of every vehicle, probes outside of their fence: what a new fleet causes once.
    mutating func beginning(qos: Int) -> PacketList {
        var packets = PacketList(qos: qos)
        for _ in 0..<vehicles { appendReport(to: &packets) }
        if probeEvery > 0 { for _ in 0..<Self.probeVehicles { appendProbe(to: &packets) } }
        return packets
    }

    /// The next `count` messages. The second result holds the places of the probes in it, in order.
    mutating func packets(_ count: Int, qos: Int) -> (packets: PacketList, probes: [Int]) {
        var packets = PacketList(qos: qos)
        var probePlaces: [Int] = []
        for index in 0..<count {
            if probeEvery > 0, index % probeEvery == probeEvery - 1 {
                probePlaces.append(index)
                appendProbe(to: &packets)
            } else {
                appendReport(to: &packets)
            }
        }
        return (packets, probePlaces)
    }

    /// Which vehicle the `index`-th probe after the beginning is of.
    static func probeVehicle(_ index: Int) -> Int { index % probeVehicles }

    private mutating func appendReport(to packets: inout PacketList) {
        let (topic, payload) = message()
        packets.append(topic: topic, payload: payload)
    }

    /// The next report, vehicle after vehicle.
    mutating func message() -> (topic: [UInt8], payload: [UInt8]) {
        let vehicle = next % vehicles
        let round = next / vehicles
        next += 1
        // 36 km/h, a turn now and then, and back at the edge of the town.
        let step = 10.0 / 111_000
        if random.int(below: 80) == 0 { places[vehicle].heading += random.double(-1.6...1.6) }
        let x = places[vehicle].x + step * sin(places[vehicle].heading)
        let y = places[vehicle].y + step * cos(places[vehicle].heading)
        if x < 0 || x > side || y < 0 || y > side { places[vehicle].heading += 3.14 }
        places[vehicle].x = min(max(x, 0), side)
        places[vehicle].y = min(max(y, 0), side)
        let time_ms = start_ms + Int64(round) * 1000 + Int64(vehicle) * 1000 / Int64(vehicles)
        let payload = Self.report(
            time_ms, 25 + places[vehicle].y, 121.5 + places[vehicle].x, heading: places[vehicle].heading)
        return (topics[vehicle], payload)
    }

    /// 400 m out of the fence and to its middle in turn.
    private mutating func appendProbe(to packets: inout PacketList) {
        let vehicle = Self.probeVehicle(probes)
        let round = probes / Self.probeVehicles
        probes += 1
        let time_ms = start_ms + Int64(round) * Self.probeStep_ms
        packets.append(
            topic: probeTopics[vehicle],
            payload: Self.report(time_ms, round % 2 == 0 ? 24.9036 : 24.9, 121.4, heading: 0))
    }

    private static func report(
        _ time_ms: Int64, _ latitude: Double, _ longitude: Double, heading: Double
    ) -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: #"{"time":"#)
        out.append(decimal: time_ms)
        out.append(ascii: #","lat":"#)
        out.append(fixed: Int64(latitude * 1e7), decimals: 7)
        out.append(ascii: #","lon":"#)
        out.append(fixed: Int64(longitude * 1e7), decimals: 7)
        out.append(ascii: #","speed_kmh":36.5,"heading_deg":"#)
        let degrees = (heading * 57.3).truncatingRemainder(dividingBy: 360)
        out.append(fixed: Int64((degrees < 0 ? degrees + 360 : degrees) * 10), decimals: 1)
        out.append(ascii: #","accuracy_m":5,"ignition":true,"fuel_pct":61.5}"#)
        return out
    }
}
