import Geo
import Glibc
import Wire

/// Vehicles that drive about a square town, each of which reports every 10 s along a line that turns now and then.
struct DrivenFleet {
    static let start_ms: Int64 = 1_795_170_000_000
    static let interval_ms: Int64 = 10_000
    static let batchMessages = 4096

    /// East and north of the town's corner, degrees; degrees of an angle that means nothing else, radians.
    private struct Place {
        var x: Double
        var y: Double
        var heading: Double
    }

    let count: Int
    /// Degrees.
    private let side: Double
    private var places: [Place]
    private var rounds = 0

    init(count: Int, side: Double, _ random: inout BenchRandom) {
        self.count = count
        self.side = side
        places = (0..<count).map { _ in
            Place(x: random.double(0...side), y: random.double(0...side), heading: random.double(0...6.28))
        }
    }

    /// One report of each vehicle, in batches as a receiver would make them.
    mutating func nextRound(_ random: inout BenchRandom, into take: (consuming MessageBatch) -> Void) {
        var batch = MessageBatch()
        for vehicle in 0..<count {
            drive(vehicle, &random)
            let time_ms =
                Self.start_ms + Int64(rounds) * Self.interval_ms + Int64(vehicle) * Self.interval_ms / Int64(count)
            batch.append(
                receivedTime_ms: time_ms + 200, topic: Array("fleets/bench/vehicles/truck-\(vehicle)/telemetry".utf8),
                payload: payload(places[vehicle], time_ms))
            if batch.count >= Self.batchMessages {
                take(batch)
                batch = MessageBatch()
            }
        }
        if !batch.isEmpty { take(batch) }
        rounds += 1
    }

    /// 36 km/h for 10 s, and back at the edge of the town.
    private mutating func drive(_ vehicle: Int, _ random: inout BenchRandom) {
        var place = places[vehicle]
        if random.int(below: 8) == 0 { place.heading += random.double(-1.6...1.6) }
        let step = 100.0 / 111_000
        let x = place.x + step * sin(place.heading)
        let y = place.y + step * cos(place.heading)
        if x < 0 || x > side || y < 0 || y > side { place.heading += 3.14 }
        place.x = min(max(x, 0), side)
        place.y = min(max(y, 0), side)
        places[vehicle] = place
    }

    private func payload(_ place: Place, _ time_ms: Int64) -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: #"{"time":"#)
        out.append(decimal: time_ms)
        out.append(ascii: #","lat":"#)
        out.append(fixed: Int64((25 + place.y) * 1e7), decimals: 7)
        out.append(ascii: #","lon":"#)
        out.append(fixed: Int64((121.5 + place.x) * 1e7), decimals: 7)
        out.append(ascii: #","speed_kmh":36.5,"heading_deg":"#)
        let degrees = (place.heading * 57.3).truncatingRemainder(dividingBy: 360)
        out.append(fixed: Int64((degrees < 0 ? degrees + 360 : degrees) * 10), decimals: 1)
        out.append(ascii: #","accuracy_m":5,"ignition":true,"fuel_pct":61.5}"#)
        return out
    }
}
