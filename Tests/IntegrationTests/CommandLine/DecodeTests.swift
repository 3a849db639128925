import BrokerHarness
import FleetService
import Foundation
import Testing

/// `fleetstream decode`
@Suite struct DecodeTests {
    private func decode(_ format: String, _ payload: String, _ arguments: [String] = []) throws -> Outcome {
        try run(Programs.fleetstream, ["decode", "--format", format] + arguments, input: payload)
    }

    @Test func `a payload is shown as reports in our own form`() throws {
        let flespi = try decode(
            "flespi",
            #"[{"ident":"A","timestamp":1795170030.5,"position.latitude":25,"position.longitude":121.5,"position.speed":36}]"#
                + "\n")
        #expect(flespi.status == 0 && flespi.errors.isEmpty)
        #expect(
            flespi.output
                == #"{"time":"2026-11-20T10:20:30.500Z","vehicle":"A","lat":25,"lon":121.5,"speed_kmh":36.0}"# + "\n")
        // What comes out is the native form.
        #expect(try decode("native", flespi.output).output == flespi.output)
        let received = try decode("thingsboard", #"{"rpm":900}"#, ["--received", "1795170030"])
        #expect(received.output == #"{"time":"2026-11-20T10:20:30.000Z","rpm":900.0}"# + "\n")
    }

    @Test func `problems go to standard error with their byte, and fail`() throws {
        let place = try decode("owntracks", #"{"_type":"location","tst":1795170030,"lat":91,"lon":2}"#)
        #expect(place.status == 1 && place.output.isEmpty)
        #expect(place.errors == "latitude_out_of_range of lat at byte 43\n")
        let cut = try decode("traccar", #"{"position":"#)
        #expect(cut.status == 1 && cut.errors.contains("json_syntax at byte 12"), "\(cut)")
        let card = try decode("owntracks", #"{"_type":"card"}"#)
        #expect(card.status == 0 && card.output.isEmpty && card.errors.contains("neither report nor status"))
    }

    @Test func `the command line is checked`() throws {
        #expect(try run(Programs.fleetstream, ["decode"]).status == 64)
        let misspelt = try decode("owntrack", "{}")
        #expect(misspelt.status == 64 && misspelt.errors.contains("did you mean owntracks?"), "\(misspelt)")
        let missing = try run(Programs.fleetstream, ["decode", "--format", "flespi", "/nowhere.json"])
        #expect(missing.status == 74 && missing.errors.contains("/nowhere.json"))
        let folder = try Folder()
        let file = try folder.write("offline", to: "will")
        #expect(
            try run(Programs.fleetstream, ["decode", "--format=status", file]).output == "{\"status\":\"offline\"}\n")
    }
}
