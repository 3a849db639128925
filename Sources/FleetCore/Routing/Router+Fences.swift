package import Geo
import Telemetry
import Wire

extension Router {
    /// The key of the files for every fleet without files of its own.
    static let anyFleet = "+"

    var fenceReader: GeofenceReader {
        GeofenceReader(defaultTimeZone: settings.timeZone, timeZones: resolveTimeZone)
    }

    /// A Feature on `dispatch/geofences/{fence}`; an empty payload deletes. It takes precedence over the files.
    mutating func changeGeofence(
        _ batch: MessageBatch, _ frame: Int, _ topic: Topic, fleet: Int, step: Engine.Step, into plan: inout BatchPlan
    ) {
        let header = batch.header(at: frame)
        let start = header.topic.lowerBound
        let idRange = (start + topic.id.lowerBound)..<(start + topic.id.upperBound)
        let id = String(decoding: batch.bytes[idRange], as: UTF8.self)
        if header.payload.isEmpty {
            let isInFiles = files[fleets[fleet].fileKey]?.fences[id] != nil
            fleets[fleet].published[id] = isInFiles ? .some(nil) : nil
            fleets[fleet].remove(id, step: step)
            hasPendingFences = true
            return
        }
        let feature = Array(batch.bytes[header.payload])
        let read = fenceReader.readFeature(feature.span, id: id)
        if let fence = read.fences.first {
            fleets[fleet].published[id] = FenceSource(fence: fence, feature: feature)
            fleets[fleet].upsert(fence)
            hasPendingFences = true
            return
        }
        let problem = read.problems.first { !$0.isWarning }
        let fault = Fault(
            reason: problem?.code.rawValue ?? "no_geofence", detail: problem?.reason ?? "no geofence in the payload",
            offset: problem?.offset)
        plan.effects.appendDeadLetter(
            fault, fleet: fleets[fleet].name, topicPrefix: topicPrefix(of: fleet),
            message: MessageView(batch, frame), step: step)
        plan.counters.deadLetters += 1
    }

    /// A fence of a file; the frame's topic is `{fleet or +}/{fence id}`. The shell has checked it.
    mutating func changeFileGeofence(_ batch: MessageBatch, _ header: FrameHeader, step: Engine.Step) {
        guard let (key, id) = Self.splitFileTopic(batch.bytes[header.topic]) else { return }
        var source: FenceSource?
        if !header.payload.isEmpty {
            let feature = Array(batch.bytes[header.payload])
            let read = fenceReader.readFeature(feature.span, id: id)
            guard let fence = read.fences.first else { return }
            source = FenceSource(fence: fence, feature: feature)
        }
        if files[key] == nil { giveOwnFiles(key, step: step) }
        // The empty id only says that the fleet has files of its own, if without fences.
        if id.isEmpty { return }
        files[key, default: FileFences()].change(id, to: source)
        for number in fleets.indices where fleets[number].fileKey == key && fleets[number].published[id] == nil {
            hasPendingFences = true
            if let source { fleets[number].upsert(source.fence) } else { fleets[number].remove(id, step: step) }
        }
    }

    /// A fleet that was served with the files for every fleet has files of its own from now on.
    private mutating func giveOwnFiles(_ key: String, step: Engine.Step) {
        files[key] = FileFences()
        guard key != Self.anyFleet, let number = fleetNumbers[Array(key.utf8)] else { return }
        for id in (files[fleets[number].fileKey]?.fences ?? [:]).keys.sorted() where fleets[number].published[id] == nil
        {
            fleets[number].remove(id, step: step)
            hasPendingFences = true
        }
        fleets[number].fileKey = key
    }

    /// Reads all fences anew, because those whose schedule names no time zone go by another one now. (A snapshot keeps
    /// texts: what is read from it must be what was in force.) A fence that cannot be read so stays as it is.
    mutating func rereadGeofences() {
        func reread(_ id: String, _ source: FenceSource) -> FenceSource? {
            guard source.fence.schedule != nil,
                let fence = fenceReader.readFeature(source.feature.span, id: id).fences.first, fence != source.fence
            else { return nil }
            return FenceSource(fence: fence, feature: source.feature)
        }
        for (key, known) in files {
            for (id, source) in known.fences {
                guard let changed = reread(id, source) else { continue }
                files[key]?.change(id, to: changed)
                for number in fleets.indices where fleets[number].fileKey == key && fleets[number].published[id] == nil
                {
                    fleets[number].upsert(changed.fence)
                }
            }
        }
        for number in fleets.indices {
            for (id, source) in fleets[number].published {
                guard let source, let changed = reread(id, source) else { continue }
                fleets[number].published[id] = changed
                fleets[number].upsert(changed.fence)
            }
        }
        hasPendingFences = true
    }

    static func splitFileTopic(_ topic: ArraySlice<UInt8>) -> (key: String, id: String)? {
        guard let slash = topic.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        return (
            String(decoding: topic[..<slash], as: UTF8.self), String(decoding: topic[(slash + 1)...], as: UTF8.self)
        )
    }

    func topicPrefix(of fleet: Int) -> [UInt8] {
        topicRoot + [UInt8(ascii: "/")] + fleets[fleet].name + [UInt8(ascii: "/")]
    }

    // MARK: - Telling the shards

    /// Hands pending changes to the shards: before the next message that could notice, and always those of all fleets, so
    /// that what follows from one file in several fleets is told in one order.
    mutating func flushFences(in plan: inout BatchPlan) {
        guard hasPendingFences else { return }
        hasPendingFences = false
        geofencesVersion += 1
        for fleet in fleets.indices where fleets[fleet].hasPending {
            let removed = fleets[fleet].applyPending()
            // What follows from it carries the steps of the removals: this one marks nothing.
            let step = Engine.Step(ordinal: 0, receivedTime_ms: 0)
            broadcast(.fences(fleet: fleet, fleets[fleet].set, removed: removed), step: step, in: &plan)
        }
    }

    // MARK: - What the shell asks

    /// The fences of the files as they are now, by fleet key and id, with the text of each: what a changed folder is
    /// compared with.
    package func fileGeofences() -> [String: [String: [UInt8]]] {
        files.mapValues { $0.fences.mapValues(\.feature) }
    }

    /// The frame's topic for a fence of a file.
    package static func fileGeofenceTopic(fleet: String, id: String) -> [UInt8] { Array("\(fleet)/\(id)".utf8) }

    /// The geofences of a fleet as the shards have them.
    package func geofences(of fleet: String) -> FenceSet? {
        fleetNumbers[Array(fleet.utf8)].map { fleets[$0].set }
    }

    /// Geofences over all fleets; while no fleet is open, those of the files.
    package var geofenceCount: Int {
        if fleets.isEmpty { return files.values.reduce(0) { $0 + $1.fences.count } }
        return fleets.reduce(0) { $0 + $1.set.count }
    }

    /// How long the state of a vehicle may be held back.
    package var stateInterval_s: Int { settings.stateInterval_s }
}
