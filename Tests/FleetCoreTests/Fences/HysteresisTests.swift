import Geo
import TestSupport
import Testing

@testable import FleetCore

/// Visits judged in one go over the whole list of fixes, by the words of the design: a transition counts when a run of
/// fixes on the other side has a fix that is clear of the boundary by more than its accuracy, or has enough fixes, or lasts
/// long enough; it happened at the run's first fix. A fix outside, but within the exit buffer, is as good as inside where
/// the vehicle is in, and breaks a run inside where it is not.
private struct Model {
    struct Rules {
        var confirmFixes: Int
        var confirm_s: Double?
        var exitBuffer_m: Double
        var useAccuracy: Bool
    }
    struct Seen {
        var time_s: Double
        /// Metres outside of the boundary, negative inside.
        var distance_m: Double
        var accuracy_m: Double
    }

    static func transitions(_ fixes: [Seen], _ rules: Rules) -> [String] {
        var out: [String] = []
        var isIn = false
        var run: [Seen] = []
        for fix in fixes {
            let isOnOtherSide = isIn ? fix.distance_m >= 0 && !isHeld(fix, rules) : fix.distance_m < 0
            guard isOnOtherSide else {
                run = []
                continue
            }
            run.append(fix)
            let clearance_m = isIn ? fix.distance_m - rules.exitBuffer_m : -fix.distance_m
            let lasted_s = fix.time_s - run[0].time_s
            let isConfirmed =
                run.count >= rules.confirmFixes || rules.confirm_s.map { lasted_s >= $0 } ?? false
                || rules.useAccuracy && clearance_m > fix.accuracy_m
            guard isConfirmed else { continue }
            out.append("\(isIn ? "exited" : "entered") @\(run[0].time_s) by \(fix.time_s)")
            isIn.toggle()
            run = []
        }
        return out
    }

    private static func isHeld(_ fix: Seen, _ rules: Rules) -> Bool {
        rules.exitBuffer_m > 0 && fix.distance_m <= rules.exitBuffer_m
    }
}

@Suite struct `Hysteresis` {
    /// The state machine as the engine drives it.
    private func observed(_ fixes: [Model.Seen], _ rules: Model.Rules) -> [String] {
        let fence = Geofence(
            id: "f", shape: .circle(center: Coordinate(latitude: 0, longitude: 0), radius_m: 100),
            confirmFixes: rules.confirmFixes, confirm_s: rules.confirm_s, exitBuffer_m: rules.exitBuffer_m,
            useAccuracy: rules.useAccuracy)
        var out: [String] = []
        var visit: Visit?
        for seen in fixes {
            let fix = Fix(time_ms: Int64(seen.time_s * 1000), latitude_e7: 0, longitude_e7: 0)
            let isInside = seen.distance_m < 0
            if visit == nil, isInside { visit = Visit(fence: 0, at: fix, isInitial: false) }
            guard var open = visit else { continue }
            let sighting = Visit.Sighting(fix: fix, isInside: isInside, accuracy_m: seen.accuracy_m)
            switch open.observe(sighting, policy: FencePolicy(fence), distance_m: { seen.distance_m }) {
            case .entered:
                out.append("entered @\(Double(open.entered_ms) / 1000) by \(seen.time_s)")
                visit = open
            case .exited:
                out.append("exited @\(Double(open.runStart.time_ms) / 1000) by \(seen.time_s)")
                visit = nil
            case .dropped: visit = nil
            case .none, .stayed: visit = open
            }
        }
        return out
    }

    private static let rules: [Model.Rules] = [1, 2, 3].flatMap { fixes in
        [nil, 10.0, 25].flatMap { seconds in
            [0.0, 20].flatMap { buffer in
                [true, false].map {
                    Model.Rules(confirmFixes: fixes, confirm_s: seconds, exitBuffer_m: buffer, useAccuracy: $0)
                }
            }
        }
    }

    /// All sequences of four sightings out of nine kinds, under every combination of rules.
    @Test(arguments: rules.indices) func `every short sequence against a plain model`(_ index: Int) {
        let rules = Self.rules[index]
        // Deep and shallow, precise and vague; outside within and beyond the buffer.
        let kinds: [(distance_m: Double, accuracy_m: Double)] = [
            (-50, 5), (-3, 5), (-50, 60), (0, 5), (3, 5), (15, 5), (22, 5), (60, 5), (60, 100),
        ]
        var counts = [Int](repeating: 0, count: 4)
        var differences = 0
        repeat {
            let fixes = counts.enumerated().map { place, kind in
                Model.Seen(
                    time_s: Double(place) * 10, distance_m: kinds[kind].distance_m, accuracy_m: kinds[kind].accuracy_m)
            }
            if observed(fixes, rules) != Model.transitions(fixes, rules) {
                differences += 1
                if differences <= 3 {
                    Issue.record(
                        "\(rules): \(fixes) gave \(observed(fixes, rules)), not \(Model.transitions(fixes, rules))")
                }
            }
        } while advance(&counts, base: kinds.count)
        #expect(differences == 0)
    }

    private func advance(_ counts: inout [Int], base: Int) -> Bool {
        for place in counts.indices {
            counts[place] += 1
            if counts[place] < base { return true }
            counts[place] = 0
        }
        return false
    }

    @Test(arguments: seeds(100)) func `long random sequences against the plain model`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let rules = random.pick(Self.rules)
        var time_s = 0.0
        let fixes = (0..<300).map { _ in
            time_s += Double(random.int(1...20))
            return Model.Seen(
                time_s: time_s, distance_m: Double(random.int(-40...60)), accuracy_m: Double(random.int(0...40)))
        }
        #expect(observed(fixes, rules) == Model.transitions(fixes, rules), "seed \(seed)")
    }

    @Test func `a run longer than its counter can hold still confirms`() {
        let rules = Model.Rules(confirmFixes: 100, confirm_s: nil, exitBuffer_m: 0, useAccuracy: false)
        let fixes = (0..<600).map {
            Model.Seen(time_s: Double($0), distance_m: $0 < 300 ? -1 : 1, accuracy_m: 5)
        }
        #expect(observed(fixes, rules) == ["entered @0.0 by 99.0", "exited @300.0 by 399.0"])
    }
}
