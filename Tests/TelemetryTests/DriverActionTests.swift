import Telemetry
import Testing

@Suite struct `Actions of drivers` {
    private func action(_ payload: String) throws(DecodeError) -> DriverAction {
        try DriverActionDecoder().decode(Array(payload.utf8).span)
    }

    private func failure(_ payload: String) -> DecodeError? {
        do throws(DecodeError) {
            _ = try action(payload)
            return nil
        } catch {
            return error
        }
    }

    private static let place = #""lat":25.0478,"lon":-121.517"#

    @Test func `a manual position, with either form of time`() throws {
        for time in [#""2026-11-20T08:15:30.250+08:00""#, "1795133730250"] {
            guard
                case .manualPosition(let position) = try action(
                    #"{"action":"manual_position","time":\#(time),\#(Self.place)}"#)
            else {
                Issue.record("not a manual position: \(time)")
                continue
            }
            #expect(position.time_ms == 1_795_133_730_250)
            #expect(position.latitude_e7 == 250_478_000 && position.longitude_e7 == -1_215_170_000)
        }
    }

    @Test(arguments: ["shift_start", "", "Manual_Position", "delivered"])
    func `other actions are known to be others`(_ word: String) throws {
        #expect(try action(#"{"action":"\#(word)","time":"never","lat":[]}"#) == .other)
    }

    @Test(
        arguments: [
            ("", .emptyPayload, 0), ("manual_position", .jsonSyntax, 0), ("[]", .wrongType, 0),
            (#"{"action":"manual_position""#, .jsonSyntax, 27), (" {}", .missingAction, 1),
            (#"{"action":null}"#, .missingAction, 0), (#"{"action":7}"#, .wrongType, 10),
            (#"{"action":"manual_position","lat":1,"lon":1}"#, .missingTime, 0),
            (#"{"action":"manual_position","time":1795133730250,"lon":1}"#, .missingLatitude, 0),
            (#"{"action":"manual_position","time":1795133730250,"lat":1,"lon":null}"#, .missingLongitude, 0),
            (#"{"action":"manual_position","time":1795133730250,"lat":"1","lon":1}"#, .wrongType, 55),
            (#"{"action":"manual_position","time":1795133730250,"lat":90.1,"lon":1}"#, .latitudeOutOfRange, 55),
            (#"{"action":"manual_position","time":1795133730250,"lat":1,"lon":-181}"#, .longitudeOutOfRange, 63),
            (#"{"action":"manual_position","time":1795133730250,"lat":0,"lon":0.0}"#, .nullIsland, 55),
            (#"{"action":"manual_position","time":1795133730,"lat":1,"lon":1}"#, .timeInSeconds, 35),
            (#"{"action":"manual_position","time":"soon","lat":1,"lon":1}"#, .invalidTime, 35),
            (#"{"action":"manual_position","time":true,"lat":1,"lon":1}"#, .wrongType, 35),
        ] as [(String, DecodeReason, Int)])
    func `what cannot be used is refused with its place`(payload: String, reason: DecodeReason, offset: Int) {
        #expect(failure(payload)?.reason == reason)
        #expect(failure(payload)?.offset == offset)
    }

    @Test func `payloads beyond the limits are refused`() {
        #expect(failure(String(repeating: " ", count: 65_537))?.reason == .payloadTooLarge)
        let deep = String(repeating: "[", count: 2000) + String(repeating: "]", count: 2000)
        #expect(failure(#"{"action":"x","more":\#(deep)}"#)?.reason == .jsonNesting)
    }
}
