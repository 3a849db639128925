import BrokerHarness
import FleetService
import Foundation
import Glibc
import Testing

/// A customer's link of a real process: from the message in which it is sent to the page.
@Suite(.serialized) struct `A link in a message` {
    private let files: Folder
    private let stage: Stage
    private let watcher: Watcher

    private static let keys = ["0f1e2d3c4b5a6978", "8796a5b4c3d2e1f0"].map { String(repeating: $0, count: 4) }

    init() throws {
        files = try Folder()
        try FileManager.default.createDirectory(atPath: files.file("sms"), withIntermediateDirectories: true)
        try files.write(
            #"{language: "en", quiet_hours: null, link: "https://gas.example/t/{token}"}"#, to: "sms/messages.json5")
        let kinds = [
            "scheduled", "out_for_delivery", "arriving", "arrived", "delivered", "failed", "rescheduled", "delayed",
            "route_changed", "emergency",
        ]
        let texts = kinds.map { "\($0): \"Look: {link}\"" }.joined(separator: ", ")
        try files.write("{texts: {\(texts)}}", to: "sms/en.json5")
        stage = try Stage(
            features: [],
            settings: [
                "window.listen=127.0.0.1:0", "window.link_keys_file=\(files.file("links.key"))",
                "sms_folder=\(files.file("sms"))", "log.level=info",
            ], isStarted: false)
        try Self.write(Self.keys[0], to: files)
        try stage.service.start()
        watcher = try Watcher(stage.broker, ["fleets/demo/sms/requests/#"])
    }

    private static func write(_ keys: String, to files: Folder) throws {
        try files.write(keys + "\n", to: "links.key")
        chmod(files.file("links.key"), 0o600)
    }

    /// Two orders, and a vehicle that has left the depot towards the first.
    private func beginDay() throws {
        let now = now_ms()
        let prefix = "fleets/demo/dispatch"
        for (index, east_m) in [6000.0, 9000].enumerated() {
            let place = Place(east_m: east_m)
            try stage.broker.publish(
                [#"{"phone":"+88691234567\#(index)","consent":{"sms":true},"language":"en"}"#],
                on: "\(prefix)/customers/C\(index)")
            try stage.broker.publish(
                [
                    #"{"updated":\#(now - 900_000),"customer":"C\#(index)","place":{"lat":\#(place.latitude),"lon":\#(place.longitude)},"items":[]}"#
                ], on: "\(prefix)/orders/O\(index)")
        }
        let depot = Place()
        try stage.broker.publish(
            [
                #"{"updated":\#(now - 900_000),"vehicle":"TRUCK-1","driver":"D-9","depot":{"lat":\#(depot.latitude),"lon":\#(depot.longitude),"radius_m":150},"stops":[{"order":"O0"},{"order":"O1"}]}"#
            ], on: "\(prefix)/routes/R-5")
        try stage.broker.publish(
            Report.drive([0, 0, 0, 0, 300, 600, 900, 1200, 1500], from: now - 280_000), of: "TRUCK-1")
    }

    private func get(_ path: String, _ headers: String = "") throws -> (status: Int, head: String, body: String) {
        let url = try #require(stage.service.status?.window)
        let client = TCPClient(port: try #require(url.split(separator: ":").last.flatMap { Int($0) }))
        client.send("GET \(path) HTTP/1.1\r\nHost: gas.example\r\nConnection: close\r\n\(headers)\r\n")
        let answer = client.readAll()
        let end = try #require(answer.range(of: "\r\n\r\n"))
        return (
            Int(answer.dropFirst(9).prefix(3)) ?? 0, String(answer[..<end.lowerBound]),
            String(answer[end.upperBound...])
        )
    }

    /// The paths of the links that were sent, by stop.
    private func sentPaths() throws -> [String: String] {
        let messages = try watcher.wait(for: "both customers are told that it is on the way") { messages in
            Set(messages.filter { $0.string("kind") == "out_for_delivery" }.compactMap { $0.string("stop") }).count == 2
        }
        var paths: [String: String] = [:]
        for message in messages where message.string("kind") == "out_for_delivery" {
            let text = try #require(message.string("text"))
            #expect(text.hasPrefix("Look: https://gas.example/t/") && text.utf8.count == 60, "\(text)")
            #expect(!text.contains("FLEETSTREAM") && message.number("segments") == 1)
            paths[try #require(message.string("stop"))] = String(text.dropFirst("Look: https://gas.example".count))
        }
        return paths
    }

    @Test func `leads to the delivery's page, before and after a restart, and with new keys beside the old`() throws {
        try beginDay()
        let paths = try sentPaths()
        let (mine, other) = (try #require(paths["O0"]), try #require(paths["O1"]))
        #expect(mine != other)
        func isNext() throws -> Bool { try get(mine + ".json").body.contains("\"status\":\"next\"") }
        try stage.service.wait("the first customer is next", for: 15) { try isNext() }
        try stage.service.wait("the vehicle is shown") { try get(mine + ".json").body.contains("\"distance_m\":4500") }
        let page = try get(mine, "Accept-Language: zh-TW\r\n")
        #expect(page.status == 200 && page.body.contains("下一站就是您") && page.body.contains("4.5 公里"), "\(page)")
        #expect(page.head.contains("Cache-Control: private, no-store"))
        // The other customer does not see where it is, and neither sees the names of anything.
        let second = try get(other + ".json")
        #expect(second.status == 200 && second.body.contains("\"on_the_way\"") && !second.body.contains("vehicle"))
        for text in [page.body, second.body] {
            for word in ["TRUCK", "D-9", "R-5", "O0", "O1", "C0", "C1", "8869"] { #expect(!text.contains(word)) }
        }
        // What was not signed here opens nothing, and the rest of the window knows no such host.
        var forged = Array(mine)
        forged[20] = forged[20] == "x" ? "y" : "x"
        #expect(try get(String(forged)).status == 404)
        #expect(try get("/api/stops").status == 421)

        #expect(stage.service.stop() == 0)
        try Self.write(Self.keys[1] + "\n" + Self.keys[0], to: files)
        try stage.service.start()
        try stage.service.wait("the old link opens", for: 15) { try get(mine).status == 200 }
        let made = try link(["--stop", "O0"])
        #expect(made != mine && made.hasPrefix("/t/"))
        #expect(try get(made).status == 200)
        #expect(stage.service.stop() == 0)
        try Self.write(Self.keys[1], to: files)
        try stage.service.start()
        try stage.service.wait("the new link opens", for: 15) { try get(made).status == 200 }
        #expect(try get(mine).status == 404)
    }

    /// The path of the link that the command makes.
    private func link(_ arguments: [String]) throws -> String {
        let outcome = try run(
            Programs.fleetstream,
            [
                "link", "--fleet", "demo", "--set", "window.link_keys_file=\(files.file("links.key"))", "--set",
                "sms_folder=\(files.file("sms"))",
            ] + arguments)
        #expect(outcome.status == 0 && outcome.output.hasPrefix("https://gas.example/t/"), "\(outcome)")
        return String(outcome.output.dropFirst("https://gas.example".count).dropLast())
    }

    @Test func `the command makes links that end, and says what it lacks`() throws {
        try beginDay()
        let good = try link(["--stop", "O0"])
        try stage.service.wait("the stop is there", for: 15) { try get(good).status == 200 }
        #expect(try get(try link(["--stop", "O7"])).status == 404)
        let past = try run(
            Programs.fleetstream,
            [
                "link", "--fleet", "demo", "--stop", "O0", "--expires", "2020-01-01T00:00:00Z", "--set",
                "window.link_keys_file=\(files.file("links.key"))",
            ])
        #expect(past.status == 64 && past.output.isEmpty)
        let keyless = try run(Programs.fleetstream, ["link", "--fleet", "demo", "--stop", "O0"])
        #expect(keyless.status == 78 && keyless.errors.contains("window.link_keys_file"), "\(keyless)")
        chmod(files.file("links.key"), 0o644)
        let open = try run(
            Programs.fleetstream,
            ["check", "--set", "window.link_keys_file=\(files.file("links.key"))", "--geofences", Programs.geofences])
        #expect(open.status == 1 && open.errors.contains("chmod 600"), "\(open)")
    }
}
