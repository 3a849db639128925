import Foundation
import TestSupport
import Testing

@testable import FleetService

@Suite struct `Demonstration of deliveries` {
    private func state(
        _ stop: String, _ status: String, p50: String? = nil, _ more: String = "", into deliveries: inout DemoDeliveries
    ) {
        let eta = p50.map { #","eta":{"p50":"2026-11-20T\#($0)Z","p90":"2026-11-20T08:30:00Z"}"# } ?? ""
        let payload =
            #"{"stop":"\#(stop)","vehicle":"truck-01","customer":"C-\#(stop)","status":"\#(status)"\#(eta)\#(more)}"#
        deliveries.take(topic: Array("fleets/demo/state/stops/\(stop)".utf8), payload: Array(payload.utf8))
    }

    private func event(_ type: String, _ data: String, into deliveries: inout DemoDeliveries) {
        let payload =
            #"{"type":"fleetstream.\#(type)","time":"2026-11-20T00:15:30.250Z","data":{"vehicle":"truck-01",\#(data)}}"#
        deliveries.take(topic: Array("fleets/demo/events/x/y".utf8), payload: Array(payload.utf8))
    }

    /// Six stops: one served, three under way, one of them late, one that waits at the depot, one cancelled.
    private var day: DemoDeliveries {
        var deliveries = DemoDeliveries()
        state("S-1", "delivered", into: &deliveries)
        state("S-2", "en_route", p50: "00:40:00", into: &deliveries)
        state("S-3", "en_route", p50: "00:20:05", #","at_risk":true"#, into: &deliveries)
        state(
            "S-4", "departed", p50: "00:50:00",
            #","priority":"emergency","window":{"from":"2026-11-20T00:30:00Z","to":"2026-11-20T01:00:00Z"}"#,
            into: &deliveries)
        state("S-5", "loaded", p50: "00:10:00", into: &deliveries)
        state("S-6", "cancelled", into: &deliveries)
        return deliveries
    }

    private func snapshot(_ deliveries: DemoDeliveries) -> DemoSnapshot {
        var snapshot = DemoSnapshot()
        snapshot.utcOffset_s = 8 * 3600
        snapshot.deliveries = deliveries.summary(arrivals: 100)
        snapshot.newestEvents = deliveries.newestEvents
        return snapshot
    }

    @Test func `counts by status, and the next arrivals, those under way first`() {
        let summary = day.summary(arrivals: 3)
        #expect(
            summary.byStatus == ["delivered": 1, "en_route": 2, "departed": 1, "loaded": 1, "cancelled": 1])
        #expect(summary.total == 6 && summary.atRisk == 1)
        #expect(summary.next.map(\.stop) == ["S-3", "S-2", "S-4"])
        #expect(day.summary(arrivals: 100).next.map(\.stop) == ["S-3", "S-2", "S-4", "S-5"])
    }

    @Test func `the newest state of a stop counts, and an empty one takes it away`() {
        var deliveries = day
        state("S-3", "arrived", into: &deliveries)
        #expect(deliveries.summary(arrivals: 100).next.map(\.stop) == ["S-2", "S-4", "S-5"])
        #expect(deliveries.summary(arrivals: 0).atRisk == 0)
        deliveries.take(topic: Array("fleets/demo/state/stops/S-2".utf8), payload: [])
        #expect(deliveries.summary(arrivals: 0).total == 5)
    }

    @Test func `a window of usual size shows counts, arrivals and events`() {
        var deliveries = day
        event("delivery.arrived", #""stop":"S-1","customer":"C-S-1""#, into: &deliveries)
        event("eta.updated", #""stop":"S-2""#, into: &deliveries)
        event(
            "sms.request", #""kind":"arriving","to":"+886912345678","text":"您的瓦斯約十分鐘後送達"#, into: &deliveries)
        event("sms.request", #""kind":"arriving","to":"+886912345678","text":"約十分鐘後送達""#, into: &deliveries)
        let lines = DemoScreen.plainLines(snapshot(deliveries), width: 80, height: 24)
        #expect(
            lines[7...] == [
                " Deliveries 6  loaded 1  on the way 2  left 1  delivered 1  cancelled 1 ",
                " at risk 1 ",
                " stop            customer      vehicle   arrives   window       ",
                " S-3             C-S-3         truck-01  08:20:05               at risk",
                " S-2             C-S-2         truck-01  08:40:00               ",
                " S-4             C-S-4         truck-01  08:50:00  08:30–09:00  emergency",
                " S-5             C-S-5         truck-01  08:10:00               ",
                "",
                " time      vehicle        event               about",
                " 08:15:30  truck-01       sms request         arriving  +8869••••678  約十分鐘…",
                " 08:15:30  truck-01       arrived             S-1  C-S-1",
                "", "", "", "", "",
                " Ctrl-C stops broker, processor and simulator.",
            ])
        #expect(
            DemoScreen.statusLine(snapshot(deliveries)).hasSuffix(
                "1 of 6 delivered, next S-3 by truck-01 at 08:20:05"))
    }

    @Test func `no line is wider, and no screen higher, than any window`() {
        var deliveries = day
        for number in 0..<40 {
            state(
                "S-\(number)-大安區-with-a-long-name", "en_route", p50: "00:40:00", #","at_risk":true"#, into: &deliveries)
            state("X-\(number)", "status-\(number)", into: &deliveries)
            event("delivery.failed", #""stop":"S-1","reason":"nobody there \#(number)""#, into: &deliveries)
        }
        var troubled = snapshot(deliveries)
        troubled.trouble = "disk full"
        for snapshot in [snapshot(deliveries), troubled] {
            for width in Array(stride(from: 0, through: 120, by: 7)) + [80, 400] {
                for height in Array(stride(from: 0, through: 40, by: 3)) + [24, 100] {
                    let lines = DemoScreen.plainLines(snapshot, width: width, height: height)
                    #expect(lines.count <= height)
                    #expect(lines.allSatisfy { DisplayWidth.columns(of: $0) <= width }, "\(width) × \(height)")
                }
            }
        }
        // Events are not driven out.
        #expect(
            DemoScreen.plainLines(snapshot(deliveries), width: 80, height: 24).filter { $0.contains("failed") }.count
                >= 4)
    }

    @Test func `no telephone number is shown, wherever it stands`() {
        var deliveries = DemoDeliveries()
        event("sms.failed", #""kind":"arrived","to":"+8869••••678","reason":"+886912345678 is off""#, into: &deliveries)
        event("delivery.failed", #""stop":"S-1","reason":"call 0912345678""#, into: &deliveries)
        event("sms.request", #""to":"nobody","text":"call +886 912-345-678""#, into: &deliveries)
        let text = deliveries.newestEvents.map(\.about).joined(separator: "|")
        #expect(!text.contains("345"), "\(text)")
        #expect(text.contains("+8869••••678"))
    }

    @Test func `random bytes and topics are passed over`() {
        for seed in UInt64(1)...300 {
            var random = SplitMix64(seed: seed)
            var deliveries = day
            let texts = [
                "{", "}", "\"status\"", ":", "\"en_route\"", ",", "\"eta\"", "\"p50\"", "1", "[", "\"data\"", "\"",
            ]
            let payload = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                texts.randomElement(using: &random) ?? ""
            }
            let levels = ["state", "stops", "events", "", "S-9", "fleets"]
            let topic = (0..<Int.random(in: 0...5, using: &random)).map { _ in
                levels.randomElement(using: &random) ?? ""
            }
            deliveries.take(topic: Array(topic.joined(separator: "/").utf8), payload: Array(payload.joined().utf8))
            #expect((5...7).contains(deliveries.summary(arrivals: 10).total), "seed \(seed)")
        }
    }

    @Test func `only the newest events are kept`() {
        var deliveries = DemoDeliveries()
        for number in 0..<1000 { event("delivery.assigned", #""stop":"S-\#(number)""#, into: &deliveries) }
        #expect(deliveries.newestEvents.count == DemoDeliveries.eventsMax)
        #expect(deliveries.newestEvents.first?.about == "S-999")
    }
}
