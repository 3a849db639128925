package import Geo
package import Wire

/// All that the fleet's past has taught: speeds, service times, and how far off forecasts were.
///
/// A value: the same calls in the same order give the same values. Bounded: 50,000 segments, 20,000 vehicles, 60,000 customers.
package struct LearnedValues: Sendable, Equatable {
    /// Written first; other formats are refused.
    static let format: UInt16 = 1

    package var speeds = SpeedModel()
    package var service = ServiceTimes()
    var residuals = Residuals()

    package init() {}

    /// Seconds from one place to another on roads that nobody named, leaving at a time: for proposals of vehicles that have no route
    /// there.
    /// - Parameter vehicle: whose own ratio counts; nil for the fleet's mean.
    package func openTravel_s(
        from start: Coordinate, to end: Coordinate, at time_ms: Int64, vehicle: [UInt8]? = nil, zone: TimeZoneRules
    ) -> Double {
        var walk = TravelWalk(start_ms: time_ms, zone: zone, speeds)
        walk.driveOpen(
            speeds.drivenLength_m(straight_m: start.distance_m(to: end)),
            ratio: vehicle.map { speeds.vehicleRatio($0) } ?? 1)
        return walk.time_s
    }

    /// A service took so long, from when the vehicle stood there and the window was open.
    package mutating func observeService(_ task: ServiceTask, took_s: Double) { service.observe(task, took_s: took_s) }

    /// A vehicle reached a stop: every prediction made for it is compared with that time.
    package mutating func observeArrival(at arrived_ms: Int64, _ log: PredictionLog) {
        for prediction in log.predictions where prediction.made_ms < arrived_ms {
            let late_ms = arrived_ms &- prediction.raw_ms
            guard late_ms.magnitude < 86_400_000 else { continue }
            residuals.observe(
                horizon_s: Double(prediction.uncertain_s), hasStopsBefore: prediction.hasStopsBefore,
                error_s: Double(late_ms) / 1000, isAfterP90: arrived_ms > prediction.p90_ms)
        }
    }

    func checkInvariants() {
        speeds.checkInvariants()
        service.checkInvariants()
        precondition(residuals.histograms.allSatisfy(\.isValid))
    }

    package func write(to writer: inout ByteWriter) {
        writer.write(Self.format)
        speeds.write(to: &writer)
        service.write(to: &writer)
        residuals.write(to: &writer)
    }

    package init(from reader: inout ByteReader) throws(SnapshotError) {
        let format: UInt16 = try reader.integer()
        guard format == Self.format else {
            throw SnapshotError(reason: "learned values of format \(format), this version reads \(Self.format)")
        }
        speeds = try SpeedModel(from: &reader)
        service = try ServiceTimes(from: &reader)
        residuals = try Residuals(from: &reader)
    }
}
