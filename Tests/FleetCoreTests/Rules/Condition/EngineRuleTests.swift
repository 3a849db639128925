import Testing

@testable import FleetCore

@Suite struct `Engine rule` {
    private var script = ConditionScript<EngineRule>()

    private mutating func see(_ at_s: Double, _ ignition: Bool?, kmh: Double? = 0, rpm: Int? = nil) {
        script.see(Seen(at_s, km: 1, kmh: kmh)) {
            $0.ignition = ignition
            $0.rpm = rpm
        }
    }

    @Test mutating func `start and stop are told at once, the stop with the time that it ran`() throws {
        see(0, false)
        see(100, true)
        #expect(script.types == [.engineStarted])
        see(700, false)
        #expect(script.types == [.engineStarted, .engineStopped])
        #expect(script.events.map(\.at_s) == [100, 700])
        // Both are about the same running.
        #expect(script.events.map(\.key_s) == [100, 100])
        #expect(script.events[1].value("running_s") == 600)
        #expect(script.events[1].place != nil)
    }

    @Test mutating func `the first state is no change`() {
        see(0, true)
        see(60, true)
        #expect(script.events.isEmpty)
    }

    @Test mutating func `a flickering ignition is told once, and again when it has settled`() {
        see(0, true)
        for second in 30..<60 { see(Double(second), second % 2 == 1) }
        #expect(script.types == [.engineStopped])
        see(61, true)
        see(68.999, true)
        #expect(script.types == [.engineStopped])
        see(70, true)
        #expect(script.types == [.engineStopped, .engineStarted])
        #expect(script.events[1].at_s == 59)
        #expect(script.events[1].place == nil, "where it was then is not where it is now")
    }

    @Test mutating func `the boundary of the debounce time`() {
        see(0, true)
        see(20, false)
        see(29.999, true)
        see(39.998, true)
        #expect(script.types == [.engineStopped])
        see(39.999, true)
        #expect(script.types == [.engineStopped, .engineStarted])
    }

    @Test mutating func `an ignition that reads off while driving is not believed until it stands`() {
        see(0, true)
        see(60, false, kmh: 60)
        see(90, false, kmh: 60)
        #expect(script.events.isEmpty)
        see(120, false, kmh: 0)
        #expect(script.types == [.engineStopped])
        #expect(script.events[0].at_s == 90, "until then it had been contradicted")
    }

    @Test mutating func `one wrong reading while driving tells nothing`() {
        see(0, true)
        see(60, false, kmh: 60)
        see(90, true, kmh: 60)
        see(120, true, kmh: 60)
        see(150, false, rpm: 900)
        see(180, true)
        #expect(script.events.isEmpty)
    }

    @Test mutating func `a change holds over reports without the ignition, and over silence`() {
        see(0, false)
        see(20, true)
        see(22, false)
        see(60, nil)
        #expect(script.types == [.engineStarted, .engineStopped])
        see(80, true)
        see(82, false)
        // The tracker slept.
        see(30_000, true)
        #expect(script.types == [.engineStarted, .engineStopped, .engineStarted, .engineStopped, .engineStarted])
    }

    @Test mutating func `switched off it tells nothing`() {
        script.limits.enabled = 0
        see(0, false)
        see(100, true)
        #expect(script.events.isEmpty)
    }
}
