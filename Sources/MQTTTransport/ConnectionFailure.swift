import CMosquitto
import Glibc

/// Turns the library's numbers into sentences.
enum ConnectionFailure {
    /// A CONNACK that refuses.
    static func refused(_ reason: Int32, isVersion5: Bool, text: String?, options: MQTTOptions) -> MQTTError {
        let user = options.username.map { "user \"\($0)\"" } ?? "a client without a user name"
        let said = text.map { ": \($0)" } ?? ""
        switch (isVersion5, reason) {
        case (false, 1), (true, 0x84), (true, 1):
            return MQTTError(
                .protocolVersionRefused, "the broker does not speak MQTT \(isVersion5 ? "5" : "3.1.1")\(said)",
                advice: isVersion5 ? "set the protocol version to 3.1.1" : "", isRetriable: false)
        case (false, 2), (true, 0x85):
            return MQTTError(
                .clientIDRejected, "the broker does not accept the client id \"\(options.clientID)\"\(said)",
                isRetriable: false)
        case (false, 4), (true, 0x86):
            return MQTTError(
                .badCredentials, "the broker does not accept the user name or password of \(user)\(said)",
                advice: "check user name and password", isRetriable: false)
        case (false, 5), (true, 0x87):
            return MQTTError(
                .notAuthorised, "the broker does not let \(user) in (not authorised)\(said)",
                advice: "check user name and password, and the broker's access rules", isRetriable: false)
        case (true, 0x8A):
            return MQTTError(.notAuthorised, "the broker has banned this client\(said)", isRetriable: false)
        case (false, 3), (true, 0x88), (true, 0x89):
            return MQTTError(.brokerUnavailable, "the broker is not available or busy\(said)")
        default:
            return MQTTError(.brokerUnavailable, "the broker refused the connection: \(name(ofReason: reason))\(said)")
        }
    }

    /// A DISCONNECT from the broker (MQTT 5).
    static func disconnected(_ reason: Int32, text: String?, clientID: String) -> MQTTError {
        let said = text.map { ": \($0)" } ?? ""
        switch reason {
        case 0x8E:
            return MQTTError(
                .sessionTakenOver, "another client connected with the client id \"\(clientID)\"\(said)",
                advice: "does a second instance run with the same client id?", isRetriable: false)
        case 0x87:
            return MQTTError(
                .notAuthorised, "the broker ended the connection: not authorised\(said)", isRetriable: false)
        case 0x81, 0x82, 0x93, 0x94, 0x95:
            return MQTTError(
                .protocolViolation, "the broker ended the connection: \(name(ofReason: reason))\(said)")
        default:
            return MQTTError(.connectionLost, "the broker ended the connection: \(name(ofReason: reason))\(said)")
        }
    }

    /// A failed call: network, TLS, protocol.
    static func network(
        _ result: Int32, _ errorNumber: Int32, options: MQTTOptions, wasOpening: Bool, complaint: String?
    ) -> MQTTError {
        let broker = "\(options.host):\(options.port)"
        if wasOpening, options.tls != nil, isTLSFailure(result, errorNumber, complaint) {
            return tls(complaint, broker: broker, tls: options.tls)
        }
        switch result {
        case MOSQ_ERR_CONN_LOST.rawValue, MOSQ_ERR_SUCCESS.rawValue, MOSQ_ERR_NO_CONN.rawValue:
            return wasOpening
                ? MQTTError(
                    .connectionLost, "\(broker) closed the connection before it answered",
                    advice: options.tls == nil
                        ? "is this port a TLS listener, or not MQTT?" : "does the broker want a client certificate?")
                : MQTTError(
                    .connectionLost, "\(broker) closed the connection",
                    advice: "if this goes on: does a second instance run with the same client id?")
        case MOSQ_ERR_KEEPALIVE.rawValue:
            return MQTTError(.timedOut, "\(broker) no longer answers (keep-alive)")
        case MOSQ_ERR_EAI.rawValue, MOSQ_ERR_LOOKUP.rawValue:
            return MQTTError(.hostNotFound, "the host \(options.host) was not found")
        case MOSQ_ERR_ERRNO.rawValue:
            return system(errorNumber, broker: broker, wasOpening: wasOpening)
        case MOSQ_ERR_PROTOCOL.rawValue, MOSQ_ERR_MALFORMED_PACKET.rawValue, MOSQ_ERR_DUPLICATE_PROPERTY.rawValue:
            return MQTTError(
                .protocolViolation, "\(broker) sent what MQTT does not allow",
                advice: wasOpening ? "is this an MQTT port?" : "")
        case MOSQ_ERR_NOMEM.rawValue:
            return MQTTError(.connectionLost, "not enough memory for the connection to \(broker)")
        default:
            return MQTTError(
                .connectionLost, "the connection to \(broker) failed: \(String(cString: mosquitto_strerror(result)))")
        }
    }

