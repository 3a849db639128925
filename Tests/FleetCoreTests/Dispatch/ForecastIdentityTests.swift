import Testing
import Wire

@testable import FleetCore

@Suite struct `Identity of forecasts` {
    /// The vehicle leaves the depot, and after `fixes` fixes the first stop is said to have failed: the second one's forecast
    /// moves, and is made for the time of the same fix again.
    private func events(fixes: Int) throws -> [Event] {
        var script = Script()
        script.order("O1", at: 3000, "\"service_s\":900", received: 1)
        script.order("O2", at: 6000, received: 2)
        script.route("R1", "V1", ["O1", "O2"], received: 3)
        let start = script.stand("V1", at: 0, from: 20, for: 60)
        let end = script.drive("V1", from: (start, 0), to: Double(fixes) * 100)
        script.driver("V1", "failed", at: end - 5, "\"stop\":\"O1\",\"reason\":\"closed\"")
        script.tick(end)
        return try outcomes(of: script.frames, shards: 1).filter { $0.kind == .event }.map { Event($0) }
    }

    @Test func `two forecasts of one moment are two events with ids of their own`() throws {
        var pairs = 0
        for fixes in 1...12 {
            let events = try events(fixes: fixes)
            #expect(Set(events.map(\.id)).count == events.count, "after \(fixes) fixes")
            let times = events.filter { $0.type == "eta.updated" && $0.data["stop"]?.string == "O2" }.map(\.time)
            pairs += times.count - Set(times).count
        }
        // Or else this would test nothing.
        #expect(pairs > 0)
    }
}
