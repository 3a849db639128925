package import Geo
import Wire

/// A stop of a route as forecasts need it.
package struct PlannedStop: Sendable, Equatable {
    package let place: Coordinate
    /// The window in which service may begin; nil where it is open on that side.
    package internal(set) var windowOpen_ms: Int64?
    package internal(set) var windowClose_ms: Int64?
    package let task: ServiceTask
    /// For a break: how long it lasts. It then is all that is done here.
    package let break_s: Double?
    /// Served, failed, or cancelled: not driven to any more.
    package internal(set) var isDone = false

    /// A place outside of the world is taken to be 0°, 0°; times are brought into the years 1…9999.
    package init(
        place: Coordinate, windowOpen_ms: Int64? = nil, windowClose_ms: Int64? = nil, task: ServiceTask = ServiceTask(),
        break_s: Double? = nil
    ) {
        self.place = place.isValid ? place : Coordinate(latitude: 0, longitude: 0)
        self.windowOpen_ms = windowOpen_ms.map(Self.bounded)
        self.windowClose_ms = windowClose_ms.map(Self.bounded)
        self.task = task
        self.break_s = break_s.flatMap { $0.isFinite && $0 >= 0 ? min($0, 86_400) : nil }
    }

    static func bounded(_ time_ms: Int64) -> Int64 { min(RFC3339.maximum_ms, max(RFC3339.minimum_ms, time_ms)) }

    func write(to writer: inout ByteWriter) {
        writer.write(place.latitude)
        writer.write(place.longitude)
        writer.write(optional: windowOpen_ms) { $0.write($1) }
        writer.write(optional: windowClose_ms) { $0.write($1) }
        writer.write(task.customer)
        writer.write(task.kind)
        writer.write(task.quantity)
        writer.write(optional: task.planned_s) { $0.write($1) }
        writer.write(optional: break_s) { $0.write($1) }
        writer.write(isDone)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        let latitude = try reader.double()
        let place = Coordinate(latitude: latitude, longitude: try reader.double())
        guard place.isValid else { throw SnapshotError(reason: "a stop lies outside of the world") }
        self.place = place
        windowOpen_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() }
        windowClose_ms = try reader.optional { reader throws(SnapshotError) in try reader.time_ms() }
        task = ServiceTask(
            customer: try reader.data(), kind: try reader.data(), quantity: try reader.double(),
            planned_s: try reader.optional { reader throws(SnapshotError) in try reader.double() })
        break_s = try reader.optional { reader throws(SnapshotError) in try reader.double(in: 0...86_400) }
        isDone = try reader.bool()
    }
}
