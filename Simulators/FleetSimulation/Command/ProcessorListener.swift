import Glibc
import Locks
import MQTTTransport
import Wire

/// Hears what the processor at the other side of the broker wants of vehicles, and of the gateway for text messages.
///
/// Messages come on the receiver's thread, and wait here until the run takes them; beyond `heardMax` the oldest are
/// forgotten, as a vehicle's own memory would.
final class ProcessorListener: Sendable {
    static let heardMax = 10_000

    private let receiver: MQTTReceiver
    private let heard: Guarded<[Heard]>

    private struct Heard: Sendable {
        var topic: [UInt8]
        var payload: [UInt8]
    }

    /// Subscribes; the connection is made, and made again, in the background.
    init(options: CommandOptions) throws(SimulationError) {
        var transport = try BrokerSink.transportOptions(options)
        transport.clientID = "fleetsim-\(getpid())-ears"
        let prefix = "\(options.root)/\(options.fleet)"
        var subscriptions: [MQTTSubscription] = [("\(prefix)/vehicles/+/commands/+", 1)]
        if options.answersSMS { subscriptions.append(("\(prefix)/sms/requests/+", 1)) }
        let heard = Guarded<[Heard]>([])
        self.heard = heard
        receiver = MQTTReceiver(
            options: transport, subscriptions: subscriptions, limits: BatchLimits(maxPayload_bytes: 65_536),
            clock: { WallClock.now_ms() },
            handler: { batch in
                var messages: [Heard] = []
                for index in 0..<batch.count {
                    let header = batch.header(at: index)
                    guard header.kind == .message else { continue }
                    messages.append(
                        Heard(topic: Array(batch.bytes[header.topic]), payload: Array(batch.bytes[header.payload])))
                }
                heard.withLock { waiting in
                    waiting.append(contentsOf: messages)
                    if waiting.count > Self.heardMax { waiting.removeFirst(waiting.count - Self.heardMax) }
                }
                return .committed
            })
        do {
            try receiver.start()
        } catch {
            throw .broker("the broker cannot be listened to: \(error)")
        }
    }

    /// What was heard since the last call, in order.
    func take() -> [(topic: [UInt8], payload: [UInt8])] {
        let taken = heard.withLock { waiting in
            let all = waiting
            waiting.removeAll()
            return all
        }
        return taken.map { ($0.topic, $0.payload) }
    }

    func close() {
        receiver.stop()
    }
}
