import FleetCore
import FleetService
import Wire

/// `fleetbench eta --capture`: the engine over a capture, and its forecasts against the arrivals that came later.
struct ETACapture {
    let path: String
    let fleet: String?
    var topicRoot = "fleets"

    /// An engine and who judges it.
    private struct Engine {
        private var processor: Processor
        private var output = BatchOutput()
        var judge = ETAJudge()

        init(_ topicRoot: String, _ recording: ForecastRecording) {
            processor = Processor(
                topicRoot: topicRoot, shardCount: 1, writesStates: false, resolveTimeZone: TimeZones.rules(named:))
            processor.forecastRecording = recording
            var settings = MessageBatch()
            settings.append(kind: .settings, receivedTime_ms: 0, payload: Settings().json())
            processor.apply(settings, into: &output)
        }

        mutating func apply(_ batch: MessageBatch) {
            processor.apply(batch, into: &output)
            judge.take(output.forecastNotes)
            judge.settle(now_ms: batch.header(at: batch.count - 1).receivedTime_ms)
        }
    }

    /// The lines to print.
    func lines() throws(BenchError) -> [String] {
        // A second engine beside it, which learns no service times: what they are worth.
        var engine = Engine(topicRoot, ForecastRecording(isOn: true))
        var unlearned = Engine(topicRoot, ForecastRecording(isOn: true, learnsService: false))
        var messages = 0
        do throws(ReplayError) {
            let capture = try CaptureBatches(path: path, topicRoot: topicRoot, fleet: fleet)
            while let batch = try capture.next() {
                messages += batch.count
                engine.apply(batch)
                unlearned.apply(batch)
            }
        } catch {
            throw BenchError(error.message)
        }
        engine.judge.finish()
        unlearned.judge.finish()
        guard engine.judge.underWay.sums(.engine, bucket: 7).count > 0 else {
            throw BenchError("\(path) has no stop that was forecast and then reached, in \(messages) messages")
        }
        return Self.report(engine.judge, withoutService: unlearned.judge)
    }

    static func report(_ judge: ETAJudge, withoutService: ETAJudge) -> [String] {
        let all = ETAScore.bucketNames.count - 1
        var lines = judge.underWay.table()
        lines.append("by day             count     MAE s    MAPE %  -1/+5 min %  before P90 %    line s  constant s")
        for (number, day) in judge.days.enumerated() {
            let sums = day.sums(.engine, bucket: all)
            guard sums.count > 0 else { continue }
            lines.append(
                row(
                    "  day \(number + 1)", sums.count,
                    [
                        (sums.mae_s, 10), (sums.mape * 100, 10), (sums.nearShare * 100, 13), (sums.coverage * 100, 14),
                        (day.sums(.line, bucket: all).mae_s, 10), (day.sums(.constant, bucket: all).mae_s, 12),
                    ]))
        }
        lines.append("other                count     MAE s    MAPE %  -1/+5 min %  before P90 %    line s  constant s")
        for (name, score) in [
            ("  before departure", judge.before), ("  service not learned", withoutService.underWay),
        ] {
            let sums = score.sums(.engine, bucket: all)
            lines.append(
                row(
                    name, sums.count,
                    [
                        (sums.mae_s, 10), (sums.mape * 100, 10), (sums.nearShare * 100, 13), (sums.coverage * 100, 14),
                        (score.sums(.line, bucket: all).mae_s, 10), (score.sums(.constant, bucket: all).mae_s, 12),
                    ]))
        }
        let scored = judge.underWay.sums(.engine, bucket: all).count + judge.before.sums(.engine, bucket: all).count
        lines.append("forecasts \(judge.forecasts), of which \(scored) were followed by an arrival")
        lines.append(
            judge.underWay.isBestEverywhere
                ? "the engine is best in every bucket" : "the engine is NOT best in every bucket")
        lines.append("checksum \(Checksum.text(judge.checksum))")
        return lines
    }

    private static func row(_ name: String, _ count: Int, _ values: [(Double, Int)]) -> String {
        var line = name + ETAScore.padded(String(count), to: 26 - name.utf8.count)
        for (value, width) in values { line += ETAScore.padded(ETAScore.tenths(value), to: width) }
        return line
    }
}
