import BrokerHarness
import FleetService
import Foundation
import Testing

/// Deliveries from end to end: `mosquitto_pub` plays the order system, the tracker and the driver's app.
@Suite struct DeliveryTests {
    /// Events of deliveries, routes and money, in the order in which they came, each once.
    private func story(_ messages: [Received]) -> [String] {
        var seen: Set<String> = []
        return messages.filter { message in
            message.isEvent && ["delivery", "route", "finance", "cargo"].contains(message.group)
                && seen.insert(message.id).inserted
        }.map { message in
            let about = message.string("stop") ?? message.string("route") ?? ""
            return "\(message.group).\(message.name) \(about)"
        }
    }

    private func expected(_ round: Round, second: String) -> Set<String> {
        var lines = ["cargo.loaded \(round.route)", "route.departed_depot \(round.route)"]
        lines += ["route.returned_to_depot \(round.route)", "route.completed \(round.route)"]
        for number in 1...2 {
            let ending = number == 1 ? "delivered" : second
            for name in [
                "assigned", "loaded", "en_route", "approaching", "arrived", "service_started", ending, "departed",
            ] {
                lines.append("delivery.\(name) \(round.stop(number))")
            }
            if ending == "delivered" { lines.append("finance.cod_collected \(round.stop(number))") }
        }
        return Set(lines)
    }

