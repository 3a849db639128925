import Geo
import Wire

/// What slows vehicles down in an area for a time: `dispatch/conditions/{id}`, a GeoJSON Feature.
struct ConditionRecord: Sendable, Equatable {
    enum Kind: String, CaseIterable, Sendable { case traffic, closure, weather, construction }

    var version = RecordVersion()
    var kind = Kind.traffic
    var shape: Shape
    /// What part of the usual speed is driven.
    var speedFactor = 1.0
    /// Nobody passes.
    var isClosed = false
    var window: TimeWindow

    init(_ payload: Span<UInt8>, id: DispatchID, reader fences: GeofenceReader) throws(RecordProblem) {
        let reading = fences.readFeature(payload, id: id.text)
        guard let fence = reading.fences.first else {
            let problem = reading.problems.first { !$0.isWarning }
            throw RecordProblem(
                reason: problem?.code.rawValue ?? "no_area", detail: problem?.reason ?? "no area in the payload",
                offset: problem?.offset ?? 0)
        }
        shape = fence.shape
        let feature = try RecordReader(payload)
        guard let properties = try feature.object("properties") else { throw feature.missing("properties") }
        version = try RecordVersion(properties)
        kind = try properties.word("kind", absent: .traffic)
        isClosed = try properties.flag("closed") ?? (kind == .closure)
        speedFactor = try properties.number("speed_factor", 0.05...2) ?? 1
        window = TimeWindow(from_ms: try properties.time_ms("from"), to_ms: try properties.time_ms("to"))
    }
}
