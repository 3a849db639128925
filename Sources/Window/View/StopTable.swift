import Wire

/// Stops as they were last published. A deleted one leaves its id, so that viewers can be told.
struct StopTable: Sendable {
    private(set) var ids: [[UInt8]] = []
    private(set) var payloads: [[UInt8]] = []
    /// The vehicle that each belongs to, where its state names one.
    private(set) var vehicles: [[UInt8]?] = []
    private(set) var changes = ChangeList()
    private var slots: [[UInt8]: Int] = [:]
    private let count_max: Int

    init(count_max: Int = 50_000) { self.count_max = count_max }

    /// False where there are too many, or the payload is no JSON.
    mutating func set(_ id: [UInt8], _ payload: [UInt8]) -> Bool {
        var vehicle: [UInt8]?
        if !payload.isEmpty {
            guard let node = try? JSONNode.parse(payload.span), node.object != nil else { return false }
            vehicle = node["vehicle"]?.string.map { Array($0.utf8) }
        }
        let slot: Int
        if let known = slots[id] {
            slot = known
        } else {
            guard !payload.isEmpty else { return true }
            guard ids.count < count_max else { return false }
            slot = ids.count
            slots[id] = slot
            ids.append(id)
            payloads.append([])
            vehicles.append(nil)
        }
        payloads[slot] = payload
        vehicles[slot] = vehicle
        changes.mark(slot)
        return true
    }

    func payload(of id: [UInt8]) -> [UInt8]? {
        guard let slot = slots[id], !payloads[slot].isEmpty else { return nil }
        return payloads[slot]
    }
}
