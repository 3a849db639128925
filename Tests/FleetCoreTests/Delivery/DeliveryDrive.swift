import TestSupport
import Wire

@testable import FleetCore

/// Fixes of a vehicle on a street that runs north from the origin of the tests, and stops on it.
enum DeliveryDrive {
    static let epoch_ms: Int64 = 1_790_000_000_000
    private static let latitude_e7: Int32 = 250_000_000
    private static let longitude_e7: Int32 = 1_215_000_000

    /// A fix so many seconds after the epoch, so many metres north and east of the origin.
    static func fix(
        _ time_s: Double, north_m: Double, east_m: Double = 0, speed_kmh: Float? = nil, accuracy_m: Float? = 5,
        flags: Fix.Flags = []
    ) -> Fix {
        Fix(
            time_ms: epoch_ms + Int64(time_s * 1000), latitude_e7: latitude_e7 + e7(north_m),
            longitude_e7: longitude_e7 + e7(east_m / 0.906_307_787), accuracy_m: accuracy_m, speed_kmh: speed_kmh,
            flags: flags)
    }

    static func stop(
        _ id: String, north_m: Double, radius_m: Double = 60, kind: JourneyStop.Kind = .delivery
    ) -> JourneyStop {
        JourneyStop(
            id: DispatchID(id), latitude_e7: latitude_e7 + e7(north_m), longitude_e7: longitude_e7,
            radius_m: radius_m, kind: kind)
    }

    static func time(_ time_s: Double) -> Int64 { epoch_ms + Int64(time_s * 1000) }

    /// A sphere of 6,371,008.8 m.
    private static func e7(_ distance_m: Double) -> Int32 { Int32((distance_m / 0.011_119_508).rounded()) }

    /// A morning: from a depot at 0 along the street, standing a while at some places, fixes every few seconds.
    static func morning(_ random: inout SplitMix64, places_m: [Double], tellsSpeed: Bool) -> [Fix] {
        var fixes: [Fix] = []
        var time_s = 0.0
        var north_m = 0.0
        func add(_ random: inout SplitMix64, speed_kmh: Float, wander_m: Int) {
            fixes.append(
                fix(
                    time_s, north_m: north_m + Double(random.int(-wander_m...wander_m)),
                    east_m: Double(random.int(-wander_m...wander_m)), speed_kmh: tellsSpeed ? speed_kmh : nil,
                    accuracy_m: Float(random.int(3...30))))
        }
        func stand(_ random: inout SplitMix64, for_s: Double) {
            let end_s = time_s + for_s
            while time_s < end_s {
                add(&random, speed_kmh: 0, wander_m: 4)
                time_s += Double(random.int(5...15))
            }
        }
        stand(&random, for_s: 60)
        for place_m in places_m {
            let direction: Double = place_m > north_m ? 1 : -1
            while abs(place_m - north_m) > 60 {
                north_m += direction * 55
                time_s += 5
                add(&random, speed_kmh: 40, wander_m: 4)
            }
            north_m = place_m
            time_s += 5
            stand(&random, for_s: Double(random.int(5...150)))
        }
        return fixes
    }
}

extension RunTrack {
    /// A track that took in fixes in the order in which they stand.
    init(_ fixes: [Fix], stops: [JourneyStop], _ settings: DeliverySettings = DeliverySettings()) {
        self.init()
        setStops(stops, settings)
        for fix in fixes { _ = add(fix, settings) }
    }
}
