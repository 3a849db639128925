import TestSupport
import Testing

/// The published schemas and the AsyncAPI document describe what there is.
@Suite(.enabled(if: SchemaCheck.isAvailable)) struct `Published schemas` {
    @Test(arguments: ["schemas", "examples", "asyncapi"])
    func `they are what they should be`(_ what: String) throws {
        let answer = try #require(SchemaCheck.run([what]))
        #expect(answer.status == 0, "\(answer.text)")
    }

    @Test(arguments: [
        (#"fleets/a/vehicles/v/commands/c/result {"status":"done"}"#, true),
        (#"fleets/a/vehicles/v/commands/c/result {"status":"perhaps"}"#, false),
        (#"fleets/a/vehicles/v/commands/c/result {"status":"#, false),
        ("fleets/a/vehicles/v/status offline", true), ("fleets/a/vehicles/v/status away", false),
        ("fleets/a/dispatch/orders/o ", true), ("fleets/a/vehicles/v/telemetry ", false),
        (#"fleets/a/vehicles/v/nothing {"status":"done"}"#, false),
        (#"fleets/a/events/vehicle/online {"specversion":"1.0"}"#, false),
        (#"fleets/a/dispatch/commands/c {"vehicle":"v","command":"immobilise","reason":"r","requested_by":"x"}"#, true),
        (#"fleets/a/dispatch/commands/c {"vehicle":"v","command":"immobilise","requested_by":"x"}"#, false),
        (#"fleets/a/dispatch/commands/c {"vehicle":"v","command":"interval","parameters":{"seconds":0}}"#, false),
        (#"fleets/a/dispatch/commands/c {"vehicle":"v","command":"lock","parameters":{"door":1}}"#, false),
        (
            #"fleets/a/dispatch/commands/c {"vehicle":"v","command":"lock","expires_s":5,"expires":1800000000000}"#,
            false
        ),
        (
            #"fleets/a/dispatch/geofences/f {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}}"#,
            false
        ),
        (#"fleets/a/dispatch/queries/q {"geofence":"f","nearest":{"lat":1,"lon":2}}"#, false),
        (#"fleets/a/vehicles/v/telemetry {"time":1800000000000,"lat":1}"#, false),
        (#"fleets/a/vehicles/v/telemetry {"time":1800000000,"lat":1,"lon":1}"#, false),
    ])
    func `messages are told apart`(_ line: String, _ isValid: Bool) throws {
        let answer = try #require(try SchemaCheck.messages([line]))
        #expect(answer.status == (isValid ? 0 : 1), "\(answer.text)")
    }
}
