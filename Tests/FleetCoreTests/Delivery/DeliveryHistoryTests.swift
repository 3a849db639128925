import TestSupport
import Testing

@testable import FleetCore

@Suite struct `The history of a delivery` {
    private let settings = DeliverySettings()
    private let stops = [
        DeliveryDrive.stop("D", north_m: 0, radius_m: 100, kind: .depot), DeliveryDrive.stop("S-1", north_m: 1000),
    ]

    /// From the depot to the stop, two minutes there from 300 on, and away.
    private let drive: [Fix] =
        stride(from: 0.0, through: 180, by: 20).map { DeliveryDrive.fix($0, north_m: 5, speed_kmh: 0) }
        + (0...9).map { DeliveryDrive.fix(200 + Double($0) * 10, north_m: 100 * Double($0), speed_kmh: 36) }
        + stride(from: 300.0, through: 420, by: 10).map { DeliveryDrive.fix($0, north_m: 1000, speed_kmh: 0) }
        + (1...5).map { DeliveryDrive.fix(420 + Double($0) * 10, north_m: 1000 - 100 * Double($0), speed_kmh: 36) }

    /// Evidence and fixes in the order in which they stand.
    private func run(
        _ pieces: [DeliveryEvidence], fixes: [Fix] = [], gate: SharedPlaceGate = .open
    ) -> (history: DeliveryHistory, consumer: Consumer) {
        var history = DeliveryHistory()
        var consumer = Consumer()
        var track = RunTrack([], stops: stops)
        for fix in fixes {
            let isLate = track.add(fix, settings) == .late
            consumer.read(
                history.observe(track, of: DispatchID("V-1"), gate: gate, settings, isLate: isLate))
        }
        for piece in pieces { consumer.read(history.add(piece, track: track, settings)) }
        #expect(consumer.problems == [])
        return (history, consumer)
    }

