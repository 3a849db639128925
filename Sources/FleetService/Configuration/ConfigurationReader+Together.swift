import Foundation

extension ConfigurationReader {
    static let passwordKey = "mqtt.password"

    var passwordVariable: String { "FLEETSTREAM_MQTT_PASSWORD" }

    /// MQTT's limit for a password.
    private static let passwordSize_max = 65_535

    /// A password in the file or on the command line, where others can read it.
    mutating func refusePassword(_ origin: ConfigurationOrigin) {
        report(
            origin, Self.passwordKey, "a password does not belong here, where others can read it",
            "put it into a file that mqtt.password_file names, or into the environment as \(passwordVariable)")
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
        checkAdaptersTogether()
        checkRouter()
        checkSocket()
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
