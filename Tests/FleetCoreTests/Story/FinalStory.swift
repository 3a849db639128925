import Foundation
import Wire

@testable import FleetCore

/// What is left of a stream of events when every correction has been followed: what a consumer holds in the end.
struct FinalStory {
    /// By id; taken out when corrected.
    private(set) var events: [String: Event] = [:]
    /// Ids that were corrected.
    private(set) var corrected: Set<String> = []
    private(set) var faults: [String] = []

    init(_ outcomes: [Outcome]) {
        for outcome in outcomes where outcome.kind == .event {
            let event = Event(outcome)
            if event.type == "vehicle.online" || event.type == "vehicle.offline" { continue }
            if events[event.id] != nil || corrected.contains(event.id) {
                // What is refused at the door is refused again when it is sent again.
                if !["older_than_window", "future_time", "null_island"].contains(event.reason) {
                    faults.append("an id comes twice: \(event.text)")
                }
                continue
            }
            let json = outcome.json
            if let id = json["corrects"]?.string {
                if events.removeValue(forKey: id) == nil { faults.append("corrects nothing: \(event.text)") }
                corrected.insert(id)
            }
            events[event.id] = event
        }
    }

    /// The events at each fence by each vehicle, as they follow one another.
    var byVisitor: [String: [Event]] {
        // At one moment an exit comes before what follows it, and an entry before what happens inside.
        let ranks = ["geofence.exited": 0, "geofence.crossed": 1, "geofence.entered": 2]
        func key(_ event: Event) -> (Int64, Int) { (event.time_ms, ranks[event.type] ?? 3) }
        let visits = events.values.filter { !$0.fence.isEmpty }
        return Dictionary(grouping: visits) { "\($0.source) \($0.vehicle) \($0.fence)" }
            .mapValues { $0.sorted { key($0) < key($1) } }
    }

    /// What happened, in order of time; what was taken back is not among it.
    var lines: [String] {
        events.values.filter { !$0.type.hasSuffix(".retracted") }
            .map { "\($0.vehicle) \($0.time_ms - epoch_ms) \($0.type) \($0.dataText)" }.sorted()
    }

    /// The same without the tracks of incidents.
    var linesWithoutEvidence: [String] {
        lines.map { line in
            guard let start = line.range(of: ",\"track\":[")?.lowerBound else { return line }
            return String(line[..<start])
        }
    }
}

extension Event {
    /// The `data` as it stands.
    var dataText: String { String(text[(text.range(of: "\"data\":")?.upperBound ?? text.startIndex)...]) }
}