    @Test func `a delivery by fixes and a proof`() throws {
        let (history, consumer) = run(
            [
                .assigned(50, items: Goods.cylinders(2), cod: Payment.cash(1600).money),
                DeliveryEvidence(60, "l", .loaded(vehicle: DispatchID("V-1"), items: [])),
                .word(400, .delivered) {
                    $0.items = Goods.cylinders(2)
                    $0.payment = .cash(1600)
                    $0.proof.recipient = Array("林".utf8)
                },
            ], fixes: drive)
        #expect(
            consumer.brief == [
                "50 assigned", "60 loaded", "220 en_route", "300 arrived", "360 service_started", "400 delivered",
                "400 cod_collected", "430 departed",
            ])
        #expect(
            consumer.data(.deliveryDelivered) == [
                #","stop":"S-1","order":"O-1","route":"R-1","driver":"D-1","customer":"C-1","proof":{"recipient":"林"},"#
                    + #""items":[{"product":"LPG-20","quantity":2}],"cod":{"amount":1600,"currency":"TWD","method":"cash"},"#
                    + #""position":{"lat":25.0089932,"lon":121.5,"accuracy_m":5},"distance_m":0"#
            ])
        #expect(consumer.data(.deliveryArrived)[0].contains(#""source":"fix","planned_arrival":"#))
        #expect(consumer.data(.deliveryDeparted)[0].contains(#""service_s":130,"source":"fix""#))
        #expect(
            consumer.data(.financeCodCollected)[0].contains(
                #""amount":1600,"currency":"TWD","method":"cash","expected_amount":1600"#))
        #expect(history.state == .closed(.init(outcome: .delivered, presence: .departed)))
        #expect(history.summary.collections.count == 1)
    }

    @Test func `the driver's words go before the fixes where they come first`() {
        let (_, consumer) = run(
            [
                .assigned(50), .word(310, .arrived), .word(330, .serviceStarted), .word(400, .delivered),
                .word(425, .departed),
            ], fixes: drive)
        #expect(
            consumer.brief == [
                "50 assigned", "220 en_route", "310 arrived", "330 service_started", "400 delivered", "425 departed",
            ])
        for type in [EventType.deliveryArrived, .deliveryServiceStarted, .deliveryDeparted] {
            #expect(consumer.data(type)[0].contains(#""source":"driver""#))
        }
    }

    @Test func `beginning without having arrived is arriving too, and a proof needs no arrival`() {
        let began = run([.assigned(0), .word(10, .serviceStarted)])
        #expect(began.consumer.brief == ["0 assigned", "10 arrived", "10 service_started"])
        let proved = run([.assigned(0), .word(10, .refused) { $0.place = .north(1000) }])
        #expect(proved.consumer.brief == ["0 assigned", "10 refused"])
    }

    @Test(arguments: [(370.0, nil), (371.0, "proof_far_away")] as [(Double, String?)])
    func `a proof is far away beyond the radius, 300 m and its accuracy`(_ distance_m: Double, _ reason: String?) {
        let (history, consumer) = run([
            .assigned(0), .word(10, .delivered) { $0.place = .north(1000 + distance_m) },
        ])
        #expect(history.state.isFinal)
        #expect(consumer.data(.deliveryDelivered)[0].hasSuffix("\"distance_m\":\(Int(distance_m))"))
        #expect(
            consumer.data(.deliveryDisputed).map { $0.contains("\"reason\":\"proof_far_away\",\"distance_m\":371") }
                == (reason == nil ? [] : [true]))
    }

    @Test func `a proof without a visit is disputed, until late fixes show one`() {
        var (history, consumer) = run([.assigned(50), .word(400, .delivered)])
        #expect(consumer.data(.deliveryDisputed)[0].contains(#""reason":"no_visit""#))
        let track = RunTrack(drive, stops: stops)
        let events = history.observe(track, of: DispatchID("V-1"), gate: .open, settings, isLate: true)
        #expect(events.allSatisfy { $0.isLate })
        consumer.read(events)
        #expect(consumer.problems == [])
        #expect(consumer.data(.deliveryDisputed).isEmpty)
        #expect(consumer.brief.contains("300 arrived"))
    }

    @Test func `fewer goods than ordered are a part of the delivery`() {
        let (history, consumer) = run([
            .assigned(0, items: Goods.cylinders(3)),
            .word(10, .delivered) { $0.items = Goods.cylinders(2) },
        ])
        #expect(history.summary.outcome == .partiallyDelivered)
        #expect(consumer.brief.contains("10 partially_delivered"))
        #expect(!Goods.cylinders(3).isFewer(than: Goods.cylinders(3)))
        #expect(![].isFewer(than: Goods.cylinders(3)))
        let huge = [
            Goods(product: Array("LPG-20".utf8), quantity: .max), Goods(product: Array("LPG-20".utf8), quantity: .max),
        ]
        #expect(!huge.isFewer(than: huge))
    }

    @Test func `a second word corrects the first, with the money that it brought`() {
        var (history, consumer) = run([
            .assigned(0, cod: Payment.cash(500).money),
            .word(10, .delivered) { ($0.payment, $0.place) = (.cash(500), .north(1000)) },
        ])
        let events = history.add(
            .word(20, .failed) { ($0.reason, $0.place) = (Array("no_answer".utf8), .north(1000)) }, settings)
        consumer.read(events)
        #expect(consumer.problems == [])
        #expect(events.first { $0.type == .deliveryFailed }?.corrects != nil)
        #expect(consumer.brief == ["0 assigned", "20 failed", "20 reschedule_requested"])
        #expect(history.summary.collections.isEmpty)
        // And it was delivered after all.
        consumer.read(history.add(.word(30, .delivered) { $0.place = .north(1000) }, settings))
        #expect(consumer.problems == [])
        #expect(consumer.brief == ["0 assigned", "30 delivered"])
    }

    @Test func `the same said again adds what it shows and keeps the time`() {
        var (history, consumer) = run([.assigned(0), .word(10, .delivered) { $0.place = .north(1000) }])
        let bare = DeliveryEvidence.word(11, .delivered)
        let nothing = history.add(bare, settings)
        #expect(nothing.isEmpty)
        #expect(history.ignoredReason(of: bare.cause) == .repeated)
        consumer.read(history.add(.word(12, .delivered) { $0.proof.photo = Array("p".utf8) }, settings))
        #expect(consumer.brief == ["0 assigned", "10 delivered"])
        #expect(consumer.data(.deliveryDelivered)[0].contains(#""proof":{"photo":"p"}"#))
    }

    @Test func `a cancellation ends it, after the driver's word it is ignored, and a proof after it is disputed`() {
        let cancel = DeliveryEvidence(20, "c", .cancelled(reason: Array("customer".utf8)))
        let ended = run([.assigned(0), cancel, .word(30, .arrived)])
        #expect(ended.consumer.brief == ["0 assigned", "20 cancelled"])
        #expect(ended.history.ignoredReason(of: Array("arrived-V-1-30.0".utf8)) == .cancelled)
        let late = run([.assigned(0), .word(10, .failed), cancel])
        #expect(late.history.summary.outcome == .failed)
        #expect(late.history.ignoredReason(of: cancel.cause) == .alreadyClosed)
        let proved = run([.assigned(0), cancel, .word(30, .delivered) { $0.payment = .cash(9) }])
        #expect(proved.consumer.brief == ["0 assigned", "20 cancelled", "30 disputed", "30 cod_collected"])
        #expect(proved.consumer.data(.deliveryDisputed)[0].hasSuffix(#""reason":"after_cancellation""#))
        #expect(proved.history.state == .cancelled)
    }

    @Test func `asking for another day ends it, with what the driver says of it`() {
        let (history, consumer) = run([
            .assigned(0),
            .word(10, .rescheduleRequested) {
                $0.reason = Array("holiday".utf8)
                $0.window = TimeWindow(from_ms: DeliveryDrive.epoch_ms)
                $0.place = .north(1000)
            },
        ])
        #expect(Set(consumer.brief) == ["0 assigned", "10 failed", "10 reschedule_requested"])
        #expect(
            consumer.data(.deliveryRescheduleRequested)[0]
                .contains(#""reason":"holiday","window":{"from":"2026-09-21T"#))
        #expect("\(history.state.word)" == "reschedule_requested")
    }

    @Test func `another vehicle takes it over, and may be there already`() {
        var (history, consumer) = run([.assigned(50), .assigned(250, vehicle: "V-2", route: "R-2")], fixes: drive)
        #expect(Set(consumer.brief) == ["50 assigned", "220 en_route", "250 unassigned", "250 assigned"])
        #expect(consumer.data(.deliveryUnassigned)[0].contains(#""route":"R-1""#))
        let track = RunTrack(drive.filter { $0.time_ms < DeliveryDrive.time(400) }, stops: stops)
        consumer.read(history.observe(track, of: DispatchID("V-2"), gate: .open, settings, isLate: false))
        // It had left the depot before.
        #expect(
            consumer.brief == [
                "50 assigned", "220 en_route", "250 assigned", "250 en_route", "250 unassigned", "300 arrived",
                "360 service_started",
            ])
        consumer.read(history.add(.assigned(380, vehicle: "V-1", route: "R-3"), settings))
        #expect(
            consumer.brief.suffix(6) == [
                "380 arrived", "380 assigned", "380 en_route", "380 service_started", "380 unassigned", "430 departed",
            ])
        #expect(consumer.problems == [])
    }

    @Test func `the missing word is told once, after leaving or after standing for long`() throws {
        var (history, _) = run([.assigned(50)], fixes: drive)
        let due_ms = try #require(history.proofMissingDue_ms(settings))
        #expect(due_ms == DeliveryDrive.time(430 + 120))
        let early = history.proofMissing(at: due_ms - 1, settings)
        let told = history.proofMissing(at: due_ms, settings)
        let again = history.proofMissing(at: due_ms + 1, settings)
        #expect(early == nil && again == nil)
        #expect(told?.type == .deliveryProofMissing && told?.time_ms == due_ms)
        var (standing, _) = run([.assigned(50), .word(60, .arrived)])
        #expect(standing.proofMissingDue_ms(settings) == DeliveryDrive.time(60 + 1800))
        _ = standing.add(.word(70, .failed), settings)
        #expect(standing.proofMissingDue_ms(settings) == nil)
    }

    @Test func `of two stops at one place the earlier arrives first, the next when that one has ended`() {
        let first = DeliveryDrive.stop("S-1", north_m: 1000)
        let second = DeliveryDrive.stop("S-2", north_m: 1030)
        let far = DeliveryDrive.stop("S-3", north_m: 2000)
        #expect(SharedPlaceGate.gates(of: [(first, nil), (second, nil), (far, nil)]) == [.open, .closed, .open])
        #expect(SharedPlaceGate.gates(of: [(first, 5), (second, nil)]) == [.open, .after(5)])
        #expect(SharedPlaceGate.gates(of: [(first, 5), (second, 9), (first, nil)]) == [.open, .after(5), .after(9)])
        let closed = run([.assigned(50)], fixes: drive, gate: .closed)
        #expect(closed.consumer.brief == ["50 assigned", "220 en_route"])
        let after = run([.assigned(50), .word(410, .delivered)], fixes: drive, gate: .after(DeliveryDrive.time(390)))
        #expect(
            after.consumer.brief == ["50 assigned", "220 en_route", "390 arrived", "410 delivered", "430 departed"])
        // The one before it ended when the vehicle was gone.
        let gone = run([.assigned(50)], fixes: drive, gate: .after(DeliveryDrive.time(430)))
        #expect(gone.consumer.brief == ["50 assigned", "220 en_route"])
        // A driver's word needs no gate.
        let said = run([.assigned(50), .word(330, .arrived), .word(340, .delivered)], fixes: drive, gate: .closed)
        #expect(said.consumer.brief == ["50 assigned", "220 en_route", "330 arrived", "340 delivered", "430 departed"])
    }

    @Test func `a late fix corrects the time of an arrival`() {
        let sparse = drive.filter { $0.time_ms < DeliveryDrive.time(300) || $0.time_ms >= DeliveryDrive.time(330) }
        var (history, consumer) = run([.assigned(50)], fixes: sparse)
        #expect(consumer.brief.contains("330 arrived"))
        var track = RunTrack(sparse, stops: stops)
        let change = track.add(DeliveryDrive.fix(300, north_m: 1000, speed_kmh: 0), settings)
        #expect(change == .late)
        let events = history.observe(track, of: DispatchID("V-1"), gate: .open, settings, isLate: true)
        let arrival = events.first { $0.type == .deliveryArrived }
        #expect(arrival?.corrects != nil && arrival?.isLate == true)
        consumer.read(events)
        #expect(consumer.problems == [])
        #expect(consumer.brief.contains("300 arrived") && !consumer.brief.contains("330 arrived"))
    }

    @Test func `evidence is limited, what decides the end has room kept, duplicates do nothing`() {
        var history = DeliveryHistory()
        _ = history.add(.assigned(0), settings)
        #expect(history.admit(.assigned(0)) == .duplicate)
        for second in 1...100 { _ = history.add(.word(Double(second), .arrived), settings) }
        #expect(history.evidence.count == DeliveryHistory.evidenceMax)
        #expect(history.dropped == 101 - 64)
        let events = history.add(.word(200, .delivered), settings)
        #expect(events.contains { $0.type == .deliveryDelivered })
        for second in 300...400 {
            _ = history.add(.word(Double(second), second % 2 == 0 ? .failed : .refused), settings)
        }
        #expect(history.evidence.count == DeliveryHistory.decisiveMax)
    }

    @Test func `what was seen stays when the stop leaves the vehicle's route and comes back`() {
        var small = settings
        small.trackFixes = 8
        var history = DeliveryHistory()
        var track = RunTrack(drive, stops: stops, small)
        _ = history.add(.assigned(50), small)
        _ = history.observe(track, of: DispatchID("V-1"), gate: .open, small, isLate: false)
        #expect(history.state == .left)
        for second in 1...20 {
            _ = track.add(DeliveryDrive.fix(500 + Double(second) * 10, north_m: 500, speed_kmh: 0), small)
        }
        #expect(track.settled_ms > DeliveryDrive.time(500))
        for list in [[stops[0]], stops] {
            track.setStops(list, small)
            let events = history.observe(track, of: DispatchID("V-1"), gate: .open, small, isLate: false)
            #expect(events.isEmpty)
        }
        #expect(track.head.visits(of: DispatchID("S-1")).isEmpty)
        #expect(history.state == .left)
    }
}