    /// A message that the library does not queue.
    static func publish(_ result: Int32, topic: [UInt8], payloadLength: Int) -> MQTTError {
        let name = String(decoding: topic.prefix(200), as: UTF8.self)
        let why =
            switch result {
            case MOSQ_ERR_INVAL.rawValue: "the topic is not valid for publishing"
            case MOSQ_ERR_MALFORMED_UTF8.rawValue: "the topic or content type is not UTF-8"
            case MOSQ_ERR_PAYLOAD_SIZE.rawValue, MOSQ_ERR_OVERSIZE_PACKET.rawValue:
                "\(payloadLength) bytes are more than the broker accepts"
            case MOSQ_ERR_QOS_NOT_SUPPORTED.rawValue: "the broker does not accept this QoS"
            case MOSQ_ERR_RETAIN_NOT_SUPPORTED.rawValue: "the broker does not keep retained messages"
            default: String(cString: mosquitto_strerror(result))
            }
        return MQTTError(.publishRejected, "the message on \"\(name)\" cannot be published: \(why)", isRetriable: false)
    }

    /// A PUBACK with an error code.
    static func rejected(_ reason: Int32) -> MQTTError {
        MQTTError(
            reason == 0x87 ? .notAuthorised : .publishRejected,
            "the broker refused the message: \(name(ofReason: reason))",
            advice: reason == 0x87 ? "check the broker's access rules for this topic" : "",
            isRetriable: reason == 0x97 || reason == 0x80 || reason == 0x83)
    }

    static func name(ofReason reason: Int32) -> String {
        "\(String(cString: mosquitto_reason_string(reason)).lowercased()) (0x\(String(reason, radix: 16)))"
    }

    private static func isTLSFailure(_ result: Int32, _ errorNumber: Int32, _ complaint: String?) -> Bool {
        result == MOSQ_ERR_TLS.rawValue || result == MOSQ_ERR_TLS_HANDSHAKE.rawValue || errorNumber == EPROTO
            || complaint != nil
    }

    private static func tls(_ complaint: String?, broker: String, tls: MQTTOptions.TLS?) -> MQTTError {
        let text = complaint ?? "no reason given"
        let advice: String
        if text.contains("host name verification") {
            advice = "the certificate is for another host name; connect by the name that it carries"
        } else if text.contains("certificate verify failed") {
            advice =
                "the broker's certificate is not signed by "
                + (tls?.caFile ?? tls?.caPath ?? "an authority that this system trusts") + ", or has expired"
        } else if text.contains("wrong version number") || text.contains("unexpected eof") {
            advice = "is this port a TLS listener?"
        } else if text.contains("alert") {
            advice = "the broker refused our certificate, or wants one"
        } else if text.contains("Unable to load") {
            advice = "check the certificate and key files"
        } else {
            advice = "check the TLS settings on both sides"
        }
        // A certificate does not mend itself, but a broker may be given a new one: the long waits apply.
        return MQTTError(.tls, "TLS with \(broker) failed: \(text)", advice: advice, isRetriable: false)
    }

    /// An errno.
    static func system(_ errorNumber: Int32, broker: String, wasOpening: Bool) -> MQTTError {
        let text = String(cString: strerror(errorNumber))
        switch errorNumber {
        case ECONNREFUSED:
            return MQTTError(.unreachable, "\(broker) refuses connections", advice: "does the broker run there?")
        case ENETUNREACH, EHOSTUNREACH, EADDRNOTAVAIL, ETIMEDOUT:
            return MQTTError(.unreachable, "\(broker) cannot be reached: \(text)")
        case EMFILE, ENFILE:
            return MQTTError(
                .unreachable, "no more connections: \(text)", advice: "raise the descriptor limit (ulimit -n)")
        default:
            return MQTTError(
                wasOpening ? .unreachable : .connectionLost, "the connection to \(broker) failed: \(text)")
        }
    }
}
