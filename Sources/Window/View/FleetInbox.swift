import Locks

/// Where the pipeline puts what the window may want to show: the only place that both touch. Putting costs a short lock and
/// a copy of the bytes, whoever looks or not; the window's thread takes everything at once by swapping buffers.
package final class FleetInbox: Sendable {
    enum Kind: UInt8, Sendable {
        /// A retained state: topic and payload.
        case state
        /// An event: topic and payload.
        case event
        /// The geofences of a fleet: its name and a GeoJSON FeatureCollection.
        case geofences
        /// The paths of a fleet's open routes: its name and a GeoJSON FeatureCollection.
        case routes
    }

    struct Item: Sendable, BitwiseCopyable {
        var kind: Kind
        var topicCount: Int32
        var payloadCount: Int32
    }

    /// Items whose bytes stand one behind another: topic, payload, topic, payload …
    struct Content: Sendable {
        var bytes: [UInt8] = []
        var items: [Item] = []
        var dropped: UInt64 = 0
    }

    /// The window's thread is woken when so much waits; more than the limit is not taken: the next state of the vehicle
    /// makes up for one that was lost here.
    private static let wakesFrom_bytes = 256 << 10
    private static let limit_bytes = 64 << 20

    private let content = Guarded(Content())
    private let wakeUp: EventSignal

    package init(wakeUp: EventSignal) { self.wakeUp = wakeUp }

    /// A retained state was published. From any thread; does not wait.
    package func putState(topic: [UInt8], payload: [UInt8]) { put(.state, topic, payload) }

    /// An event was committed. From any thread; does not wait.
    package func putEvent(topic: [UInt8], payload: [UInt8]) { put(.event, topic, payload) }

    /// A fleet's geofences are these now. From any thread; does not wait.
    package func putGeofences(fleet: String, featureCollection: [UInt8]) {
        put(.geofences, Array(fleet.utf8), featureCollection)
    }

    /// The paths of a fleet's open routes are these now. From any thread; does not wait.
    package func putRoutes(fleet: String, featureCollection: [UInt8]) {
        put(.routes, Array(fleet.utf8), featureCollection)
    }

    private func put(_ kind: Kind, _ topic: [UInt8], _ payload: [UInt8]) {
        let shallWake = content.withLock { content in
            let before = content.bytes.count
            guard before + topic.count + payload.count <= Self.limit_bytes else {
                content.dropped += 1
                return false
            }
            content.items.append(
                Item(kind: kind, topicCount: Int32(topic.count), payloadCount: Int32(payload.count)))
            content.bytes += topic
            content.bytes += payload
            return before < Self.wakesFrom_bytes && content.bytes.count >= Self.wakesFrom_bytes
        }
        if shallWake { wakeUp.signal() }
    }

    /// Takes what came, and leaves an empty buffer for what comes. `taken` is the one of the last time: its memory is used
    /// again.
    func take(into taken: inout Content) {
        taken.bytes.removeAll(keepingCapacity: taken.bytes.capacity <= 4 * Self.wakesFrom_bytes)
        taken.items.removeAll(keepingCapacity: true)
        var empty = Content()
        swap(&empty, &taken)
        taken = content.withLock { content in
            let full = content
            content = empty
            return full
        }
    }
}
