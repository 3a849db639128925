import Wire

/// The effects of one batch over all shards, in the one order that does not depend on how many shards there are: by
/// step; within a step the router's first, then by vehicle; retained states last, as `StateEffect` says.
///
/// What one is worked into can be given to the next batch: its buffers are used again.
package struct BatchOutput: Sendable {
    /// The router's effects.
    private var router = EffectBuffer()
    var shards: [Shard.Output] = []
    private var answers = EffectBuffer()
    /// The desks' effects: behind all others of their steps.
    var desks = EffectBuffer()
    /// All effects but states, in order.
    private var order: [Reference] = []
    package private(set) var counters = Counters()
    /// What the further plans of the batch gave, in order; few batches have any.
    private var later: [BatchOutput] = []
    /// Outputs of earlier plans, to be used again.
    private var spare: [BatchOutput] = []

    private struct Reference: Sendable, BitwiseCopyable {
        var ordinal: Int32
        /// -1 for the router, then the shards, and last the answers to queries.
        var source: Int32
        var index: Int32
    }

    package init() {}

    /// O(n) where the effects are in order already (one shard), O(n log n) otherwise.
    package init(_ plan: consuming BatchPlan, _ outputs: [Shard.Output], _ desks: inout Desks) {
        var plan = plan
        shards = outputs
        desks.apply(&plan, outputs, into: &self.desks)
        router = plan.effects
        finish(plan)
    }

    /// Empties it for `count` shards to work into.
    mutating func begin(shards count: Int) {
        if shards.count != count { shards = Array(repeating: Shard.Output(), count: count) }
    }

    /// Takes over the router's effects, once the shards have worked.
    mutating func finish(_ plan: inout BatchPlan) {
        swap(&router, &plan.effects)
        finish(plan)
    }

    /// An output for the next plan of the same batch to work into.
    mutating func makeNext() -> BatchOutput { spare.popLast() ?? BatchOutput() }

    /// Takes in what the next plan of the same batch gave.
    package mutating func append(_ next: BatchOutput) {
        later.append(next)
        counters += next.counters
    }

    private mutating func finish(_ plan: BatchPlan) {
        while let output = later.popLast() { spare.append(output) }
        counters.reset()
        counters += plan.counters
        for index in shards.indices { counters += shards[index].counters }
        writeAnswers(plan)
        order.removeAll(keepingCapacity: true)
        list(router, as: -1)
        for index in shards.indices { list(shards[index].effects, as: index) }
        list(answers, as: shards.count)
        list(desks, as: shards.count + 1)
        var isOrdered = true
        for index in order.indices.dropFirst() where !precedes(order[index - 1], order[index]) {
            isOrdered = false
            break
        }
        if isOrdered { return }
        var order = self.order
        self.order = []
        order.sort(by: precedes)
        self.order = order
    }

    private mutating func list(_ buffer: borrowing EffectBuffer, as source: Int) {
        for index in buffer.effects.indices {
            order.append(
                Reference(ordinal: buffer.effects[index].ordinal, source: Int32(source), index: Int32(index)))
        }
    }

    private func precedes(_ left: Reference, _ right: Reference) -> Bool {
        if left.ordinal != right.ordinal { return left.ordinal < right.ordinal }
        if left.source == right.source, left.source == -1 || left.source > shards.count {
            return left.index < right.index
        }
        // The desks have seen what the shards made of the step.
        if left.source > shards.count || right.source > shards.count { return left.source < right.source }
        let leftVehicle = vehicle(left)
        let rightVehicle = vehicle(right)
        if leftVehicle.elementsEqual(rightVehicle) { return left.index < right.index }
        return leftVehicle.lexicographicallyPrecedes(rightVehicle)
    }

    private func vehicle(_ reference: Reference) -> ArraySlice<UInt8> {
        withBuffer(Int(reference.source)) { $0.bytes[$0.effects[Int(reference.index)].vehicle] }
    }

    private func withBuffer<R>(_ source: Int, _ body: (borrowing EffectBuffer) throws -> R) rethrows -> R {
        if source < 0 { return try body(router) }
        if source < shards.count { return try body(shards[source].effects) }
        return source == shards.count ? try body(answers) : try body(desks)
    }

    private mutating func writeAnswers(_ plan: BatchPlan) {
        answers.removeAll()
        guard plan.hasQueries else { return }
        for item in plan.items.first ?? [] where item.kind == .control {
            guard case .query(_, let query, let address) = plan.controls[Int(item.index)] else { continue }
            let parts = shards.flatMap { output in
                output.answers.filter { $0.control == Int(item.index) }.map(\.part)
            }
            let whole = PartialAnswer.merge(parts, limit: query.limit)
            let json = whole.json(id: address.id, query: query, receivedTime_ms: address.receivedTime_ms)
            answers.appendAnswer(json, to: address, ordinal: item.ordinal)
        }
    }

    package var count: Int {
        order.count + shards.reduce(0) { $0 + $1.effects.states.count } + later.reduce(0) { $0 + $1.count }
    }

    /// Calls `body` with every effect in order, and the bytes that its ranges point into.
    package func visit(_ body: (Effect, [UInt8]) throws -> Void) rethrows {
        // The next state of each shard.
        var next = Array(repeating: 0, count: shards.count)
        for reference in order {
            try visitStates(&next, before: reference.ordinal, body)
            try withBuffer(Int(reference.source)) { try body($0.effects[Int(reference.index)], $0.bytes) }
        }
        try visitStates(&next, before: Int32.max, body)
        for output in later { try output.visit(body) }
    }

    /// Merges the shards' states of the steps before `ordinal`.
    private func visitStates(
        _ next: inout [Int], before ordinal: Int32, _ body: (Effect, [UInt8]) throws -> Void
    ) rethrows {
        while true {
            var first: (shard: Int, state: StateEffect)?
            for shard in shards.indices where next[shard] < shards[shard].effects.states.count {
                let state = shards[shard].effects.states[next[shard]]
                guard state.ordinal < ordinal else { continue }
                if let first, !StateEffect.precedes(state, first.state) { continue }
                first = (shard, state)
            }
            guard let first else { return }
            next[first.shard] += 1
            try body(first.state.effect, shards[first.shard].effects.bytes)
        }
    }

    /// What could not be used, for the store's table.
    package var deadLetters: [DeadLetterNote] {
        router.deadLetters + shards.flatMap(\.effects.deadLetters) + desks.deadLetters + later.flatMap(\.deadLetters)
    }

    /// What the desks noted of forecasts and arrivals, in order; see `Processor.forecastRecording`.
    package var forecastNotes: [ForecastNote] { desks.forecastNotes + later.flatMap(\.forecastNotes) }
}
