import TestSupport
import Testing
import Wire

@testable import FleetCore

/// Requests as dispatch writes them, and answers as vehicles do.
@Suite struct `Command messages` {
    private func read(_ text: String, id: String = "c-1") throws(CommandFault) -> CommandMessage {
        try CommandMessage(Array(text.utf8), id: DispatchID(id))
    }

    private func request(_ text: String) throws -> CommandRequest? {
        if case .request(let request) = try read(text) { request } else { nil }
    }

    @Test(arguments: [
        ("position", "", "{}"),
        ("position", #","parameters":{}"#, "{}"),
        ("position", #","parameters":null"#, "{}"),
        ("interval", #","parameters":{"seconds":1}"#, #"{"seconds":1}"#),
        ("interval", #","parameters":{"seconds":86400}"#, #"{"seconds":86400}"#),
        ("temperature", #","parameters":{"setpoint_c":-40}"#, #"{"setpoint_c":-40}"#),
        ("temperature", #","parameters":{"setpoint_c": 4.50}"#, #"{"setpoint_c":4.5}"#),
        ("geofence_push", #","parameters":{"geofence":"depot"}"#, #"{"geofence":"depot"}"#),
        ("geofence_push", #","parameters":{"remove":true,"geofence":"d"}"#, #"{"geofence":"d","remove":true}"#),
        ("lock", "", "{}"), ("unlock", "", "{}"), ("release", "", "{}"),
        ("immobilise", #","reason":"r","requested_by":"chief""#, "{}"),
    ]) func `every command and its parameters are read`(_ command: String, _ rest: String, _ parameters: String) throws
    {
        let request = try #require(try request(#"{"vehicle":"V-1","command":"\#(command)"\#(rest),"unknown":[1]}"#))
        #expect("\(request.command.word)" == command)
        #expect(String(decoding: request.parameters, as: UTF8.self) == parameters)
        #expect(request.vehicle.text == "V-1")
    }

    @Test func `a pushed feature is checked and written anew`() throws {
        let feature = """
            {"type":"Feature","id":"f","geometry":{"type":"Point","coordinates":[121.5, 25.0]},
             "properties":{"radius_m":100, "name":"倉庫"}}
            """
        let request = try #require(
            try request(#"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":\#(feature)}}"#))
        #expect(
            String(decoding: request.parameters, as: UTF8.self) == #"{"geofence":{"type":"Feature","id":"f","#
                + #""geometry":{"type":"Point","coordinates":[121.5,25]},"properties":{"radius_m":100,"name":"倉庫"}}}"#)
    }

    @Test func `all members are read`() throws {
        let request = try #require(
            try request(
                #"{"id":"c-1","status":"open","vehicle":"V-1","command":"lock","expires":"2026-11-20T08:00:00+08:00","#
                    + #""timeout_s":3600,"retries":0,"reason":"why","requested_by":"who"}"#))
        #expect(request.expiry == .at(time_ms: 1_795_132_800_000))
        #expect(request.timeout_s == 3600 && request.retries == 0)
        #expect(request.reason == Array("why".utf8) && request.requestedBy == Array("who".utf8))
    }

    @Test(arguments: ["", #"{"status":"cancelled"}"#, #"{"vehicle":"V","command":"lock","status":"cancelled"}"#])
    func `an empty payload and the status cancelled cancel`(_ text: String) throws {
        #expect(try read(text) == .cancel(reason: nil, requestedBy: nil))
    }

    static let faults: [(String, CommandFault.Reason)] = [
        ("[]", .notAnObject), ("{", .jsonSyntax), ("null", .notAnObject),
        (#"{"command":"lock"}"#, .missingVehicle),
        (#"{"vehicle":"","command":"lock"}"#, .invalidVehicle),
        (#"{"vehicle":"a/b","command":"lock"}"#, .invalidVehicle),
        (#"{"vehicle":7,"command":"lock"}"#, .wrongType),
        (#"{"vehicle":"V"}"#, .missingCommand),
        (#"{"vehicle":"V","command":"explode"}"#, .unknownCommand),
        (#"{"vehicle":"V","command":"Lock"}"#, .unknownCommand),
        (#"{"vehicle":"V","command":["lock"]}"#, .wrongType),
        (#"{"id":"c-2","vehicle":"V","command":"lock"}"#, .identityMismatch),
        (#"{"vehicle":"V","command":"lock","status":"done"}"#, .unknownStatus),
        (#"{"vehicle":"V","command":"immobilise","requested_by":"chief"}"#, .missingReason),
        (#"{"vehicle":"V","command":"immobilise","requested_by":"chief","reason":""}"#, .missingReason),
        (#"{"vehicle":"V","command":"immobilise","reason":"r"}"#, .missingRequester),
        (#"{"vehicle":"V","command":"interval"}"#, .missingParameter),
        (#"{"vehicle":"V","command":"interval","parameters":{}}"#, .missingParameter),
        (#"{"vehicle":"V","command":"interval","parameters":[]}"#, .wrongType),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":0}}"#, .outOfRange),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":86401}}"#, .outOfRange),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":1e308}}"#, .outOfRange),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":1.5}}"#, .notAnInteger),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":"9"}}"#, .wrongType),
        (#"{"vehicle":"V","command":"interval","parameters":{"seconds":9,"metres":1}}"#, .unknownParameter),
        (#"{"vehicle":"V","command":"lock","parameters":{"door":1}}"#, .unknownParameter),
        (#"{"vehicle":"V","command":"temperature","parameters":{"setpoint_c":-40.01}}"#, .outOfRange),
        (#"{"vehicle":"V","command":"temperature","parameters":{"setpoint_c":41}}"#, .outOfRange),
        (#"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":""}}"#, .invalidGeofence),
        (#"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":7}}"#, .wrongType),
        (#"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":{"type":"Feature"}}}"#, .invalidGeofence),
        (
            #"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":{"type":"Feature"},"remove":true}}"#,
            .conflictingParameters
        ),
        (#"{"vehicle":"V","command":"geofence_push","parameters":{"geofence":"f","remove":1}}"#, .wrongType),
        (#"{"vehicle":"V","command":"lock","expires_s":0}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","expires_s":604801}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","expires":"tomorrow"}"#, .invalidTime),
        (#"{"vehicle":"V","command":"lock","expires":1.7e9}"#, .invalidTime),
        (#"{"vehicle":"V","command":"lock","expires":1e300}"#, .invalidTime),
        (#"{"vehicle":"V","command":"lock","expires":1800000000000,"expires_s":5}"#, .conflictingExpiry),
        (#"{"vehicle":"V","command":"lock","timeout_s":0}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","timeout_s":3601}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","retries":11}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","retries":-1}"#, .outOfRange),
        (#"{"vehicle":"V","command":"lock","reason":5}"#, .wrongType),
        (#"{"vehicle":"V","command":"lock","reason":"\#(String(repeating: "x", count: 501))"}"#, .textTooLong),
    ]

    @Test(arguments: faults) func `what is wrong is named`(_ text: String, _ reason: CommandFault.Reason) {
        do {
            let message = try read(text)
            Issue.record("\(text) was read as \(message)")
        } catch {
            #expect(error.reason == reason, "\(text): \(error)")
            #expect(error.fault.reason == reason.rawValue)
            #expect((error.offset ?? -1) >= 0 && (error.offset ?? .max) <= text.utf8.count, "\(text): \(error)")
        }
    }

    @Test func `a payload of more than 64 KiB is not read`() {
        let text = #"{"vehicle":"V","command":"lock","x":"\#(String(repeating: "y", count: 65_536))"}"#
        #expect(throws: CommandFault.self) { try read(text) }
    }

    @Test(arguments: seeds(300)) func `no broken text is a crash`(_ seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bytes = Array(random.pick(Self.faults).0.utf8)
        for _ in 0..<random.int(1...6) where !bytes.isEmpty {
            let place = random.int(0...(bytes.count - 1))
            switch random.int(0...2) {
            case 0: bytes[place] = UInt8(random.int(0...255))
            case 1: bytes.remove(at: place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(random.int(1...9)), at: place)
            }
        }
        do {
            _ = try CommandMessage(bytes, id: DispatchID("c-1"))
        } catch {
            #expect((error.offset ?? 0) <= bytes.count, "seed \(seed): \(error)")
        }
        _ = try? CommandResult(bytes)
    }

    @Test func `results are read`() throws {
        let result = try CommandResult(Array(#"{"status":"refused","reason":"driving","time":1800000000000}"#.utf8))
        #expect(result == CommandResult(status: .refused, reason: Array("driving".utf8), time_ms: 1_800_000_000_000))
        for status in CommandResult.Status.allCases {
            #expect(try CommandResult(Array(#"{"status":"\#(status.word)"}"#.utf8)).status == status)
        }
    }

    @Test(arguments: [
        ("", CommandFault.Reason.jsonSyntax), ("{}", .missingStatus), (#"{"status":null}"#, .missingStatus),
        (#"{"status":"Done"}"#, .unknownStatus), (#"{"status":1}"#, .wrongType),
        (#"{"status":"done","time":"x"}"#, .invalidTime), (#""done""#, .notAnObject),
    ]) func `broken results are named`(_ text: String, _ reason: CommandFault.Reason) {
        #expect { try CommandResult(Array(text.utf8)) } throws: { ($0 as? CommandFault)?.reason == reason }
    }
}
