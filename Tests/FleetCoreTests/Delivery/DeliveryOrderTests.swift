import TestSupport
import Testing
import Wire

@testable import FleetCore

/// A delivery's world made from a seed: dispatch, two vehicles, their drivers, in any order.
struct DeliveryWorld {
    enum Step {
        case piece(DeliveryEvidence)
        case fix(Fix, vehicle: Int)
    }

    let settings: DeliverySettings
    var steps: [Step] = []
    let stops = [
        DeliveryDrive.stop("D", north_m: 0, radius_m: 100, kind: .depot), DeliveryDrive.stop("S-1", north_m: 800),
        DeliveryDrive.stop("S-2", north_m: 1600),
    ]

    init(_ random: inout SplitMix64) {
        var settings = DeliverySettings()
        settings.trackFixes = 1024
        self.settings = settings
        for vehicle in 0..<2 {
            let lap = [800.0, 1600, 800, 0, 800, 0]
            let fixes = DeliveryDrive.morning(
                &random, places_m: Array(lap.prefix(random.int(0...6))), tellsSpeed: random.chance(50))
            steps += fixes.map { .fix($0, vehicle: vehicle) }
        }
        for number in 0..<random.int(0...12) {
            let time_s = Double(random.int(0...900)) + Double(number) / 100
            steps.append(.piece(Self.piece(&random, time_s)))
        }
        // Assigned first, so that every story has one.
        steps.append(.piece(.assigned(0.001, items: Goods.cylinders(2), cod: Payment.cash(9).money)))
    }

    private static func piece(_ random: inout SplitMix64, _ time_s: Double) -> DeliveryEvidence {
        let vehicle = random.pick(["V-0", "V-1"])
        switch random.int(0...9) {
        case 0:
            return .assigned(time_s, vehicle: vehicle, route: "R-\(random.int(0...2))", items: Goods.cylinders(2))
        case 1 where random.chance(30): return DeliveryEvidence(time_s, "c-\(time_s)", .cancelled(reason: [1]))
        case 2 where random.chance(50): return DeliveryEvidence(time_s, "u-\(time_s)", .unassigned(reason: [2]))
        case 3: return DeliveryEvidence(time_s, "l-\(time_s)", .loaded(vehicle: DispatchID(vehicle), items: []))
        default:
            let place: WordPlace? = random.chance(40) ? .north(Double(random.int(0...2000))) : nil
            let payment: Payment? = random.chance(40) ? .cash(Int64(random.int(1...9))) : nil
            let reason = random.pick(["", "no_answer", "closed"])
            let kind = random.pick(DriverWord.Kind.allCases)
            return .word(time_s, kind, vehicle: vehicle) { word in
                (word.place, word.payment, word.reason) = (place, payment, Array(reason.utf8))
            }
        }
    }

    /// What a consumer holds for true after the steps in this order.
    func run(
        _ steps: [Step], snapshotAt: Int? = nil, each: (DeliveryHistory) -> Void = { _ in }
    ) throws -> (story: [Consumer.Fact], history: DeliveryHistory, problems: [String]) {
        var history = DeliveryHistory()
        var consumer = Consumer()
        var news: [UInt32] = [0, 0]
        var tracks = [RunTrack([], stops: stops, settings), RunTrack([], stops: stops, settings)]
        for (index, step) in steps.enumerated() {
            switch step {
            case .piece(let piece):
                consumer.read(history.add(piece, track: track(of: piece, tracks), settings))
            case .fix(let fix, let vehicle):
                let change = tracks[vehicle].add(fix, settings)
                guard news[vehicle] != tracks[vehicle].news || history.isConcerned(by: fix) else { continue }
                news[vehicle] = tracks[vehicle].news
                consumer.read(
                    history.observe(
                        tracks[vehicle], of: DispatchID("V-\(vehicle)"), gate: .open, settings,
                        isLate: change == .late))
            }
            if index == snapshotAt {
                var writer = ByteWriter()
                history.write(to: &writer)
                var reader = ByteReader(writer.bytes)
                let read = try DeliveryHistory(from: &reader, fleet: Array("acme".utf8), settings)
                #expect(reader.isAtEnd)
                #expect((read == history) == true)
                history = read
            }
            each(history)
        }
        return (consumer.story, history, consumer.problems)
    }

