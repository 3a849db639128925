import Testing
import Wire

@testable import FleetCore

@Suite struct `Telephone numbers in dead letters` {
    @Test func `are masked in the event and for the store, and the rest stays`() throws {
        var world = World()
        world.send("vehicles/V-1/telemetry", #"{"phone":"+886912345678","driver":"call 0912345670","lat":91}"#)
        let letters = world.takeOutcomes().filter { $0.kind == .deadLetter }
        let payload = try #require(letters.first?.json["data"]?["payload"]?.string)
        #expect(letters.count == 1 && payload == #"{"phone":"+8869••••678","driver":"call ••••","lat":91}"#)
        #expect(world.notes.map { String(decoding: $0.payload, as: UTF8.self) } == [payload])
    }
}
