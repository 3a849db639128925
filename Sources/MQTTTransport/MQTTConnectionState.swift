/// What a connection is doing, as reported to its owner. Reports come in order, on the connection's own thread, and
/// must return quickly.
package enum MQTTConnectionState: Sendable, Equatable {
    case connecting
    /// The broker accepted us. `sessionPresent`: it kept our session, with its subscriptions and messages.
    case connected(sessionPresent: Bool)
    /// Every subscription is granted (receiver only).
    case subscribed
    /// One subscription was refused; the others stand. It is asked for again every half minute and at every reconnect.
    case subscriptionRefused(filter: String, error: MQTTError)
    /// The connection is gone; nil where we closed it ourselves.
    case disconnected(MQTTError?)
}
