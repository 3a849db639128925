/// What the window shows of all fleets. Filled from the inbox, asked by the site; only the window's thread touches it.
final class FleetView {
    private static let fleets_max = 1_000

    let limits: FleetStore.Limits
    private let topicPrefix: [UInt8]
    private let inbox: FleetInbox
    private var taken = FleetInbox.Content()
    private var stores: [[UInt8]: FleetStore] = [:]
    /// Tells the numbers of this process from those of one before: a viewer that comes back with those begins anew.
    let epoch: UInt64
    /// What did not fit into the inbox.
    private(set) var dropped: UInt64 = 0
    /// Topics that are nobody's, and what the stores passed over.
    private var strange: UInt64 = 0

    init(topicRoot: String, limits: FleetStore.Limits = FleetStore.Limits(), epoch: UInt64, inbox: FleetInbox) {
        topicPrefix = Array(topicRoot.utf8) + [UInt8(ascii: "/")]
        self.limits = limits
        self.epoch = epoch
        self.inbox = inbox
    }

    /// In the order of their names.
    var fleets: [FleetStore] { stores.values.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) } }

    func fleet(_ name: String) -> FleetStore? { stores[Array(name.utf8)] }

    var skipped: UInt64 { stores.values.reduce(strange) { $0 + $1.skipped } }

    /// Takes in what has come since the last time. O(what came).
    func update() {
        inbox.take(into: &taken)
        dropped += taken.dropped
        var start = 0
        for item in taken.items {
            let topicEnd = start + Int(item.topicCount)
            let end = topicEnd + Int(item.payloadCount)
            apply(item.kind, taken.bytes[start..<topicEnd], taken.bytes[topicEnd..<end])
            start = end
        }
    }

    private func apply(_ kind: FleetInbox.Kind, _ topic: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) {
        switch kind {
        case .geofences: store(topic)?.setGeofences(Array(payload))
        case .routes: store(topic)?.setRoutes(Array(payload))
        case .state, .event: publish(kind, topic, payload)
        }
    }

    private func publish(_ kind: FleetInbox.Kind, _ topic: ArraySlice<UInt8>, _ payload: ArraySlice<UInt8>) {
        // {root}/{fleet}/state/{what}/{id}, {root}/{fleet}/events/{group}/{name}
        guard topic.starts(with: topicPrefix) else {
            strange += 1
            return
        }
        let levels = topic.dropFirst(topicPrefix.count)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard levels.count == 4, let store = store(levels[0]) else {
            strange += 1
            return
        }
        switch kind {
        case .event where levels[1].equals("events"):
            store.addEvent(Array(payload))
        case .state where levels[1].equals("state") && levels[2].equals("vehicles"):
            store.setVehicle(Array(levels[3]), Array(payload))
        case .state where levels[1].equals("state") && levels[2].equals("stops"):
            store.setStop(Array(levels[3]), Array(payload))
        default:
            // Requests for messages to people hold their numbers: they are nobody's to see here.
            strange += 1
        }
    }

    private func store(_ name: ArraySlice<UInt8>) -> FleetStore? {
        let key = Array(name)
        if let known = stores[key] { return known }
        guard stores.count < Self.fleets_max else { return nil }
        let made = FleetStore(name: String(decoding: name, as: UTF8.self), limits: limits)
        stores[key] = made
        return made
    }
}
