import Wire

/// What is done at a stop, as far as it tells how long it takes.
package struct ServiceTask: Sendable, Equatable {
    /// The customer's id; empty where there is none.
    package var customer: [UInt8]
    /// "delivery", "pickup", …
    package var kind: [UInt8]
    /// Pieces that are handed over or taken.
    package var quantity: Double
    /// What dispatch planned, in seconds; nil where it did not.
    package var planned_s: Double?

    package init(customer: [UInt8] = [], kind: [UInt8] = [], quantity: Double = 0, planned_s: Double? = nil) {
        self.customer = customer
        self.kind = kind
        self.quantity = quantity.isFinite ? min(1000, max(0, quantity)) : 0
        self.planned_s = planned_s.flatMap { $0.isFinite && $0 > 0 ? min($0, 86_400) : nil }
    }
}

/// How long service takes: a base by customer, drawn towards that of the kind, that towards all, and a time for each piece.
///
/// A plan by dispatch counts as much as it has been right: its mean error is compared with that of what was learned without it.
package struct ServiceTimes: Sendable, Equatable {
    package static let customerLimit = 60_000
    package static let kindLimit = 64
    /// Nothing learned takes longer: a vehicle that stands for hours is not serving.
    package static let longest_s = 4.0 * 3600

    /// A mean that forgets: sum of seconds over count.
    private(set) var customers = BoundedIndex<[UInt8]>(limit: Self.customerLimit)
    private(set) var customerMeans: [Ratio] = []
    private(set) var kinds = BoundedIndex<[UInt8]>(limit: Self.kindLimit)
    private(set) var kindMeans: [Ratio] = []
    var all = Ratio()
    var pieces = PieceTimes()
    /// Measured over planned seconds.
    var plans = Ratio()
    /// Mean absolute error, in seconds, of the plan with its ratio, and of what is learned without it.
    var planError = Ratio()
    var learnedError = Ratio()
    /// How measured times lie around the expected ones.
    var spread = ServiceSpread()

    private static let prior_s = 180.0

    package init() {}

    package var customerCount: Int { customers.count }

    /// Seconds that the task is expected to take once it has begun.
    package func expected_s(_ task: ServiceTask) -> Double {
        let learned = learned_s(task)
        guard let planned = plan_s(task) else { return learned }
        guard let place = customers.place(of: task.customer) else { return blended(planned, learned) }
        // The more is known of the customer, the less the plan matters.
        let known = Double(customerMeans[place].expected)
        let share = known / (known + 2)
        return share * learned + (1 - share) * blended(planned, learned)
    }

    private func plan_s(_ task: ServiceTask) -> Double? {
        task.planned_s.map { min(Self.longest_s, max(5, $0 * plans.shrunk(to: 1, weight: 1800))) }
    }

    /// Weights are the inverses of the squared errors.
    private func blended(_ planned: Double, _ learned: Double) -> Double {
        let a = planError.shrunk(to: 60, weight: 5)
        let b = learnedError.shrunk(to: 120, weight: 5)
        let weight = b * b / max(1e-9, a * a + b * b)
        return weight * planned + (1 - weight) * learned
    }

    /// Without the plan.
    private func learned_s(_ task: ServiceTask) -> Double {
        let general = all.shrunk(to: Self.prior_s, weight: 3)
        let kind =
            kinds.place(of: task.kind).map { kindMeans[$0].shrunk(to: general, weight: 5) } ?? general
        let base =
            customers.place(of: task.customer).map { customerMeans[$0].shrunk(to: kind, weight: 1.5) } ?? kind
        return min(Self.longest_s, max(5, base + pieces.each_s * task.quantity))
    }

    /// A task took so long from the moment the vehicle stood and the window was open.
    package mutating func observe(_ task: ServiceTask, took_s: Double) {
        guard took_s.isFinite, took_s >= 1, took_s <= Self.longest_s else { return }
        let expected = expected_s(task)
        let learned = learned_s(task)
        spread.observe(took_s / expected)
        if let planned = task.planned_s, let corrected = plan_s(task) {
            planError.observe(measured: max(1, abs(took_s - corrected)), expected: 1, limit: 500)
            learnedError.observe(measured: max(1, abs(took_s - learned)), expected: 1, limit: 500)
            plans.observe(measured: took_s, expected: planned, limit: 300_000)
        }
        pieces.observe(quantity: task.quantity, took_s: took_s)
        // One visit that went wrong says no more than four times the usual.
        let base_s = max(1, min(took_s, 4 * learned) - pieces.each_s * task.quantity)
        all.observe(measured: base_s, expected: 1, limit: 2000)
        let kind = openKind(task.kind)
        kindMeans[kind].observe(measured: base_s, expected: 1, limit: 500)
        guard !task.customer.isEmpty else { return }
        let customer = openCustomer(task.customer)
        customerMeans[customer].observe(measured: base_s, expected: 1, limit: 20)
    }

    private mutating func openKind(_ id: [UInt8]) -> Int {
        switch kinds.claim(id) {
        case .known(let place): return place
        case .appended(let place):
            kindMeans.append(Ratio())
            return place
        case .replaced(let place):
            kindMeans[place] = Ratio()
            return place
        }
    }

    private mutating func openCustomer(_ id: [UInt8]) -> Int {
        switch customers.claim(id) {
        case .known(let place): return place
        case .appended(let place):
            customerMeans.append(Ratio())
            return place
        case .replaced(let place):
            customerMeans[place] = Ratio()
            return place
        }
    }

    /// Put stored values in place, for an import.
    mutating func setKind(_ id: [UInt8], _ mean: Ratio) { kindMeans[openKind(id)] = mean }
    mutating func setCustomer(_ id: [UInt8], _ mean: Ratio) { customerMeans[openCustomer(id)] = mean }

    func checkInvariants() {
        customers.checkInvariants()
        kinds.checkInvariants()
        precondition(customerMeans.count == customers.count && kindMeans.count == kinds.count)
        precondition((customerMeans + kindMeans + [all, plans, planError, learnedError]).allSatisfy(\.isValid))
    }

    func write(to writer: inout ByteWriter) {
        customers.write(to: &writer) { $0.write($1) }
        for mean in customerMeans { writer.write(mean) }
        kinds.write(to: &writer) { $0.write($1) }
        for mean in kindMeans { writer.write(mean) }
        for ratio in [all, plans, planError, learnedError] { writer.write(ratio) }
        pieces.write(to: &writer)
        spread.write(to: &writer)
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        customers = try BoundedIndex(from: &reader, limit: Self.customerLimit) { reader throws(SnapshotError) in
            try reader.data()
        }
        customerMeans = try reader.ratios(customers.count)
        kinds = try BoundedIndex(from: &reader, limit: Self.kindLimit) { reader throws(SnapshotError) in
            try reader.data()
        }
        kindMeans = try reader.ratios(kinds.count)
        all = try reader.ratio()
        plans = try reader.ratio()
        planError = try reader.ratio()
        learnedError = try reader.ratio()
        pieces = try PieceTimes(from: &reader)
        spread = try ServiceSpread(from: &reader)
    }
}
