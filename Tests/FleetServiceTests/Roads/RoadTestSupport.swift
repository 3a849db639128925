import FleetCore
import Foundation
import Testing

@testable import FleetService

/// The seeds of a random test: `count` of them, or as many as `FLEETSTREAM_SEEDS` says, or `FLEETSTREAM_SEED` alone.
func roadSeeds(_ count: UInt64) -> Range<UInt64> {
    let environment = ProcessInfo.processInfo.environment
    if let only = environment["FLEETSTREAM_SEED"].flatMap({ UInt64($0) }) { return only..<(only + 1) }
    return 1..<((environment["FLEETSTREAM_SEEDS"].flatMap { UInt64($0) } ?? count) + 1)
}

extension RoadPoint {
    /// A place in Taipei, `x` and `y` steps of 1e-3 degree from a corner.
    static func at(_ x: Int, _ y: Int) -> RoadPoint {
        RoadPoint(latitude_e7: 250_000_000 + Int32(y) * 10_000, longitude_e7: 1_215_000_000 + Int32(x) * 10_000)
    }

    static func random(using random: inout SplitMix64) -> RoadPoint {
        RoadPoint(
            latitude_e7: Int32.random(in: -900_000_000...900_000_000, using: &random),
            longitude_e7: Int32.random(in: -1_800_000_000...1_800_000_000, using: &random))
    }
}

extension RoadQuestion {
    init(_ id: String, _ points: [RoadPoint] = [.at(0, 0), .at(1, 1)]) {
        self.init(fleet: Array("acme".utf8), id: Array(id.utf8), points: points, time_ms: 0)
    }
}

extension RoadAnswer {
    /// Some way through so many points.
    static func some(points: Int = 2, distance_m: Double = 100) -> RoadAnswer {
        let leg = Leg(distance_m: distance_m, duration_s: 10)
        return RoadAnswer(
            source: .osrm, distance_m: distance_m * Double(points - 1), duration_s: 10 * Double(points - 1),
            legs: Array(repeating: leg, count: points - 1), path: [.at(0, 0), .at(1, 1)])
    }

    static func random(using random: inout SplitMix64) -> RoadAnswer {
        func leg() -> Leg {
            Leg(
                distance_m: .random(in: 0...1_000_000, using: &random),
                duration_s: .random(in: 0...80_000, using: &random))
        }
        let legs = (0..<Int.random(in: 1...99, using: &random)).map { _ in leg() }
        let path = (0..<Int.random(in: 2...300, using: &random)).map { _ in RoadPoint.random(using: &random) }
        return RoadAnswer(
            source: Bool.random(using: &random) ? .osrm : .valhalla,
            distance_m: legs.reduce(0) { $0 + $1.distance_m }, duration_s: legs.reduce(0) { $0 + $1.duration_s },
            legs: legs, path: path)
    }
}

extension RoadReply {
    /// The reason of a failure; nil for an answer.
    var reason: RoadFailure.Reason? { if case .failure(let failure) = self { failure.reason } else { nil } }

    init(_ payload: [UInt8]) throws { try self.init(json: payload.span) }
}

/// A machine, what it wants done, and a clock that only the test moves.
struct RoadRig {
    var machine: RoadMachine
    var now = RoadMachine.Moment(steady_ms: 1000, utc_ms: 1_700_000_000_000)
    /// What was sent and not finished yet, in order.
    var sent: [(job: Int, points: [RoadPoint])] = []
    var sentCount = 0
    /// Every reply, in order.
    var replies: [(topic: String, reply: RoadReply)] = []

    init(_ change: (inout RoadOptions) -> Void = { _ in }) {
        var options = RoadOptions()
        options.url = "http://router"
        change(&options)
        machine = RoadMachine(options)
    }

    mutating func ask(_ id: String, _ points: [RoadPoint] = [.at(0, 0), .at(1, 1)]) throws {
        try take(machine.ask(RoadQuestion(id, points), at: now))
    }

    /// Finishes the request that went out first.
    mutating func finish(_ outcome: RoadMachine.Outcome) throws {
        let job = sent.removeFirst().job
        try take(machine.finished(job, outcome, at: now))
    }

    mutating func pass(_ ms: Int64) throws {
        now.steady_ms += ms
        now.utc_ms += ms
        try take(machine.wake(at: now))
    }

    mutating func take(_ actions: [RoadMachine.Action]) throws {
        for action in actions {
            switch action {
            case .send(let job, let points):
                sent.append((job, points))
                sentCount += 1
            case .reply(let topic, let payload):
                replies.append((String(decoding: topic, as: UTF8.self), try RoadReply(payload)))
            }
        }
        machine.checkInvariants()
    }

    /// The replies since the last call: `acme/a ok`, `acme/b budget`.
    mutating func told() -> [String] {
        defer { replies = [] }
        return replies.map { "\($0.topic) \($0.reply.reason.map { "\($0.name)" } ?? "ok")" }
    }

    var statistics: RoadStatistics { machine.statistics(at: now) }
}