    /// The track of the vehicle whose driver says something.
    func track(of piece: DeliveryEvidence, _ tracks: [RunTrack]) -> RunTrack? {
        guard case .word(let word) = piece.kind else { return nil }
        return tracks[word.vehicle == DispatchID("V-0") ? 0 : 1]
    }

    /// In the order of their times.
    var sorted: [Step] {
        steps.sorted { time($0) < time($1) }
    }

    private func time(_ step: Step) -> Int64 {
        switch step {
        case .piece(let piece): piece.time_ms
        case .fix(let fix, _): fix.time_ms
        }
    }
}

@Suite struct `Deliveries in any order` {
    @Test(arguments: seeds(30)) func `what a consumer knows in the end is that of the sorted order`(_ seed: UInt64)
        throws
    {
        var random = SplitMix64(seed: seed)
        let world = DeliveryWorld(&random)
        let sorted = try world.run(world.sorted)
        #expect(sorted.problems == [], "seed \(seed)")
        #expect(sorted.story.contains { $0.type == "delivery.assigned" }, "seed \(seed)")
        for round in 0..<2 {
            var steps = world.steps + world.steps.filter { _ in random.chance(10) }
            if round == 0 {
                steps.shuffle(using: &random)
            } else {
                // Mostly in order, some of it much later.
                steps = world.sorted.filter { _ in random.chance(80) } + steps.shuffled(using: &random)
            }
            let other = try world.run(steps, snapshotAt: random.int(0...(steps.count - 1)))
            #expect(other.problems == [], "seed \(seed)")
            #expect(other.story == sorted.story, "seed \(seed)")
            #expect((other.history.summary == sorted.history.summary) == true, "seed \(seed)")
        }
    }

    @Test(arguments: seeds(30)) func `an assigned delivery has one final state, and its events say which`(
        _ seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        var world = DeliveryWorld(&random)
        // Only one assignment, and a word at the end: every story ends.
        world.steps.removeAll { step in
            guard case .piece(let piece) = step else { return false }
            switch piece.kind {
            case .assigned: return piece.time_ms > DeliveryDrive.time(1)
            case .unassigned: return true
            default: return false
            }
        }
        let last = random.pick([DriverWord.Kind.delivered, .partiallyDelivered, .failed, .refused])
        world.steps.append(.piece(.word(2000, last)))
        let result = try world.run(world.steps.shuffled(using: &random))
        let finals = result.story.filter {
            [
                "delivery.delivered", "delivery.partially_delivered", "delivery.failed", "delivery.refused",
                "delivery.cancelled",
            ]
            .contains($0.type)
        }
        try #require(finals.count == 1, "seed \(seed): \(finals)")
        let word =
            result.history.state == .cancelled
            ? "cancelled" : "\(result.history.summary.outcome?.type.name ?? "")"
        #expect(finals[0].type == "delivery.\(word)", "seed \(seed)")
        #expect(result.history.state.isFinal)
        #expect(result.story.count { $0.type == "delivery.assigned" } == 1)
    }

    @Test(arguments: seeds(20)) func `in the order of time, nothing of what fixes and words say is ever corrected`(
        _ seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        var world = DeliveryWorld(&random)
        // One outcome at most: a second one does correct the first.
        world.steps.removeAll { step in
            guard case .piece(let piece) = step, case .word(let word) = piece.kind else { return false }
            return piece.isDecisive || word.kind == .rescheduleRequested
        }
        world.steps.append(.piece(.word(700.5, .delivered, vehicle: "V-1") { $0.place = .north(800) }))
        var history = DeliveryHistory()
        var tracks = [
            RunTrack([], stops: world.stops, world.settings), RunTrack([], stops: world.stops, world.settings),
        ]
        for step in world.sorted {
            let events: [DeskEvent]
            switch step {
            case .piece(let piece): events = history.add(piece, track: world.track(of: piece, tracks), world.settings)
            case .fix(let fix, let vehicle):
                _ = tracks[vehicle].add(fix, world.settings)
                events = history.observe(
                    tracks[vehicle], of: DispatchID("V-\(vehicle)"), gate: .open, world.settings, isLate: false)
            }
            for event in events {
                #expect(event.corrects == nil, "seed \(seed) \(event.type) \(event.time_ms - DeliveryDrive.epoch_ms)")
                #expect(!event.isLate, "seed \(seed) \(event.type) \(event.time_ms - DeliveryDrive.epoch_ms)")
            }
        }
    }

