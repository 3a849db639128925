import Wire

/// One visit of a vehicle to one stop, as its fixes show it.
///
/// What happened has two times: when it was (that of the first fix of the run that proved it), and when that was known (that
/// of the fix that completed the proof). Whoever puts visits and a driver's words in order goes by the second, so that
/// fixes and words that come in the order of time never have to correct one another.
struct StopVisit: Sendable, Equatable {
    struct Moment: Sendable, Equatable, BitwiseCopyable {
        var time_ms: Int64
        /// Never before `time_ms`.
        var known_ms: Int64
    }

    /// How far the vehicle had come.
    struct Odometer: Sendable, Equatable, BitwiseCopyable {
        var distance_m = 0.0
        var driving_ms: Int64 = 0
    }

    var entered: Moment
    /// The vehicle's first fix of all was inside.
    var isInitial = false
    /// It came to stand in the circle, or was in it for the dwell time.
    var arrived: Moment?
    /// Metres from the stop's middle where that was known.
    var arrivalDistance_m: Int64 = 0
    /// It had stood for the service time.
    var service: Moment?
    var left: Moment?
    var odometerEntered = Odometer()
    var odometerLeft = Odometer()
}

extension StopVisit {
    func write(to writer: inout ByteWriter) {
        entered.write(to: &writer)
        writer.write(isInitial)
        writer.write(optional: arrived) { $1.write(to: &$0) }
        writer.write(arrivalDistance_m)
        writer.write(optional: service) { $1.write(to: &$0) }
        writer.write(optional: left) { $1.write(to: &$0) }
        odometerEntered.write(to: &writer)
        odometerLeft.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(entered: try Moment(from: &reader))
        isInitial = try reader.bool()
        arrived = try Moment.readOptional(from: &reader)
        arrivalDistance_m = try reader.integer()
        service = try Moment.readOptional(from: &reader)
        left = try Moment.readOptional(from: &reader)
        odometerEntered = try Odometer(from: &reader)
        odometerLeft = try Odometer(from: &reader)
    }
}

extension StopVisit.Moment {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(known_ms)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(time_ms: try reader.time_ms(), known_ms: try reader.time_ms())
    }

    static func readOptional(from reader: inout ByteReader) throws(SnapshotError) -> Self? {
        try reader.optional { reader throws(SnapshotError) in try Self(from: &reader) }
    }
}

extension StopVisit.Odometer {
    func write(to writer: inout ByteWriter) {
        writer.write(distance_m)
        writer.write(driving_ms)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(distance_m: try reader.sum(), driving_ms: try reader.duration_ms())
    }
}

extension ByteReader {
    /// A duration that can be added to for as long as anybody lives.
    mutating func duration_ms() throws(SnapshotError) -> Int64 {
        let duration_ms: Int64 = try integer()
        guard (0...RFC3339.maximum_ms).contains(duration_ms) else {
            throw SnapshotError(reason: "a duration is out of range")
        }
        return duration_ms
    }
}
