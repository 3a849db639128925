import Wire

/// The effects of one batch over all shards, in the one order that does not depend on how many shards there are: by step,
/// and within a step that all shards take part in by vehicle.
package struct BatchOutput: Sendable {
    /// The router's effects, those of each shard, and last the answers to queries.
    private var sources: [EffectBuffer]
    private var order: [Reference]
    package private(set) var counters: Counters

    private struct Reference: Sendable {
        var ordinal: Int32
        var source: Int32
        var index: Int32
    }

    /// O(n) where the effects are in order already (one shard), O(n log n) otherwise.
    package init(_ plan: BatchPlan, _ outputs: [Shard.Output]) {
        counters = plan.counters
        for output in outputs { counters += output.counters }
        sources = [plan.effects] + outputs.map(\.effects) + [Self.answers(plan, outputs)]
        order = []
        order.reserveCapacity(sources.reduce(0) { $0 + $1.effects.count })
        for (source, buffer) in sources.enumerated() {
            for (index, effect) in buffer.effects.enumerated() {
                order.append(Reference(ordinal: effect.ordinal, source: Int32(source), index: Int32(index)))
            }
        }
        let sources = self.sources
        func precedes(_ left: Reference, _ right: Reference) -> Bool {
            if left.ordinal != right.ordinal { return left.ordinal < right.ordinal }
            if left.source == right.source, left.source == 0 { return left.index < right.index }
            let leftBuffer = sources[Int(left.source)]
            let rightBuffer = sources[Int(right.source)]
            let leftVehicle = leftBuffer.bytes[leftBuffer.effects[Int(left.index)].vehicle]
            let rightVehicle = rightBuffer.bytes[rightBuffer.effects[Int(right.index)].vehicle]
            if leftVehicle.elementsEqual(rightVehicle) { return left.index < right.index }
            return leftVehicle.lexicographicallyPrecedes(rightVehicle)
        }
        var isOrdered = true
        for index in order.indices.dropFirst() where !precedes(order[index - 1], order[index]) {
            isOrdered = false
            break
        }
        if !isOrdered { order.sort(by: precedes) }
    }

    private static func answers(_ plan: BatchPlan, _ outputs: [Shard.Output]) -> EffectBuffer {
        var buffer = EffectBuffer()
        for item in plan.items.first ?? [] where item.kind == .control {
            guard case .query(_, let query, let address) = plan.controls[Int(item.index)] else { continue }
            let parts = outputs.flatMap { output in
                output.answers.filter { $0.control == Int(item.index) }.map(\.part)
            }
            let whole = PartialAnswer.merge(parts, limit: query.limit)
            let json = whole.json(id: address.id, query: query, receivedTime_ms: address.receivedTime_ms)
            buffer.appendAnswer(json, to: address, ordinal: item.ordinal)
        }
        return buffer
    }

    package var count: Int { order.count }

    /// Calls `body` with every effect in order, and the bytes that its ranges point into.
    package func visit(_ body: (Effect, [UInt8]) throws -> Void) rethrows {
        for reference in order {
            let buffer = sources[Int(reference.source)]
            try body(buffer.effects[Int(reference.index)], buffer.bytes)
        }
    }

    /// What could not be used, for the store's table.
    package var deadLetters: [DeadLetterNote] { sources.flatMap(\.deadLetters) }
}
