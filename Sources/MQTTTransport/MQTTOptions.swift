/// How to reach a broker and as whom: everything a connection needs to know before it is opened.
package struct MQTTOptions: Sendable {
    package enum ProtocolVersion: Sendable, Equatable {
        case v311
        case v5
    }

    package enum TLSVersion: Sendable, Equatable {
        case v1_2
        case v1_3
    }

    /// TLS towards the broker. Where neither `caFile` nor `caPath` is given, the system's authorities are trusted.
    package struct TLS: Sendable {
        /// A PEM file with the authorities that may have signed the broker's certificate.
        package var caFile: String?
        /// A directory of such files, prepared with `openssl rehash`.
        package var caPath: String?
        /// The client's own certificate chain (PEM), together with `keyFile`.
        package var certificateFile: String?
        /// The key of `certificateFile` (PEM, not encrypted).
        package var keyFile: String?
        package var minimumVersion: TLSVersion
        /// Accept a certificate that was issued for another host name. Only for tests: it makes TLS defenceless against
        /// whoever holds any certificate of the same authority.
        package var insecureHostName: Bool
        /// The protocol name to offer by ALPN (`mqtt`), for brokers that share a port with others.
        package var alpn: String?

        package init(
            caFile: String? = nil, caPath: String? = nil, certificateFile: String? = nil, keyFile: String? = nil,
            minimumVersion: TLSVersion = .v1_2, insecureHostName: Bool = false, alpn: String? = nil
        ) {
            self.caFile = caFile
            self.caPath = caPath
            self.certificateFile = certificateFile
            self.keyFile = keyFile
            self.minimumVersion = minimumVersion
            self.insecureHostName = insecureHostName
            self.alpn = alpn
        }
    }

    /// The message that the broker publishes when this client is gone without having said goodbye.
    package struct LastWill: Sendable {
        package var topic: String
        package var payload: [UInt8]
        /// 0 or 1.
        package var qos: UInt8
        package var retain: Bool

        package init(topic: String, payload: [UInt8], qos: UInt8 = 1, retain: Bool = false) {
            self.topic = topic
            self.payload = payload
            self.qos = qos
            self.retain = retain
        }
    }

    /// Waiting between attempts: a random time between zero and `initial_ms` doubled with every failure, at most
    /// `max_ms` ("full jitter", which keeps a fleet from coming back in step).
    package struct BackOff: Sendable, Equatable {
        package var initial_ms: Int
        package var max_ms: Int

        package init(initial_ms: Int = 250, max_ms: Int = 30_000) {
            self.initial_ms = initial_ms
            self.max_ms = max_ms
        }
    }

    package var host: String
    package var port: Int
    /// The session's name at the broker. Two clients with the same one throw each other out. Empty lets the broker
    /// choose, which only makes sense with `cleanStart`.
    package var clientID: String
    package var protocolVersion: ProtocolVersion
    /// Begin with an empty session. False for whoever must not lose a message.
    package var cleanStart: Bool
    /// MQTT 5: how long the broker keeps the session of a client that is away. `UInt32.max` is forever. With MQTT 3.1.1
    /// the broker's own configuration decides.
    package var sessionExpiry_s: UInt32
    /// MQTT 5: how many unacknowledged messages the broker may send. The library's own default of 20 would stop the
    /// flow at every commit.
    package var receiveMaximum: UInt16
    /// 0 (none), or at least 5.
    package var keepAlive_s: Int
    package var username: String?
    package var password: String?
    package var tls: TLS?
    package var lastWill: LastWill?
    package var backOff: BackOff
    /// From the first packet to the broker's CONNACK, name lookup included.
    package var connectTimeout_ms: Int
    /// The local address to connect from.
    package var bindAddress: String?

    package init(
        host: String = "127.0.0.1", port: Int = 1883, clientID: String, protocolVersion: ProtocolVersion = .v5,
        cleanStart: Bool = false, sessionExpiry_s: UInt32 = 7 * 86_400, receiveMaximum: UInt16 = 65_535,
        keepAlive_s: Int = 60, username: String? = nil, password: String? = nil, tls: TLS? = nil,
        lastWill: LastWill? = nil, backOff: BackOff = BackOff(), connectTimeout_ms: Int = 10_000,
        bindAddress: String? = nil
    ) {
        self.host = host
        self.port = port
        self.clientID = clientID
        self.protocolVersion = protocolVersion
        self.cleanStart = cleanStart
        self.sessionExpiry_s = sessionExpiry_s
        self.receiveMaximum = receiveMaximum
        self.keepAlive_s = keepAlive_s
        self.username = username
        self.password = password
        self.tls = tls
        self.lastWill = lastWill
        self.backOff = backOff
        self.connectTimeout_ms = connectTimeout_ms
        self.bindAddress = bindAddress
    }
}
