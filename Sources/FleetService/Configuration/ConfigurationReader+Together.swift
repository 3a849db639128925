import Foundation
import Signing
import Window

extension ConfigurationReader {
    static let passwordKey = "mqtt.password"
    static let authTokenKey = "sms_bridge.auth_token"
    static let authTokenVariable = "FLEETSTREAM_SMS_BRIDGE_AUTH_TOKEN"

    var passwordVariable: String { "FLEETSTREAM_MQTT_PASSWORD" }

    /// What may be given in the environment or in a file of its own only: keys, and the variables for them.
    static let secrets = [passwordKey: "FLEETSTREAM_MQTT_PASSWORD", authTokenKey: authTokenVariable]

    /// MQTT's limit for a password.
    private static let passwordSize_max = 65_535

    /// A password or token in the file or on the command line, where others can read it.
    mutating func refuseSecret(_ key: String, _ origin: ConfigurationOrigin) {
        report(
            origin, key,
            "a \(key == Self.passwordKey ? "password" : "token") does not belong here, where others can read it",
            "put it into a file that \(key)_file names, or into the environment as \(Self.secrets[key] ?? "")")
    }

    /// Takes the password from the environment, else from its file. The file ends with or without a newline.
    mutating func readPassword(environment: [String: String]) {
        let path = configuration.mqtt.passwordFile
        let origin: ConfigurationOrigin
        let text: String
        if let value = environment[passwordVariable] {
            origin = .environment(variable: passwordVariable)
            text = value
        } else if !path.isEmpty {
            origin = origins["mqtt.password_file"]
            switch readWholeFile(path, size_max: Self.passwordSize_max + 2) {
            case .failure(let failure):
                let advice = "name a file that this user may read"
                return report(origin, "mqtt.password_file", "\(path) \(failure.problem)", advice)
            case .success(let bytes):
                guard let content = String(validating: bytes, as: UTF8.self) else {
                    return report(origin, "mqtt.password_file", "\(path) is not UTF-8", "save it as UTF-8")
                }
                text = content.last?.isNewline == true ? String(content.dropLast()) : content
            }
        } else {
            return
        }
        let key = origin == .environment(variable: passwordVariable) ? Self.passwordKey : "mqtt.password_file"
        if text.isEmpty {
            report(origin, key, "the password is empty", "give the password, or remove the setting")
        } else if text.contains(where: \.isNewline) || text.utf8.contains(0) {
            report(origin, key, "the password is more than one line", "leave the password alone in it")
        } else if text.utf8.count > Self.passwordSize_max {
            report(
                origin, key, "the password is longer than \(Self.passwordSize_max) bytes", "MQTT allows no longer one")
        } else {
            setPassword(Secret(text), origin: origin)
        }
    }

    /// Checks what only several settings together can have wrong.
    mutating func checkTogether() {
        let mqtt = configuration.mqtt
        if mqtt.password != nil, mqtt.username.isEmpty {
            report(
                origins[Self.passwordKey], "mqtt.username", "is empty although there is a password",
                "give the user's name")
        }
        if mqtt.reconnectInitial_s > mqtt.reconnectMax_s {
            let (initial, most) = (JSON5Value.shown(mqtt.reconnectInitial_s), JSON5Value.shown(mqtt.reconnectMax_s))
            report(
                origins["mqtt.reconnect_initial_s"], "mqtt.reconnect_initial_s",
                "\(initial) is more than mqtt.reconnect_max_s, \(most)", "swap them, or change one")
        }
        if mqtt.tls.enabled { checkTLS(mqtt.tls) }
        checkBridge()
        checkAdaptersTogether()
        checkRouter()
        checkSocket()
        checkWindow()
    }

    /// Whoever is not on this machine must show a token.
    private mutating func checkWindow() {
        let window = configuration.window
        checkLinkKeys(window.linkKeysFile)
        guard let address = ListenAddress(window.listen) else { return }
        if window.tokenFile.isEmpty {
            guard !address.isLoopback else { return }
            return report(
                origins["window.listen"], "window.listen",
                "\(address) can be reached from other machines, and window.token_file is empty",
                "name a file of tokens, or listen on 127.0.0.1")
        }
        do throws(WindowError) { _ = try BearerTokens(file: window.tokenFile) } catch {
            report(
                origins["window.token_file"], "window.token_file", error.message,
                "give a file with a token a line that only this user may read")
        }
    }

    private mutating func checkLinkKeys(_ path: String) {
        if path.isEmpty { return }
        do throws(SigningError) { _ = try LinkKeys(file: path) } catch {
            report(
                origins["window.link_keys_file"], "window.link_keys_file", error.message,
                "give a file with a key a line that only this user may read")
        }
    }

    private mutating func checkTLS(_ tls: Configuration.TLS) {
        let files = [
            ("mqtt.tls.ca_file", tls.caFile), ("mqtt.tls.certificate_file", tls.certificateFile),
            ("mqtt.tls.key_file", tls.keyFile),
        ]
        for (key, path) in files where !path.isEmpty && access(path, R_OK) != 0 {
            report(
                origins[key], key, "\(path) cannot be read: \(systemError(errno))",
                "name a file that this user may read")
        }
        if tls.certificateFile.isEmpty != tls.keyFile.isEmpty {
            let (given, missing) =
                tls.keyFile.isEmpty ? ("certificate_file", "key_file") : ("key_file", "certificate_file")
            report(
                origins["mqtt.tls.\(given)"], "mqtt.tls.\(missing)", "is empty although mqtt.tls.\(given) is given",
                "a client's certificate needs its key: give both or neither")
        }
    }

    private mutating func checkBridge() {
        let bridge = configuration.smsBridge
        if !bridge.from.isEmpty, !bridge.messagingServiceSID.isEmpty {
            report(
                origins["sms_bridge.from"], "sms_bridge.from", "is given beside sms_bridge.messaging_service_sid",
                "the provider takes one of the two: remove the other")
        }
        if bridge.retryInitial_s > bridge.retryMax_s {
            let (initial, most) = (JSON5Value.shown(bridge.retryInitial_s), JSON5Value.shown(bridge.retryMax_s))
            report(
                origins["sms_bridge.retry_initial_s"], "sms_bridge.retry_initial_s",
                "\(initial) is more than sms_bridge.retry_max_s, \(most)", "swap them, or change one")
        }
        if bridge.clientID.utf8.elementsEqual(configuration.mqtt.clientID.utf8) {
            report(
                origins["sms_bridge.client_id"], "sms_bridge.client_id", "is that of mqtt.client_id",
                "two sessions of one name throw each other out: give another")
        }
        if bridge.store.utf8.elementsEqual(configuration.store.path.utf8) {
            report(
                origins["sms_bridge.store"], "sms_bridge.store", "is that of store.path",
                "the bridge keeps a file of its own: give another")
        }
    }

    private mutating func checkSocket() {
        // sun_path of Linux, less its zero byte.
        let limit = 107
        let socket = configuration.statusSocket
        guard socket.utf8.count > limit else { return }
        let key = configuration.status.socket.isEmpty ? "store.path" : "status.socket"
        report(
            origins[key], "status.socket",
            "\(socket) is \(socket.utf8.count) bytes long, a Unix socket's path at most \(limit)",
            "set status.socket to a shorter path")
    }
}
