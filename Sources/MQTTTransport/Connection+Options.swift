import CMosquitto
import Glibc

/// From options to a configured handle.
extension Connection {
    /// What libmosquitto would refuse without saying why, and what it would silently cut short.
    static func check(_ options: MQTTOptions) throws(MQTTError) {
        func refuse(_ text: String) -> MQTTError { MQTTError(.invalidOptions, text, isRetriable: false) }
        if options.host.isEmpty { throw refuse("the broker's host is empty") }
        if !(1...65_535).contains(options.port) { throw refuse("the port \(options.port) is not between 1 and 65535") }
        if options.keepAlive_s != 0 && !(5...65_535).contains(options.keepAlive_s) {
            throw refuse("a keep-alive of \(options.keepAlive_s) s is neither 0 nor between 5 and 65535")
        }
        if options.clientID.isEmpty && !options.cleanStart {
            throw refuse("a session that is to be kept needs a client id")
        }
        if options.clientID.utf8.count > 65_535 { throw refuse("the client id is longer than 65,535 bytes") }
        if options.receiveMaximum == 0 { throw refuse("the receive maximum is 0") }
        if options.password != nil && options.username == nil { throw refuse("a password without a user name") }
        let texts = [options.host, options.clientID, options.username, options.password, options.lastWill?.topic]
        if texts.contains(where: { $0?.utf8.contains(0) ?? false }) { throw refuse("a setting holds a zero byte") }
        if let will = options.lastWill {
            if will.qos > 1 { throw refuse("the last will's QoS is \(will.qos), not 0 or 1") }
            if mosquitto_pub_topic_check(will.topic) != MOSQ_ERR_SUCCESS.rawValue || will.topic.isEmpty {
                throw refuse("the last will's topic \"\(will.topic)\" is not valid")
            }
        }
        guard let tls = options.tls else { return }
        if (tls.certificateFile == nil) != (tls.keyFile == nil) {
            throw refuse("a client certificate and its key are only of use together")
        }
        for (name, file) in [
            ("CA file", tls.caFile), ("CA directory", tls.caPath), ("client certificate", tls.certificateFile),
            ("client key", tls.keyFile),
        ] {
            if let file, access(file, R_OK) != 0 {
                throw refuse("the \(name) \(file) cannot be read: \(String(cString: strerror(errno)))")
            }
        }
    }

    func configure() throws(MQTTError) {
        func require(_ result: Int32, _ what: String) throws(MQTTError) {
            guard result != MOSQ_ERR_SUCCESS.rawValue else { return }
            throw MQTTError(
                .invalidOptions, "\(what): \(String(cString: mosquitto_strerror(result)))", isRetriable: false)
        }
        if let username = options.username {
            try require(mosquitto_username_pw_set(handle, username, options.password), "the user name is not usable")
        }
        if let will = options.lastWill {
            try require(
                mosquitto_will_set(
                    handle, will.topic, Int32(clamping: will.payload.count), will.payload, Int32(will.qos), will.retain),
                "the last will is not usable")
        }
        guard let tls = options.tls else { return }
        if tls.caFile == nil && tls.caPath == nil {
            try require(mosquitto_int_option(handle, MOSQ_OPT_TLS_USE_OS_CERTS, 1), "no system authorities")
        }
        if tls.caFile != nil || tls.caPath != nil || tls.certificateFile != nil {
            // The library wants an authority beside a client certificate even where the system's are to be trusted.
            let caPath = tls.caFile == nil && tls.caPath == nil ? "/etc/ssl/certs" : tls.caPath
            try require(
                fs_tls_set(handle, tls.caFile, caPath, tls.certificateFile, tls.keyFile),
                "the TLS files are not usable")
        }
        let version = tls.minimumVersion == .v1_3 ? "tlsv1.3" : "tlsv1.2"
        try require(mosquitto_tls_opts_set(handle, 1, version, nil), "the TLS version is not usable")
        try require(mosquitto_tls_insecure_set(handle, tls.insecureHostName), "the host name check")
        if let alpn = tls.alpn {
            try require(mosquitto_string_option(handle, MOSQ_OPT_TLS_ALPN, alpn), "ALPN is not usable")
        }
    }
}
