/// The error of this module: what went wrong between us and a broker, and what to do about it.
package struct MQTTError: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Code: Sendable, Equatable {
        /// A setting that cannot work: an empty host, a certificate file that cannot be read.
        case invalidOptions
        case hostNotFound
        /// Nobody accepts connections there, or the network does not reach it.
        case unreachable
        /// No answer in time.
        case timedOut
        case connectionLost
        /// The TLS handshake or a certificate failed.
        case tls
        case badCredentials
        case notAuthorised
        case clientIDRejected
        case protocolVersionRefused
        case brokerUnavailable
        /// Another client came with our client id.
        case sessionTakenOver
        /// Either side sent what the protocol does not allow.
        case protocolViolation
        case subscriptionRefused
        /// The broker or the protocol refused one message.
        case publishRejected
        /// A broker process of our own did not start.
        case brokerNotStarted
    }

    package let code: Code
    /// Whether trying again can help without anybody changing anything.
    package let isRetriable: Bool
    /// What happened, in one sentence.
    package let message: String
    /// What the user can do about it; empty where there is nothing to advise.
    package let advice: String

    package init(_ code: Code, _ message: String, advice: String = "", isRetriable: Bool = true) {
        self.code = code
        self.isRetriable = isRetriable
        self.message = message
        self.advice = advice
    }

    package var description: String { advice.isEmpty ? message : "\(message) (\(advice))" }
}
