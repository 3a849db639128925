import Telemetry
import Testing

@Suite struct `Vehicle status` {
    @Test(arguments: [
        ("online", true), ("OFFLINE", false), ("1", true), ("0", false), ("true", true), ("False", false),
        (" online\r\n", true), ("\"online\"", true), ("\"Offline\"", false), (#""o\u006eline""#, true), ("\"1\"", true),
        (#"{"online":true}"#, true), (#"{"online":false,"reason":"lost"}"#, false), (#"{"online":1}"#, true),
        (#"{"status":"offline"}"#, false), (#"{"status":"ONLINE","online":true}"#, true),
        (#"{"online":null,"status":"online"}"#, true), (#"{"online":false,"online":true}"#, true),
        (#"{"status":0}"#, false), (#"{"online":"x","online":true}"#, true),
    ])
    func `every form is understood`(payload: String, isOnline: Bool) throws {
        #expect(try status(payload) == VehicleStatus(isOnline: isOnline))
    }

    @Test func `a time may be given`() throws {
        #expect(
            try status(#"{"online":true,"time":"2026-11-20T08:15:30.250+08:00"}"#)
                == VehicleStatus(isOnline: true, time_ms: 1_795_133_730_250))
        #expect(try status(#"{"time":1795133730250,"status":"offline"}"#).time_ms == 1_795_133_730_250)
        #expect(try status(#"{"time":"x","status":"offline","time":null}"#).time_ms == nil)
    }

    @Test(
        arguments: [
            ("", .emptyPayload, 0), ("  ", .emptyPayload, 2), ("on line", .unknownStatus, 0), ("2", .unknownStatus, 0),
            ("\"maybe\"", .unknownStatus, 0), (" \u{7f}", .unknownStatus, 1), ("{}", .missingStatus, 0),
            (#"{"online":true"#, .jsonSyntax, 14), (#"{"online":true}x"#, .jsonSyntax, 15), ("[true]", .wrongType, 0),
            (#"{"online":[]}"#, .wrongType, 10), (#"{"online":2}"#, .unknownStatus, 10),
            (#"{"status":"up"}"#, .unknownStatus, 10), (#"{"online":true,"status":"offline"}"#, .conflictingStatus, 0),
            (#"{"online":true,"time":1795133730}"#, .timeInSeconds, 22),
            (#"{"online":true,"time":true}"#, .wrongType, 22),
        ] as [(String, DecodeReason, Int)])
    func `what is not a status is refused with its place`(payload: String, reason: DecodeReason, offset: Int) {
        #expect(statusFailure(payload)?.reason == reason)
        #expect(statusFailure(payload)?.offset == offset)
    }

    @Test func `a payload beyond the limit is refused`() {
        #expect(statusFailure(String(repeating: " ", count: 65_537))?.reason == .payloadTooLarge)
    }
}
