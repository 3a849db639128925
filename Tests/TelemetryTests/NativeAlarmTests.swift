import Telemetry
import Testing

@Suite struct `Alarms, motion and identity of the native report` {
    private func report(_ members: String) throws -> Report {
        let buffer = try decode(#"{"time":1795170000000,\#(members)}"#)
        return try #require(buffer.reports.first, "\(buffer.problems)")
    }

    @Test func `alarms are words, in any order and number`() throws {
        #expect(try report(#""alarms":["sos","harsh_braking"]"#).alarms == [.sos, .harshBraking])
        #expect(try report(#""alarms":["sos","sos"]"#).alarms == .sos)
        let all = DeviceAlarms.words.map { "\"\($0.word)\"" }.joined(separator: ",")
        #expect(try report("\"alarms\":[\(all)]").alarms.rawValue == 0xFFF)
    }

    @Test func `an empty list says that there is no alarm, and an unknown word is passed over`() throws {
        let none = try report(#""alarms":[]"#)
        #expect(none.alarms == [] && none.fields.contains(.alarms))
        #expect(try report(#""alarms":["landslide","door"]"#).alarms == .door)
        #expect(try report(#""alarms":["s\u006fs"]"#).alarms == .sos)
    }

    @Test func `motion and the tracker's battery`() throws {
        let moving = try report(#""motion":true,"battery_pct":81.5"#)
        #expect(moving.motion && moving.batteryLevel_pct == 81.5)
        #expect(moving.fields == [.motion, .batteryLevel])
        #expect(try report(#""motion":0"#).motion == false)
    }

    @Test func `the vehicle's id is kept where it stands; the last of two counts`() throws {
        let text = #"{"time":1795170000000,"motion":true,"vehicle":"A","vehicle":"truck-7"}"#
        let buffer = try decode(text)
        #expect(buffer.hasIdentities)
        #expect(buffer.reports.first?.identityBytes(in: Array(text.utf8).span) == Array("truck-7".utf8))
        let without = try decode(#"{"time":1795170000000,"motion":true,"vehicle":"A","vehicle":null}"#)
        #expect(!without.hasIdentities && without.reports.first?.identity.isEmpty == true)
    }

    @Test(arguments: [
        (#""alarms":"sos""#, "alarms"), (#""alarms":["sos",1]"#, "alarms"), (#""motion":"yes""#, "motion"),
        (#""motion":true,"vehicle":7"#, "vehicle"), (#""battery_pct":101"#, "battery_pct"),
    ])
    func `values that they cannot have are refused`(_ members: String, _ field: String) throws {
        let buffer = try decode(#"{"time":1795170000000,\#(members)}"#)
        #expect(buffer.reports.isEmpty)
        #expect(buffer.problems.first?.field == field)
    }
}
