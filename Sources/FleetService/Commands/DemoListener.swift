import Glibc
import Locks
import MQTTTransport
import Wire

/// Hears what the processor publishes, as any subscriber would: what the demonstration shows of deliveries and events went
/// through the broker.
final class DemoListener: Sendable {
    private let receiver: MQTTReceiver
    private let heard: Guarded<DemoDeliveries>

    /// Subscribes; the connection is made, and made again, in the background.
    init(port: Int, topicRoot: String) throws(MQTTError) {
        let heard = Guarded(DemoDeliveries())
        self.heard = heard
        let options = MQTTOptions(
            port: port, clientID: "fleetstream-demo-\(getpid())", cleanStart: true, sessionExpiry_s: 0)
        let filters = ["events/+/+", "sms/requests/+", "state/stops/+"]
        receiver = MQTTReceiver(
            options: options, subscriptions: filters.map { (filter: "\(topicRoot)/demo/\($0)", qos: 1) },
            clock: { 0 },
            handler: { batch in
                heard.withLock { deliveries in
                    for index in 0..<batch.count {
                        let header = batch.header(at: index)
                        guard header.kind == .message else { continue }
                        deliveries.take(
                            topic: Array(batch.bytes[header.topic]), payload: Array(batch.bytes[header.payload]))
                    }
                }
                return .committed
            })
        try receiver.start()
    }

    /// Everything that was heard so far.
    var deliveries: DemoDeliveries { heard.withLock { $0 } }

    func stop() { receiver.stop() }
}
