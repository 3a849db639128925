import Signing
import Wire

/// Stops as they were last published. A deleted one leaves its id, so that viewers can be told.
struct StopTable: Sendable {
    private(set) var ids: [[UInt8]] = []
    private(set) var payloads: [[UInt8]] = []
    /// The vehicle that each belongs to, where its state names one.
    private(set) var vehicles: [[UInt8]?] = []
    private(set) var changes = ChangeList()
    private var slots: [[UInt8]: Int] = [:]
    /// Slots of deleted stops, in the order of their deletion; some may have come back since.
    private var deleted: [Int] = []
    private var nextDeleted = 0
    private let fleet: [UInt8]
    private let count_max: Int
    /// The slots of the stops with a finder.
    private var slotsOfFinder: [UInt32: [Int]] = [:]

    init(fleet: String = "", count_max: Int = 50_000) {
        self.fleet = Array(fleet.utf8)
        self.count_max = count_max
    }

    /// The stops that a customer's token with this finder may be of: hardly ever more than one.
    func slots(finder: UInt32) -> [Int] {
        slotsOfFinder[finder] ?? []
    }

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
            guard let made = makeSlot(id) else { return false }
            slot = made
        }
        if payload.isEmpty, !payloads[slot].isEmpty { deleted.append(slot) }
        payloads[slot] = payload
        vehicles[slot] = vehicle
        changes.mark(slot)
        return true
    }

    /// A slot for a new stop; where there are too many, that of the stop which was deleted longest ago: a viewer who has not
    /// heard of its end by now, tens of thousands of stops later, goes on showing it until the page is loaded again.
    private mutating func makeSlot(_ id: [UInt8]) -> Int? {
        if ids.count < count_max {
            slots[id] = ids.count
            ids.append(id)
            payloads.append([])
            vehicles.append(nil)
            slotsOfFinder[finder(of: id), default: []].append(ids.count - 1)
            return ids.count - 1
        }
        while nextDeleted < deleted.count {
            let slot = deleted[nextDeleted]
            nextDeleted += 1
            if nextDeleted > count_max {
                deleted.removeFirst(nextDeleted)
                nextDeleted = 0
            }
            guard payloads[slot].isEmpty else { continue }
            slots[ids[slot]] = nil
            forget(slot, of: finder(of: ids[slot]))
            slots[id] = slot
            ids[slot] = id
            slotsOfFinder[finder(of: id), default: []].append(slot)
            return slot
        }
        return nil
    }

    private func finder(of id: [UInt8]) -> UInt32 { LinkSubject(fleet: fleet, stop: id).finder }

    private mutating func forget(_ slot: Int, of finder: UInt32) {
        slotsOfFinder[finder]?.removeAll { $0 == slot }
        if slotsOfFinder[finder]?.isEmpty == true { slotsOfFinder[finder] = nil }
    }

    func payload(of id: [UInt8]) -> [UInt8]? {
        guard let slot = slots[id], !payloads[slot].isEmpty else { return nil }
        return payloads[slot]
    }
}