    @Test func `an order becomes a delivery, with its events and its retained state`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#", "fleets/demo/state/stops/+"])
        let round = Round(vehicle: "T-1", start_ms: now_ms() - Round.duration_ms, second: .failed)
        try stage.broker.publish(round.messages)
        let messages = try watcher.wait(for: "the end of the route") {
            !$0.events("completed").isEmpty && $0.stopStates[round.stop(2)]?.last == "failed"
        }
        let story = story(messages)
        #expect(Set(story) == expected(round, second: "failed"))
        #expect(story.count == Set(story).count, "\(story)")
        for number in 1...2 {
            let stop = round.stop(number)
            let arrived = try #require(messages.events("arrived").first { $0.string("stop") == stop })
            #expect(arrived.string("vehicle") == "T-1" && arrived.string("order") == round.order(number))
            let difference_ms = (time_ms(arrived.json["time"]) ?? 0) - (round.arrivals_ms[stop] ?? 0)
            // The place is a circle of 60 m, and a fix comes every ten seconds.
            #expect(abs(difference_ms) <= 15_000, "\(difference_ms) ms")
        }
        let failed = try #require(messages.events("failed").first)
        #expect(failed.string("reason") == "nobody_home")
        // Who subscribes later finds how the deliveries stand.
        let late = try Watcher(stage.broker, ["fleets/demo/state/stops/+"])
        let states = try late.wait(for: "retained states") { $0.count >= 2 }
        #expect(states.allSatisfy { $0.isRetained })
        #expect(Set(states.compactMap { $0.json["status"] as? String }) == ["delivered", "failed"])
        #expect(states.allSatisfy { $0.json["eta"] == nil }, "no forecast of a stop that was served")
        #expect(stage.service.status?.input.deadLetters == 0)
    }

    @Test func `an emergency is answered with the vehicles that could go, the nearest first`() throws {
        let stage = try Stage()
        for (vehicle, east_m) in [("far", 4000.0), ("near", 300)] {
            let round = Round(vehicle: vehicle, start_ms: now_ms() - 60_000)
            try stage.broker.publish(round.messages.filter { $0.topic.contains("/dispatch/") })
            let reports = Report.drive([east_m - 20, east_m], from: now_ms() - 20_000, step_s: 10)
            try stage.broker.publish(reports, of: vehicle)
        }
        try stage.service.wait("two vehicles are known") { stage.service.status?.vehicles.total == 2 }
        let place = Place()
        let order = String(
            format:
                #"{"priority":"emergency","place":{"lat":%.7f,"lon":%.7f},"items":[{"product":"LPG-20","quantity":1}]}"#,
            place.latitude, place.longitude)
        let outcome = try run(
            "mosquitto_rr",
            [
                "-h", "127.0.0.1", "-p", "\(stage.broker.port)", "-V", "5", "-q", "1", "-W", "10", "-t",
                "fleets/demo/dispatch/orders/E-1", "-e", "answers/desk-4", "-m", order, "-D", "publish",
                "correlation-data", "ticket 17", "-F", "%j",
            ])
        let answer = try #require(outcome.messages.first, "\(outcome)")
        #expect(answer.topic == "answers/desk-4")
        #expect(answer.properties["correlation-data"] as? String == "ticket 17")
        #expect(answer.json["order"] as? String == "E-1", "\(answer)")
        let candidates = answer.json["candidates"] as? [[String: Any]] ?? []
        #expect(candidates.compactMap { $0["vehicle"] as? String } == ["near", "far"], "\(answer)")
    }

    @Test func `a command reaches its vehicle, and its result is told`() throws {
        let stage = try Stage()
        let watcher = try Watcher(
            stage.broker, ["fleets/demo/events/command/+", "fleets/demo/vehicles/T-1/commands/+"])
        try stage.broker.publish(Report.drive([0, 10], from: now_ms() - 10_000, step_s: 5), of: "T-1")
        try stage.broker.publish(
            [#"{"vehicle":"T-1","command":"position","requested_by":"desk 4"}"#],
            on: "fleets/demo/dispatch/commands/K-1")
        let messages = try watcher.wait(for: "the command") { messages in
            messages.contains { $0.topic.hasSuffix("T-1/commands/K-1") }
        }
        let command = try #require(messages.first { $0.topic.hasSuffix("T-1/commands/K-1") })
        #expect(command.json["command"] as? String == "position", "\(command)")
        for status in ["accepted", "done"] {
            try stage.broker.publish(
                [#"{"status":"\#(status)","time":\#(now_ms())}"#], on: "fleets/demo/vehicles/T-1/commands/K-1/result")
        }
        let told = try watcher.wait(for: "its end") { !$0.events("done").isEmpty }
        #expect(told.filter(\.isEvent).map(\.name) == ["sent", "acknowledged", "done"])
        #expect(told.events("done").first?.string("command") == "K-1")
    }

    @Test func `a kill in the middle of a route loses nothing and tells nothing twice`() throws {
        let stage = try Stage()
        let watcher = try Watcher(stage.broker, ["fleets/demo/events/#", "fleets/demo/state/stops/+"])
        let round = Round(vehicle: "T-1", start_ms: now_ms() - Round.duration_ms)
        let undisturbed = Round(vehicle: "T-2", start_ms: round.start_ms)
        try stage.broker.publish(undisturbed.messages)
        var rest = round.messages[...]
        for _ in 0..<4 {
            // What is sent while the process is dead waits at the broker.
            try stage.broker.publish(rest.prefix(20))
            stage.service.kill()
            try stage.broker.publish(rest.dropFirst(20).prefix(10))
            try stage.service.start()
            rest = rest.dropFirst(30)
        }
        try stage.broker.publish(rest)
        let messages = try watcher.wait(for: "the end of both routes", timeout_s: 30) { messages in
            Set(messages.events("completed").compactMap { $0.string("route") }).count == 2
                && [round, undisturbed].allSatisfy { messages.stopStates[$0.stop(2)]?.last == "delivered" }
        }
        let story = story(messages)
        #expect(Set(story) == expected(round, second: "delivered").union(expected(undisturbed, second: "delivered")))
        #expect(story.count == Set(story).count, "\(story)")
        // What one id stands for does not change.
        let ids = Dictionary(grouping: messages.filter(\.isEvent), by: \.id)
        #expect(ids.values.allSatisfy { Set($0.map(\.payload)).count == 1 })
        // The same with kills as without.
        let times = { (round: Round) in
            self.times(messages, round)
        }
        #expect(times(round) == times(undisturbed))
    }

    /// What was told of a round's stops, with its time; forecasts are of the moment.
    private func times(_ messages: [Received], _ round: Round) -> Set<String> {
        Set(
            messages.filter { $0.isEvent && $0.string("vehicle") == round.vehicle && $0.group == "delivery" }
                .filter { $0.name != "assigned" }
                .map { message in
                    let stop = message.string("stop")?.last.map(String.init) ?? ""
                    return "\(message.name) \(stop) \((time_ms(message.json["time"]) ?? 0) - round.start_ms)"
                })
    }
}

extension Received {
    /// The level before the last one: the group of an event.
    var group: String { topic.split(separator: "/").dropLast().last.map(String.init) ?? "" }
}

extension [Received] {
    /// The statuses that each stop's state had, in the order in which they came.
    var stopStates: [String: [String]] {
        var states: [String: [String]] = [:]
        for message in self where message.topic.contains("/state/stops/") {
            if let status = message.json["status"] as? String { states[message.name, default: []].append(status) }
        }
        return states
    }
}
