import TestSupport
import Testing

@testable import Window

@Suite struct `Changes` {
    @Test(arguments: 0..<50)
    func `are those of a list of everything that changed`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var list = ChangeList()
        var marks: [Int] = []
        for _ in 0..<200 {
            let slot = Int(random.next() % UInt64(min(list.count + 1, 20)))
            list.mark(slot)
            list._checkInvariants()
            marks.append(slot)
            let after = Int(random.next() % UInt64(marks.count + 1))
            // The plain way: each slot's last mark, where that is later.
            var expected: [(Int, UInt64)] = []
            for (index, slot) in marks.enumerated() where index >= after && !marks[(index + 1)...].contains(slot) {
                expected.append((slot, UInt64(index + 1)))
            }
            var found: [(Int, UInt64)] = []
            list.forEach(after: UInt64(after)) { slot, change in
                found.append((slot, change))
                return true
            }
            #expect(found.map(\.0) == expected.map(\.0) && found.map(\.1) == expected.map(\.1), "seed \(seed)")
        }
    }

    @Test func `are told until it is enough`() {
        var list = ChangeList()
        for slot in 0..<5 { list.mark(slot) }
        var told: [Int] = []
        list.forEach(after: 1) { slot, _ in
            told.append(slot)
            return told.count < 2
        }
        #expect(told == [1, 2])
        list.forEach(after: 5) { _, _ in
            Issue.record("there is nothing after the last")
            return false
        }
        list.forEach(after: .max) { _, _ in
            Issue.record("nor after that")
            return false
        }
    }
}

@Suite struct `The ring of events` {
    private func event(_ number: Int) -> [UInt8] {
        Array(#"{"specversion":"1.0","id":"\#(String(repeating: "0", count: 28) + String(1000 + number))","x":1}"#.utf8)
    }

    private func numbers(_ ring: EventRing, after: UInt64) -> [UInt64] {
        var found: [UInt64] = []
        ring.forEach(after: after) { number, payload in
            #expect(payload == event(Int(number)))
            found.append(number)
            return true
        }
        return found
    }

    @Test func `keeps the newest, by number`() {
        var ring = EventRing(count_max: 3, bytes_max: 1_000_000)
        #expect(numbers(ring, after: 0).isEmpty)
        for number in 1...10 {
            ring.append(event(number))
            #expect(ring.newest == UInt64(number) && ring.count == min(3, number))
        }
        #expect(numbers(ring, after: 0) == [8, 9, 10])
        #expect(numbers(ring, after: 9) == [10])
        #expect(numbers(ring, after: 10).isEmpty && numbers(ring, after: .max).isEmpty)
        #expect(ring.forgotten == 7)
    }

    @Test func `keeps fewer where they are large, but always the last`() {
        var ring = EventRing(count_max: 100, bytes_max: event(1).count * 2 + 1)
        for number in 1...5 { ring.append(event(number)) }
        #expect(numbers(ring, after: 0) == [4, 5])
        var small = EventRing(count_max: 100, bytes_max: 1)
        small.append(event(1))
        small.append(event(2))
        #expect(numbers(small, after: 0) == [2])
    }

    @Test func `finds an event by its id`() {
        var ring = EventRing(count_max: 3)
        for number in 1...5 { ring.append(event(number)) }
        func id(_ number: Int) -> [UInt8] { Array((String(repeating: "0", count: 28) + String(1000 + number)).utf8) }
        #expect(ring.number(ofEvent: id(4)) == 4 && ring.number(ofEvent: id(5)) == 5)
        #expect(ring.number(ofEvent: id(1)) == nil)
    }
}

@Suite struct `The table of stops` {
    @Test func `takes the places of deleted stops when it is full, and never those of others`() {
        var table = StopTable(count_max: 3)
        func set(_ id: String, _ payload: String) -> Bool { table.set(Array(id.utf8), Array(payload.utf8)) }
        for id in ["a", "b", "c"] { #expect(set(id, #"{"vehicle":"v"}"#)) }
        #expect(!set("d", "{}"))
        #expect(set("b", "") && set("a", "") && set("b", "{}"))
        #expect(set("d", "{}"))
        #expect(!set("e", "{}"))
        table.changes._checkInvariants()
        let known = ["a", "b", "c", "d"].map { table.payload(of: Array($0.utf8)) != nil }
        #expect(known == [false, true, true, true])
        for round in 0..<100 {
            #expect(set(round % 2 == 0 ? "d" : "x", "") && set(round % 2 == 0 ? "x" : "d", "{}"), "\(round)")
            table.changes._checkInvariants()
        }
        #expect(set("never", "") && table.ids.count == 3)
        #expect(!set("b", "[]") && !set("b", "{"))
    }
}

@Suite struct `A vehicle's facts` {
    private func read(_ json: String) -> VehicleFacts? { try? VehicleFacts(Array(json.utf8).span) }

