import Testing
import Wire

@testable import FleetCore
@testable import Forecast

/// What a desk forecasts and learns: noted for those who measure it, and replaced by an import.
@Suite struct `Learning at the desk` {
    private func desk(_ world: World) throws -> Desk { try NorthRoad.desk(world) }

    // MARK: - Notes

    /// The notes of an ordinary day, and the state in the end.
    private func notes(_ recording: ForecastRecording) -> ([ForecastNote], Snapshot) {
        var processor = Processor(topicRoot: "fleets", shardCount: 1, resolveTimeZone: testTimeZone)
        processor.forecastRecording = recording
        var notes: [ForecastNote] = []
        for frame in OrdinaryDay().script.frames {
            var batch = MessageBatch()
            frame.append(to: &batch)
            notes += processor.apply(batch).forecastNotes
        }
        return (notes, processor.snapshot())
    }

    @Test func `nothing is noted unless it is asked for, and noting changes nothing`() {
        let (silent, state) = notes(ForecastRecording())
        let (noted, recorded) = notes(ForecastRecording(isOn: true))
        #expect(silent.isEmpty && !noted.isEmpty)
        #expect(state.parts == recorded.parts)
        let (_, unlearned) = notes(ForecastRecording(isOn: true, learnsService: false))
        #expect(unlearned.desks != recorded.desks)
    }

    @Test func `forecasts are noted at every fix, arrivals as the history has them`() throws {
        let (noted, _) = notes(ForecastRecording(isOn: true))
        var expected: [ForecastNote.Expected] = []
        var arrived: [[UInt8]: ForecastNote.Arrived] = [:]
        for note in noted {
            switch note {
            case .forecast(let forecast): expected.append(forecast)
            case .arrival(let arrival): arrived[arrival.stop] = arrival
            }
        }
        #expect(
            expected.allSatisfy { $0.fleet == Array("acme".utf8) && $0.p50_ms >= $0.made_ms && $0.p90_ms >= $0.p50_ms })
        let stop = Array("O1".utf8)
        #expect(arrived[stop]?.arrived_ms == milliseconds(380) && arrived[stop]?.arrivals == 1)
        #expect(arrived[Array("O2".utf8)]?.arrived_ms == milliseconds(880))
        // On its way from second 100 on: a fix every ten seconds, 100 m each. That it arrived at 380 is known a little later.
        let underWay = expected.filter { $0.stop == stop && $0.isUnderWay && $0.made_ms < milliseconds(380) }
        #expect(underWay.first?.made_ms == milliseconds(100) && underWay.count == 28)
        for forecast in underWay {
            let driven_m = Double(forecast.made_ms - milliseconds(80)) / 1000 * 10
            #expect(abs(forecast.straight_m - (3000 - driven_m)) < 15 && forecast.path_m == nil)
        }
        let later = expected.filter { $0.stop == Array("O2".utf8) && $0.made_ms == milliseconds(100) }
        #expect(later.count == 1 && abs((later.first?.straight_m ?? 0) - 5800) < 15)
    }

    @Test func `the distance along the path is noted where there is one`() throws {
        var (world, now) = NorthRoad.underWay()
        world.processor.forecastRecording = ForecastRecording(isOn: true)
        var batch = MessageBatch()
        var script = Script()
        script.pass(to: now)
        now = script.drive("V1", from: (now, 1500), to: 1700)
        for frame in script.frames { frame.append(to: &batch) }
        let noted = world.processor.apply(batch).forecastNotes
        #expect(noted.count == 6)
        guard case .forecast(let first) = noted[0], case .forecast(let last) = noted[5] else {
            Issue.record("something else was noted")
            return
        }
        #expect(abs((first.path_m ?? 0) - 1500) < 60 && abs((last.path_m ?? 0) - 7400) < 60)
    }

    // MARK: - Import

    /// What an ordinary day teaches.
    private func learnedOfADay() throws -> [UInt8] {
        var values: [UInt8] = []
        _ = try outcomes(
            of: OrdinaryDay().script.frames, shards: 1, inspect: { values = try desk($0).learned.json() })
        return values
    }

    @Test func `an import takes the place of what a fleet has learned, also of a fleet that nobody named yet`() throws {
        let values = try learnedOfADay()
        #expect(values != LearnedValues().json())
        var world = World()
        world.take(
            Frame(kind: .learned, received_ms: world.now_ms, topic: Array("acme".utf8), payload: values))
        world.flush()
        #expect(try desk(world).learned.json() == values)
        #expect(world.processor.learned.map(\.fleet) == [Array("acme".utf8)] && world.outcomes.isEmpty)
        // The fleet's own work goes on from there, and another fleet has nothing of it.
        world.order("O1", at: 3000, received: 1)
        world.flush()
        #expect(try desk(world).learned.json() == values && world.processor.learned.count == 1)
        world.fleet = "other"
        world.order("O1", at: 3000, received: 1)
        world.flush()
        #expect(world.processor.learned.map { $0.values.json() } == [values, LearnedValues().json()])
    }

    @Test func `a desk goes on with imported values, and forgets its own`() throws {
        var (world, now) = NorthRoad.underWay()
        let own = try desk(world).learned.json()
        let values = try learnedOfADay()
        world.pass(to: now)
        world.take(
            Frame(kind: .learned, received_ms: world.now_ms, topic: Array("acme".utf8), payload: values))
        world.flush()
        #expect(try desk(world).learned.json() == values && own != values)
        now = world.drive("V1", from: (now, 1500), to: 2800)
        world.flush()
        #expect(try desk(world).learned.json() != values)
    }

    @Test(arguments: [
        "", "{", "[]", "{\"format\":\"fleetstream-learned\",\"version\":2}", "{\"format\":\"other\",\"version\":1}",
    ])
    func `what is no export changes nothing`(_ text: String) throws {
        var (world, _) = NorthRoad.underWay()
        let own = try desk(world).learned
        world.take(
            Frame(kind: .learned, received_ms: world.now_ms, topic: Array("acme".utf8), payload: Array(text.utf8)))
        world.flush()
        #expect(try desk(world).learned == own)
    }
}
