import Geo
import TestSupport
import Testing
import Wire

@testable import Forecast

@Suite struct `Learned values` {
    private func some(_ seed: UInt64) -> LearnedValues {
        var random = SplitMix64(seed: seed)
        var learned = LearnedValues()
        for i in 0..<400 {
            let key = SegmentKey(
                latitude: random.double(24.9...25.1), longitude: 121.5, octant: Int(random.next() % 8))
            learned.speeds.observe(
                key, vehicle: Array("V-\(i % 7)".utf8), at: clock(i % 9, random.double(0...24)),
                distance_m: 250, time_s: random.double(10...90), base_s: i % 2 == 0 ? 20 : nil, zone: taipei)
            learned.speeds.observeTrip(
                straight_m: 1000, driven_m: random.double(1000...2000), time_s: 300, at: clock(0, 9), zone: taipei)
            learned.observeService(
                ServiceTask(
                    customer: Array("客\(i % 50)".utf8), kind: Array("delivery".utf8), quantity: Double(i % 4),
                    planned_s: i % 3 == 0 ? 200 : nil), took_s: random.double(60...600))
            learned.residuals.observe(
                horizon_s: random.double(0...5000), hasStopsBefore: i % 2 == 0, error_s: random.double(-300...900),
                isAfterP90: i % 5 == 0)
        }
        return learned
    }

    @Test(arguments: UInt64(1)...4) func `they come back from a snapshot`(_ seed: UInt64) throws {
        let learned = some(seed)
        learned.checkInvariants()
        var reader = ByteReader(bytes { learned.write(to: &$0) })
        let read = try LearnedValues(from: &reader)
        #expect(read == learned && reader.isAtEnd, "seed \(seed)")
        #expect(some(seed) == learned)
    }

    @Test func `hostile bytes are errors, and what is read can be used`() throws {
        let written = bytes { some(1).write(to: &$0) }
        var random = SplitMix64(seed: 9)
        for _ in 0..<200 {
            var broken = written
            for _ in 0..<3 {
                broken[Int(random.next() % UInt64(broken.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            if random.unit() < 0.3 { broken.removeLast(Int(random.next() % UInt64(broken.count))) }
            var reader = ByteReader(broken)
            guard var read = try? LearnedValues(from: &reader) else { continue }
            read.checkInvariants()
            read.observeService(ServiceTask(customer: [1]), took_s: 100)
            _ = read.json()
        }
    }

    @Test(arguments: UInt64(1)...3) func `they go through JSON and come back`(_ seed: UInt64) throws {
        let learned = some(seed)
        let text = learned.json()
        let read = try LearnedValues(json: text.span)
        #expect(read.json() == text, "seed \(seed)")
        let key = SegmentKey(latitude: 25, longitude: 121.5, octant: 3)
        #expect(
            read.speeds.pace_s_m(key, at: clock(1, 8), zone: taipei)
                == learned.speeds.pace_s_m(key, at: clock(1, 8), zone: taipei))
        let task = ServiceTask(customer: Array("客7".utf8), kind: Array("delivery".utf8), quantity: 2, planned_s: 100)
        #expect(read.service.expected_s(task) == learned.service.expected_s(task))
        #expect(read.residuals == learned.residuals)
        read.checkInvariants()
    }

    @Test func `nothing learned is a text that reads back too`() throws {
        let text = LearnedValues().json()
        let read = try LearnedValues(json: text.span)
        #expect(read == LearnedValues())
    }

    @Test(arguments: [
        "", "{}", "[]", #"{"format":"other","version":1}"#, #"{"format":"fleetstream-learned","version":2}"#,
        #"{"format":"fleetstream-learned","version":1,"segmnts":[]}"#,
        #"{"format":"fleetstream-learned","version":1,"segments":[{"lat":25,"lon":121,"heading":"X","ratios":{}}]}"#,
        #"{"format":"fleetstream-learned","version":1,"segments":[{"lat":95,"lon":121,"heading":"N","ratios":{}}]}"#,
        #"{"format":"fleetstream-learned","version":1,"fleet":{"weekday":[1]}}"#,
        #"{"format":"fleetstream-learned","version":1,"fleet":{"weekday":[-1,5]}}"#,
        #"{"format":"fleetstream-learned","version":1,"fleet":{"someday":[1,5]}}"#,
        #"{"format":"fleetstream-learned","version":1,"customers":[{"ratio":[1,5]}]}"#,
        #"{"format":"fleetstream-learned","version":1,"service_spread":[1,2,3]}"#,
        #"{"format":"fleetstream-learned","version":1,"residuals":[{"horizon_min":"0-3","stops_before":true,"p90_level":0.9,"bins":{"1":2}}]}"#,
        #"{"format":"fleetstream-learned","version":1,"residuals":[{"horizon_min":"0-3","stops_before":true,"p90_level":1.9,"bins":{}}]}"#,
        #"{"format":"fleetstream-learned","version":1,"residuals":[{"horizon_min":"0-3","stops_before":true,"p90_level":0.9,"bins":{"0":-2}}]}"#,
    ]) func `what is wrong is refused`(_ text: String) {
        let text = Array(text.utf8)
        #expect(throws: LearnedProblem.self) { _ = try LearnedValues(json: text.span) }
    }

    @Test func `an export is one thing a line, sorted`() {
        let lines = String(decoding: some(2).json(), as: UTF8.self).split(separator: "\n")
        let customers = lines.filter { $0.hasPrefix("{\"customer\"") }.map(String.init)
        #expect(customers.count == 50)
        let ids = customers.map { String($0.split(separator: "\"")[3]) }
        #expect(ids == ids.sorted() && Set(ids).count == 50)
    }
}
