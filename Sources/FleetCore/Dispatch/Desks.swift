package import Forecast
package import Wire

/// The desks of all fleets: what works on dispatch behind the shards, one message after the other.
///
/// What a desk does depends on the order of the log alone: neither on the number of shards nor on how messages are split
/// into batches.
package struct Desks: Sendable {
    private let topicRoot: [UInt8]
    private let writesStates: Bool
    private let resolveTimeZone: Router.TimeZoneResolver
    /// By the fleet's number; nil where a fleet has none.
    private(set) var desks: [Desk?] = []
    private var order: [Reference] = []
    /// For those who measure forecasts. It is no part of the state.
    package var forecastRecording = ForecastRecording() {
        didSet { for index in desks.indices { desks[index]?.recording = forecastRecording } }
    }

    /// A movement of a shard or an item of the plan, in the order of their steps.
    private struct Reference: Sendable, BitwiseCopyable {
        var ordinal: Int32
        /// -1 for the plan's items.
        var source: Int32
        var index: Int32
    }

    package init(
        topicRoot: String, writesStates: Bool = true, resolveTimeZone: @escaping Router.TimeZoneResolver
    ) {
        self.resolveTimeZone = resolveTimeZone
        self.topicRoot = Array(topicRoot.utf8)
        self.writesStates = writesStates
    }

    /// Works through what a plan and the shards' outputs hold for the desks. O(n log n) in items and movements.
    package mutating func apply(
        _ plan: inout BatchPlan, _ outputs: [Shard.Output], into effects: inout EffectBuffer
    ) {
        effects.removeAll()
        order.removeAll(keepingCapacity: true)
        for index in plan.deskItems.indices {
            order.append(Reference(ordinal: plan.deskItems[index].step.ordinal, source: -1, index: Int32(index)))
        }
        for source in outputs.indices {
            for index in outputs[source].effects.movements.indices {
                order.append(
                    Reference(
                        ordinal: outputs[source].effects.movements[index].ordinal, source: Int32(source),
                        index: Int32(index)))
            }
        }
        if order.isEmpty { return }
        // A step is one message, and a message is of one vehicle: of one step come either items or one shard's movements.
        order.sort { ($0.ordinal, $0.source, $0.index) < ($1.ordinal, $1.source, $1.index) }
        for reference in order {
            if reference.source < 0 {
                apply(plan.deskItems[Int(reference.index)], into: &effects)
            } else {
                move(outputs[Int(reference.source)].effects.movements[Int(reference.index)], into: &effects)
            }
        }
        for index in desks.indices { desks[index]?.handOver(&plan.counters) }
    }

    private func makeDesk(_ fleet: [UInt8]) -> Desk {
        var desk = Desk(
            fleet: fleet, topicRoot: topicRoot, writesStates: writesStates, resolveTimeZone: resolveTimeZone)
        desk.recording = forecastRecording
        return desk
    }

    /// What each fleet that has a desk has learned, by the bytes of the fleets' names.
    package var learned: [(fleet: [UInt8], values: LearnedValues)] {
        desks.compactMap { desk in desk.map { ($0.fleet, $0.learned) } }
            .sorted { $0.fleet.lexicographicallyPrecedes($1.fleet) }
    }

    private mutating func apply(_ item: DeskItem, into effects: inout EffectBuffer) {
        if case .open(let name) = item.input {
            while desks.count <= item.fleet { desks.append(nil) }
            desks[item.fleet] = makeDesk(name)
            return
        }
        desks[item.fleet]?.apply(item.input, step: item.step, into: &effects)
    }

    private mutating func move(_ movement: FollowedFix, into effects: inout EffectBuffer) {
        let step = Engine.Step(ordinal: movement.ordinal, receivedTime_ms: movement.receivedTime_ms)
        desks[Int(movement.fleet)]?.move(movement, step: step, into: &effects)
    }

    func _checkInvariants() {
        for desk in desks { desk?._checkInvariants() }
    }

    // MARK: - Snapshots

    package func snapshot() -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Snapshot.format)
        writer.write(UInt32(desks.count))
        for desk in desks {
            writer.write(optional: desk) { writer, desk in
                writer.write(desk.fleet)
                desk.write(to: &writer)
            }
        }
        return writer.bytes
    }

    /// Takes over what `snapshot` wrote.
    package mutating func restore(_ bytes: [UInt8]) throws(SnapshotError) {
        var reader = ByteReader(bytes)
        try Snapshot.checkFormat(&reader)
        var restored: [Desk?] = []
        for _ in 0..<(try reader.count()) {
            guard try reader.bool() else {
                restored.append(nil)
                continue
            }
            var desk = makeDesk(try reader.data())
            try desk.read(from: &reader)
            restored.append(desk)
        }
        guard reader.isAtEnd else { throw SnapshotError(reason: "bytes are left over in the desks' part") }
        desks = restored
    }
}