    @Test(arguments: seeds(15)) func `hostile bytes are errors`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let world = DeliveryWorld(&random)
        let history = try world.run(world.sorted).history
        var writer = ByteWriter()
        history.write(to: &writer)
        for _ in 0..<100 {
            var bytes = writer.bytes
            for _ in 0..<random.int(1...3) { bytes[random.int(0...(bytes.count - 1))] = UInt8(random.int(0...255)) }
            if random.chance(30) { bytes.removeLast(random.int(1...bytes.count)) }
            var reader = ByteReader(bytes)
            guard var odd = try? DeliveryHistory(from: &reader, fleet: [], world.settings) else { continue }
            _ = odd.add(.word(3000, .delivered), world.settings)
            _ = odd.add(.assigned(1), world.settings)
            _ = odd.proofMissing(at: .max, world.settings)
        }
        #expect(throws: SnapshotError.self) {
            var reader = ByteReader(Array(writer.bytes.dropLast()))
            _ = try DeliveryHistory(from: &reader, fleet: [], world.settings)
        }
    }

    /// Two deliveries at one place, as a desk keeps them: gates from what is known, one after the other in the sequence.
    @Test(arguments: seeds(30)) func `two at one place are told apart alike in any order`(_ seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let settings = DeliverySettings()
        let pair = [DeliveryDrive.stop("S-1", north_m: 800), DeliveryDrive.stop("S-2", north_m: 820)]
        let fixes = DeliveryDrive.morning(&random, places_m: [800, 0, 800, 0], tellsSpeed: true)
        var words: [(stop: Int, piece: DeliveryEvidence)] = [
            (0, .assigned(0, stop: pair[0])), (1, .assigned(0, stop: pair[1])),
        ]
        for number in 0..<random.int(0...4) {
            let kind = random.pick([DriverWord.Kind.arrived, .delivered, .failed, .departed])
            words.append((random.int(0...1), .word(Double(random.int(60...500)) + Double(number) / 10, kind)))
        }
        func run(_ steps: [Int]) -> [[Consumer.Fact]] {
            var histories = [DeliveryHistory("S-1"), DeliveryHistory("S-2")]
            var consumers = [Consumer(), Consumer()]
            var track = RunTrack([], stops: pair)
            for step in steps {
                if step < fixes.count {
                    _ = track.add(fixes[step], settings)
                } else {
                    let (stop, piece) = words[step - fixes.count]
                    consumers[stop].read(histories[stop].add(piece, track: track, settings))
                }
                for index in pair.indices {
                    let gate = SharedPlaceGate.gates(of: pair.indices.map { (pair[$0], histories[$0].ended_ms) })[index]
                    consumers[index].read(
                        histories[index].observe(track, of: DispatchID("V-1"), gate: gate, settings, isLate: false))
                }
            }
            #expect(consumers.flatMap(\.problems) == [], "seed \(seed)")
            return consumers.map(\.story)
        }
        let order = Array(0..<(fixes.count + words.count))
        let first = run(order)
        #expect(run(order.shuffled(using: &random)) == first, "seed \(seed)")
        // Fixes alone never say that the vehicle arrived at the second while the first is open.
        let byFix = first[1].filter { $0.type == "delivery.arrived" && $0.data.contains(#""source":"fix""#) }
        let ended = first[0].filter { ["delivery.delivered", "delivery.failed"].contains($0.type) }
        #expect(byFix.isEmpty || ended.contains { $0.time_s <= byFix[0].time_s }, "seed \(seed)")
    }
}
