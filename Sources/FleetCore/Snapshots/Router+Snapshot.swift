package import Geo
package import Wire

extension Router {
    /// What the router knows, as bytes: rules, geofences, fleets.
    package func snapshot() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Snapshot.format)
        writer.write(settings.json())
        writer.write(ruleBook.json())
        writer.write(lastTick_s)
        writer.write(lastSurvey)
        writer.write(lastResumed_ms)
        writer.write(UInt32(files.count))
        for key in files.keys.sorted() {
            let fences = files[key]?.fences ?? [:]
            writer.write(key)
            writer.write(UInt32(fences.count))
            for id in fences.keys.sorted() {
                writer.write(id)
                writer.write(fences[id]?.feature ?? [])
            }
        }
        writer.write(UInt32(fleets.count))
        for fleet in fleets {
            writer.write(fleet.name)
            writer.write(UInt32(fleet.published.count))
            for id in fleet.published.keys.sorted() {
                writer.write(id)
                writer.write(optional: fleet.published[id] ?? nil) { $0.write($1.feature) }
            }
        }
        writer.write(adapters.json())
        writer.write(UInt32(watches.count))
        for watch in watches { watch.write(to: &writer) }
        writer.write(messageRules.json())
        writer.write(commandRules.json())
        writer.write(UInt32(followed.count))
        for vehicles in followed {
            writer.write(vehicles.isOpen)
            writer.write(UInt32(vehicles.ids.count))
            for id in vehicles.ids { writer.write(id) }
        }
        return writer.bytes
    }

    /// Takes over what `snapshot` wrote.
    package mutating func restore(_ bytes: [UInt8]) throws(SnapshotError) {
        var reader = ByteReader(bytes)
        try Snapshot.checkFormat(&reader)
        let json = try reader.data()
        guard var read = Settings(json: json.span) else { throw SnapshotError(reason: "its settings are not JSON") }
        read.localTime = localTime(of: read)
        settings = read
        let rules = try reader.data()
        guard let book = RuleBook(json: rules.span) else { throw SnapshotError(reason: "its rules are not JSON") }
        ruleBook = book
        lastTick_s = try reader.integer()
        lastSurvey = try reader.integer()
        lastResumed_ms = try reader.timeOrNever_ms()
        files = [:]
        for _ in 0..<(try reader.count()) {
            let key = try reader.string()
            var fences = FileFences()
            for _ in 0..<(try reader.count()) {
                let id = try reader.string()
                let feature = try reader.data()
                if let source = source(id, feature) { fences.change(id, to: source) }
            }
            files[key] = fences
        }
        fleets = []
        fleetNumbers = [:]
        lastFleet = nil
        lastTelemetry = ([], 0)
        for _ in 0..<(try reader.count()) {
            let number = openFleet(named: try reader.data())
            for _ in 0..<(try reader.count()) {
                let id = try reader.string()
                let feature = try reader.optional { reader throws(SnapshotError) in try reader.data() }
                if let feature {
                    guard let source = source(id, feature) else { continue }
                    fleets[number].published[id] = source
                    fleets[number].upsert(source.fence)
                } else {
                    fleets[number].published[id] = .some(nil)
                    fleets[number].remove(id, step: Engine.Step(ordinal: 0, receivedTime_ms: 0))
                }
            }
            _ = fleets[number].applyPending()
        }
        let adapterText = try reader.data()
        guard let known = Adapters(json: adapterText.span) else {
            throw SnapshotError(reason: "its adapters are not those of this version")
        }
        adapters = known
        watches = []
        for _ in 0..<(try reader.count()) { watches.append(try FleetWatch(from: &reader)) }
        guard watches.count <= fleets.count else {
            throw SnapshotError(reason: "more fleets are watched than there are")
        }
        let messageText = try reader.data()
        guard let messages = MessageRules(json: messageText.span) else {
            throw SnapshotError(reason: "its rules of messages are not those of this version")
        }
        messageRules = messages
        let commandText = try reader.data()
        guard let commands = CommandRules(json: commandText.span) else {
            throw SnapshotError(reason: "its rules of commands are not JSON")
        }
        commandRules = commands
        followed = []
        for _ in 0..<(try reader.count()) {
            var vehicles = FollowedVehicles()
            vehicles.isOpen = try reader.bool()
            for _ in 0..<(try reader.count()) {
                guard vehicles.number(of: try reader.data()).isNew else {
                    throw SnapshotError(reason: "a vehicle is followed twice")
                }
            }
            followed.append(vehicles)
        }
        guard followed.count <= fleets.count else { throw SnapshotError(reason: "more desks than fleets") }
        guard reader.isAtEnd else { throw SnapshotError(reason: "bytes are left over in the router's part") }
    }

    /// Nil, with a note, for a fence that this version or machine refuses though the one before did not: by a stricter
    /// rule, or for lack of its time zone. That must not keep everything else from starting.
    private mutating func source(_ id: String, _ feature: [UInt8]) -> FenceSource? {
        let read = fenceReader.readFeature(feature.span, id: id)
        guard let fence = read.fences.first else {
            let reason = read.problems.first { !$0.isWarning }?.reason ?? "it is not valid any more"
            lostGeofences.append("geofence '\(id)' of the snapshot: \(reason)")
            return nil
        }
        return FenceSource(fence: fence, feature: feature)
    }

    /// Names and fences of the fleets by number, as shards open them.
    package var fleetSets: [(name: [UInt8], set: FenceSet)] { fleets.map { ($0.name, $0.set) } }
}