    @Test func `are read from a state`() throws {
        let facts = try #require(
            read(
                #"""
                {"vehicle":"T","state":"online","group":"gas-\u0041","time":"2026-11-20T00:15:30.250Z","position":{"lat":25.0478,
                "lon":-121.517,"accuracy_m":5},"speed_kmh":38.5,"heading_deg":271,"ignition":true,"other":[{"a":1}],
                "geofences":["a","b"],"last_seen":"2026-11-20T00:15:31.000Z"}
                """#))
        #expect(facts.latitude_e7 == 250_478_000 && facts.longitude_e7 == -1_215_170_000)
        #expect(facts.speed_kmh == 38.5 && facts.heading_deg == 271 && facts.ignition == true)
        #expect(facts.group == Array("gas-A".utf8) && facts.geofences.count == 2)
        #expect(facts.lastSeen_ms.map { $0 - (facts.time_ms ?? 0) } == 750)
    }

    @Test(arguments: [
        (#"{"state":"online","position":{"lat":1,"lon":2},"speed_kmh":5}"#, VehicleShow.moving),
        (#"{"state":"online","position":{"lat":1,"lon":2},"speed_kmh":4.9,"ignition":true}"#, .idling),
        (#"{"state":"online","position":{"lat":1,"lon":2},"ignition":false}"#, .parked),
        (#"{"state":"online","position":{"lat":1,"lon":2},"manual_position":{"lat":3,"lon":4}}"#, .lost),
        (#"{"state":"online"}"#, .lost), (#"{"state":"online","position":{"lat":91,"lon":2}}"#, .lost),
        (#"{"state":"online","position":{"lat":1}}"#, .lost),
        (#"{"state":"offline","position":{"lat":1,"lon":2},"speed_kmh":50}"#, .offline), ("{}", .offline),
        (#"{"state":"online","position":null}"#, .lost),
    ])
    func `tell how it is shown`(json: String, show: VehicleShow) {
        #expect(read(json)?.show == show)
    }

    @Test(arguments: ["", "[]", "{", #"{"state":1}"#, #"{"position":[]}"#, #"{"geofences":[1]}"#, "{} x"])
    func `are not taken from what is no state`(json: String) {
        #expect(read(json) == nil)
    }
}

@Suite struct `A trail` {
    @Test func `keeps the newest places in order, and no standing`() {
        var trail = Trail()
        var facts = VehicleFacts()
        facts.hasPosition = true
        for step in 0..<10 {
            facts.time_ms = Int64(1_000_000 + step * 1000)
            facts.latitude_e7 = Int32(step * 10_000)
            trail.add(facts, points_max: 4)
            // Standing, and a late fix.
            facts.time_ms = Int64(1_000_500 + step * 1000)
            trail.add(facts, points_max: 4)
            facts.time_ms = 5_000
            facts.latitude_e7 = 0
            trail.add(facts, points_max: 4)
        }
        var places: [Int32] = []
        trail.visit { places.append($0.latitude_e7) }
        #expect(places == [60_000, 70_000, 80_000, 90_000] && trail.count == 4)
        #expect(trail.last?.latitude_e7 == 90_000)
        var none = Trail()
        none.add(facts, points_max: 0)
        #expect(none.count == 0)
    }
}

@Suite struct `Metrics` {
    @Test func `are written as Prometheus reads them`() {
        var text = MetricsText()
        text.family("a_total", .counter, "Help.")
        text.sample(1, [("x", "a\"b\\c\nd"), ("y", "z")])
        text.sample(2.5)
        var histogram = Histogram(bounds: [0.5, 1])
        for value in [0.1, 0.5, 0.7, 9, .nan, .infinity] { histogram.observe(value) }
        text.family("h", .histogram, "Help.")
        text.sample(histogram)
        text.single("g", .gauge, "Help.", .infinity)
        #expect(
            String(decoding: text.bytes, as: UTF8.self) == """
                # HELP a_total Help.
                # TYPE a_total counter
                a_total{x="a\\"b\\\\c\\nd",y="z"} 1
                a_total 2.5
                # HELP h Help.
                # TYPE h histogram
                h_bucket{le="0.5"} 2
                h_bucket{le="1"} 3
                h_bucket{le="+Inf"} 4
                h_sum 10.3
                h_count 4
                # HELP g Help.
                # TYPE g gauge
                g +Inf

                """)
    }
}
