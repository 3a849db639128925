import Foundation
import Geo
import TestSupport

@testable import Forecast

/// A made-up city and its deliveries, all from one seed: streets of unlike speeds, rush hours, traffic lights, slow and fast vehicles,
/// traffic jams that last a while, customers who take long.
struct SyntheticCity {
    struct Customer {
        var place: (east: Double, north: Double)
        var service_s: Double
        var kind: [UInt8]
    }

    /// What happens on a drive, in the order of time.
    enum Happening {
        case fix(PathFix)
        case arrived(Int)
        case departed(Int?)
    }

    struct Drive {
        var vehicle: [UInt8]
        var path: RoutePath
        var stops: [PlannedStop]
        var happenings: [(time_ms: Int64, what: Happening)]
    }

    static let block_m = 400.0
    static let blocks = 24
    private let seed: UInt64
    private var customers: [Customer] = []

    init(seed: UInt64) {
        self.seed = seed
        var random = SplitMix64(seed: seed)
        customers = (0..<120).map { i in
            Customer(
                place: (
                    (random.double(1...Double(Self.blocks - 1))).rounded() * Self.block_m,
                    random.double(0...Double(Self.blocks)) * Self.block_m
                ),
                service_s: 150 * exp(0.7 * random.normal()) + 30, kind: Array((i % 4 == 0 ? "restaurant" : "home").utf8)
            )
        }
    }

    /// A number of its own for each street between two crossings and each direction.
    private func street(_ a: (Int, Int), _ b: (Int, Int), _ salt: UInt64) -> Double {
        var key = SplitMix64(
            seed: seed &* 31 &+ UInt64(a.0 * 1_000_003 + a.1 * 10_007 + b.0 * 101 + b.1) &* 2_654_435_761 &+ salt)
        return key.normal()
    }

    /// Seconds a metre without lights and jams.
    private func pace_s_m(_ a: (Int, Int), _ b: (Int, Int), at time_ms: Int64) -> Double {
        let hour = Double((time_ms - monday_ms) % 86_400_000) / 3_600_000
        let rush = exp(-pow((hour - 8.2) / 0.9, 2)) + exp(-pow((hour - 17.7) / 1.1, 2))
        let isWide = street(a, b, 2) > 0.8
        return 0.09 * exp(0.35 * street(a, b, 1)) * (isWide ? 0.6 : 1)
            * (1 + rush * (1.1 + 0.5 * max(-1, min(1, street(a, b, 3)))))
    }

    /// A vehicle's day: 10 stops from a start time on.
    func drive(vehicle number: Int, day: Int, start_h: Double) throws -> Drive {
        var random = SplitMix64(seed: seed &* 7919 &+ UInt64(number * 100 + day))
        var visits: [Visit] = []
        for _ in 0..<10 {
            let id = Int(random.next() % UInt64(customers.count))
            visits.append(Visit(customer: customers[id], id: id, quantity: Double(1 + random.next() % 4)))
        }
        let corners = Self.corners(visits.map { $0.customer.place })
        var wheel = Wheel(start_s: start_h * 3600, day: day, random: random)
        wheel.happenings.append((wheel.now_ms, .departed(nil)))
        let ratio = exp(0.12 * street((number, 0), (0, 0), 9))
        var stop = 0
        var jam = 0.0
        for i in 1..<corners.points.count {
            let (from, to) = (corners.points[i - 1], corners.points[i])
            let length = abs(to.0 - from.0) + abs(to.1 - from.1)
            // A jam that comes and goes within about two kilometres.
            jam = jam * exp(-length / 2000) + 0.25 * wheel.random.normal() * (length / 2000).squareRoot()
            wheel.drive(from, to, pace_s_m(from, to, at: wheel.now_ms) * ratio * exp(jam), length)
            while stop < visits.count, corners.stops[stop] == i {
                wheel.happenings.append((wheel.now_ms, .arrived(stop)))
                wheel.stand(
                    visits[stop].customer.service_s * exp(0.3 * wheel.random.normal()) + 15 * visits[stop].quantity)
                wheel.happenings.append((wheel.now_ms, .departed(stop)))
                stop += 1
            }
            if length > 100, wheel.random.unit() < 0.35 { wheel.stand(wheel.random.double(0...45)) }
        }
        return Drive(
            vehicle: Array("V-\(number)".utf8), path: try Ground.path(corners.points), stops: visits.map(\.planned),
            happenings: wheel.happenings)
    }

