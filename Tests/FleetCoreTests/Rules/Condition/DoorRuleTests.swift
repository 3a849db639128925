import Testing

@testable import FleetCore

@Suite struct `Door rule` {
    private var script = ConditionScript<DoorRule> { $0.standing = 1 }

    private mutating func see(_ at_s: Double, _ open: Bool?, kmh: Double = 0, _ places: RuleInput.Places = []) {
        script.see(Seen(at_s, km: at_s / 100, kmh: kmh)) {
            $0.doorOpen = open
            $0.places = places
        }
    }

    @Test mutating func `open while standing elsewhere, and then while driving, each once`() {
        see(0, false)
        see(10, true)
        see(24.999, true)
        #expect(script.events.isEmpty)
        see(25, true)
        see(100, true)
        #expect(script.words == ["standing"])
        #expect(script.events[0].at_s == 10)
        see(110, nil, kmh: 30)
        see(130, nil, kmh: 40)
        see(200, true, kmh: 40)
        #expect(script.words == ["standing", "driving"])
        #expect(script.events[1].key_s == 110)
        #expect(script.events[1].value("speed_kmh") == 40)
        #expect(script.events[1].value("open_s") == 20)
    }

    @Test mutating func `open at a depot or a customer is right, and so is closed`() {
        for at_s in stride(from: 0.0, to: 600, by: 10) { see(at_s, true, at_s < 300 ? .depot : .customer) }
        for at_s in stride(from: 600.0, to: 900, by: 10) { see(at_s, false, kmh: 50) }
        #expect(script.events.isEmpty)
    }

    @Test mutating func `standing is told only where it is asked for`() {
        script.limits.standing = 0
        for at_s in stride(from: 0.0, to: 600, by: 10) { see(at_s, true, kmh: 9.9) }
        #expect(script.events.isEmpty)
        see(610, true, kmh: 10)
        see(625, true, kmh: 10)
        #expect(script.words == ["driving"])
    }

    @Test mutating func `a rattling contact tells nothing, or once`() {
        for at_s in 0..<300 { see(Double(at_s), at_s % 10 < 5, kmh: 50) }
        #expect(script.events.isEmpty)
        for at_s in 300..<900 { see(Double(at_s), at_s % 30 < 20, kmh: 50) }
        #expect(script.words == ["driving"])
        see(960, true, kmh: 50)
        see(1000, true, kmh: 50)
        #expect(script.words == ["driving", "driving"])
    }

    @Test mutating func `reports without a position are not judged, those without the door go on`() {
        script.see(Seen(0)) { $0.doorOpen = true }
        script.see(Seen(100)) { $0.doorOpen = true }
        #expect(script.events.isEmpty)
        see(110, nil, kmh: 50)
        see(125, nil, kmh: 50)
        #expect(script.words == ["driving"])
        #expect(script.events[0].at_s == 110)
    }
}

@Suite struct `Codes rule` {
    private var script = ConditionScript<CodesRule>()

    private mutating func see(_ at_s: Double, _ codes: Int32?) { script.see(Seen(at_s)) { $0.codes = codes } }

    private var told: [[Int32]] { script.events.map { [$0.type == .codeRaised ? 1 : 0, $0.formerText, $0.text] } }

    @Test mutating func `first codes are told at once, no codes once they have been gone for a while`() {
        see(0, -1)
        #expect(script.events.isEmpty)
        see(10, 7)
        #expect(told == [[1, -1, 7]])
        see(20, -1)
        see(139.999, nil)
        #expect(script.events.count == 1)
        see(140, nil)
        #expect(told == [[1, -1, 7], [0, 7, -1]])
        #expect(script.events[1].at_s == 20)
    }

    @Test mutating func `from list to list both are told, for the engine to work out the difference`() {
        see(0, 7)
        see(10, 8)
        see(130, 8)
        #expect(told == [[1, -1, 7], [1, 7, 8], [0, 7, 8]])
        #expect(script.events.map(\.key_s) == [0, 10, 10])
    }

    @Test mutating func `codes that come and go are raised once`() {
        for at_s in 0..<500 { see(Double(at_s), at_s % 60 < 30 ? 7 : -1) }
        #expect(told == [[1, -1, 7]])
    }

    @Test mutating func `a changed list that changes back in time tells nothing`() {
        see(0, 7)
        see(10, 8)
        see(100, 7)
        see(500, 7)
        #expect(told == [[1, -1, 7]])
    }
}
