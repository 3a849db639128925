import TestSupport
import Testing
import Wire

@testable import FleetCore

/// The states of stops as they were published, in order: the stop, its status, whether it is next, and when.
private struct StopStates {
    struct Line: Equatable {
        var stop: String
        var status: String
        var isNext: Bool
        var seconds: Double
    }

    var lines: [Line] = []

    init(_ outcomes: [Outcome]) {
        for outcome in outcomes where outcome.kind == .state && outcome.topic.contains("/state/stops/") {
            guard !outcome.payload.isEmpty else { continue }
            let json = outcome.json
            lines.append(
                Line(
                    stop: json["stop"]?.string ?? "", status: json["status"]?.string ?? "",
                    isNext: json["next"]?.bool ?? false, seconds: Double(outcome.recorded_ms - epoch_ms) / 1000))
        }
    }

    /// The stops that are told to be next, one behind another.
    var order: [String] {
        var order: [String] = []
        for line in lines where line.isNext && order.last != line.stop { order.append(line.stop) }
        return order
    }

    /// Whether, whenever all that changed is published, at most one stop of a vehicle is next.
    func neverTwo() -> Bool {
        var latest: [String: Line] = [:]
        for (index, line) in lines.enumerated() {
            latest[line.stop] = line
            let isWhole = index + 1 == lines.count || lines[index + 1].seconds != line.seconds
            if isWhole, latest.values.count(where: { $0.isNext && $0.seconds == line.seconds }) > 1 { return false }
        }
        return true
    }
}

@Suite struct `The next stop` {
    @Test func `is one after another, from the depot until the vehicle has left`() throws {
        let states = StopStates(try outcomes(of: OrdinaryDay().script.frames, shards: 1))
        #expect(states.order == ["O1", "O2"])
        #expect(states.neverTwo())
        for line in states.lines where line.isNext {
            #expect(["en_route", "arrived", "servicing"].contains(line.status), "\(line)")
        }
        let first = try #require(states.lines.first { $0.isNext })
        #expect(first.stop == "O1" && first.seconds >= 100)
        // At the first customer's door the second does not see where that is.
        let second = try #require(states.lines.first { $0.stop == "O2" && $0.isNext })
        #expect(second.seconds >= 590)
        #expect(states.lines.last { $0.stop == "O2" }?.isNext == false)
    }

    @Test func `is not told before the vehicle has left the depot`() throws {
        var script = Script()
        script.order("O1", at: 3000, received: 1)
        script.route("R1", "V1", ["O1"], received: 3)
        let now = script.stand("V1", at: 0, from: 20, for: 300)
        script.tick(now)
        let states = StopStates(try outcomes(of: script.frames, shards: 1))
        #expect(!states.lines.isEmpty && states.order.isEmpty)
    }

    @Test func `is another when the route changes`() throws {
        var script = Script()
        script.order("O1", at: 3000, received: 1)
        script.order("O2", at: 6000, received: 2)
        script.route("R1", "V1", ["O1", "O2"], received: 3)
        var now = script.stand("V1", at: 0, from: 20, for: 60)
        now = script.drive("V1", from: (now, 0), to: 1000)
        script.route("R1", "V1", ["O2", "O1"], received: now)
        now = script.drive("V1", from: (now, 1000), to: 2000)
        script.tick(now + 10)
        let states = StopStates(try outcomes(of: script.frames, shards: 1))
        #expect(states.order == ["O1", "O2"] && states.neverTwo())
        #expect(states.lines.last { $0.stop == "O1" }?.isNext == false)
    }

    /// Wherever the vehicle stands, whether or not in order and whatever its driver says: only who it stands at sees it.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func `is never shown at another's door`(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var script = Script()
        let stops = ["O1", "O2", "O3", "O4"]
        for (index, stop) in stops.enumerated() {
            script.order(stop, at: 1500 * Double(index + 1), received: Double(index))
        }
        script.route("R1", "V1", stops, received: 5)
        var now = script.stand("V1", at: 0, from: 20, for: 60)
        var place = 0.0
        var visits: [(stop: String, from: Double, to: Double)] = []
        for _ in 0..<5 {
            let index = Int(random.next() % 4)
            let goal = 1500 * Double(index + 1)
            now = script.drive("V1", from: (now, place), to: goal)
            place = goal
            let from = now
            now = script.stand("V1", at: goal, from: now, for: 180)
            if random.next() % 3 > 0 { script.driver("V1", "delivered", at: now, "\"stop\":\"\(stops[index])\"") }
            now = script.stand("V1", at: goal, from: now, for: 60)
            visits.append((stops[index], from, now))
            script.tick(now)
        }
        let states = StopStates(try outcomes(of: script.frames, shards: 1))
        #expect(states.neverTwo(), "seed \(seed)")
        #expect(!states.order.isEmpty, "seed \(seed)")
        for visit in visits {
            for stop in stops where stop != visit.stop {
                // At most a few seconds pass until a state is published.
                let shown = states.lines.last { $0.stop == stop && $0.seconds <= visit.from + 20 }
                let later = states.lines.contains {
                    $0.stop == stop && $0.isNext && $0.seconds > visit.from + 20 && $0.seconds <= visit.to
                }
                #expect(shown?.isNext != true && !later, "seed \(seed): \(stop) while at \(visit.stop), \(visit.from)")
            }
        }
    }
}