    private struct Visit {
        var customer: Customer
        var id: Int
        var quantity: Double

        var planned: PlannedStop {
            PlannedStop(
                place: Ground.at(customer.place.east, customer.place.north),
                task: ServiceTask(
                    customer: Array("C-\(id)".utf8), kind: customer.kind, quantity: quantity, planned_s: 240))
        }
    }

    /// The pace between two corners of a path, by the crossings around them.
    private func pace_s_m(_ from: (Double, Double), _ to: (Double, Double), at time_ms: Int64) -> Double {
        let a = (Int(from.0 / Self.block_m + 0.01), Int(from.1 / Self.block_m + 0.01))
        let b = (Int(to.0 / Self.block_m + 0.01), Int(to.1 / Self.block_m + 0.01))
        if a == b { return pace_s_m(a, (a.0, a.1 + (to.1 >= from.1 ? 1 : 0)), at: time_ms) }
        return pace_s_m(a < b ? (min(a.0, b.0), min(a.1, b.1)) : a, b, at: time_ms)
    }

    /// A vehicle being driven, with its tracker.
    private struct Wheel {
        var time_s: Double
        let day: Int
        var random: SplitMix64
        var happenings: [(time_ms: Int64, what: Happening)] = []
        private var nextFix_s: Double
        private var place = (0.0, 0.0)

        init(start_s: Double, day: Int, random: SplitMix64) {
            time_s = start_s
            nextFix_s = start_s
            self.day = day
            self.random = random
        }

        var now_ms: Int64 { clock(day, 0) + Int64(time_s * 1000) }

        mutating func drive(_ from: (Double, Double), _ to: (Double, Double), _ pace_s_m: Double, _ length: Double) {
            let drive_s = max(0.5, length * pace_s_m)
            let heading = to.0 > from.0 ? 90.0 : to.0 < from.0 ? 270 : to.1 >= from.1 ? 0 : 180
            report(until: time_s + drive_s, from, to, speed: length / drive_s * 3.6, heading: heading)
            place = to
        }

        mutating func stand(_ seconds: Double) {
            report(until: time_s + seconds, place, place, speed: 0, heading: nil)
        }

        /// A fix every 15 s, 5 m off.
        private mutating func report(
            until end_s: Double, _ from: (Double, Double), _ to: (Double, Double), speed: Double, heading: Double?
        ) {
            while nextFix_s <= end_s {
                let t = end_s > time_s ? (nextFix_s - time_s) / (end_s - time_s) : 0
                let fix = PathFix(
                    Ground.at(
                        from.0 + (to.0 - from.0) * t + random.normal() * 5,
                        from.1 + (to.1 - from.1) * t + random.normal() * 5),
                    at: Double(day) * 86_400 + nextFix_s, speed_kmh: speed, heading_deg: heading)
                happenings.append((fix.time_ms, .fix(fix)))
                nextFix_s += 15
            }
            time_s = end_s
        }
    }

    /// Along the streets from the depot by all places, a vertex at every crossing; and the vertex of each stop.
    private static func corners(_ places: [(east: Double, north: Double)]) -> (
        points: [(Double, Double)], stops: [Int]
    ) {
        var points = [(0.0, 0.0)]
        var stops: [Int] = []
        func go(_ east: Double, _ north: Double) {
            while true {
                guard let last = points.last, last.0 != east || last.1 != north else { return }
                var next = last
                if last.0 != east {
                    next.0 = east > last.0 ? min(east, last.0 + block_m) : max(east, last.0 - block_m)
                } else {
                    // To the next crossing, or to the place.
                    let up = ((last.1 / block_m + 0.001).rounded(.down) + 1) * block_m
                    let down = ((last.1 / block_m - 0.001).rounded(.up) - 1) * block_m
                    next.1 = north > last.1 ? min(north, up) : max(north, down)
                }
                points.append(next)
            }
        }
        for place in places {
            // Back to a crossing, along a street to the place's avenue, along that to the place.
            if let last = points.last, last.0 != place.east {
                go(last.0, (last.1 / block_m).rounded() * block_m)
                go(place.east, points.last?.1 ?? 0)
            }
            go(place.east, place.north)
            if points.count == 1 { points.append((block_m, 0)) }
            stops.append(points.count - 1)
        }
        return (points, stops)
    }
}
