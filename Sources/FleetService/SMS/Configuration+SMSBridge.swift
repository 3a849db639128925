import Foundation
import MQTTTransport

/// The bridge's configuration in the words of the parts that it is for.
extension Configuration {
    /// The connection that receives requests: a session that the broker keeps while the bridge is away.
    var bridgeReceiverOptions: MQTTOptions {
        var options = connectionOptions
        options.clientID = smsBridge.clientID
        options.cleanStart = false
        options.sessionExpiry_s = UInt32(clamping: mqtt.sessionExpiry_s)
        options.receiveMaximum = UInt16(clamping: mqtt.receiveMaximum)
        return options
    }

    /// The connection that publishes receipts.
    var bridgePublisherOptions: MQTTOptions {
        var options = connectionOptions
        options.clientID = smsBridge.clientID + "-publisher"
        options.cleanStart = true
        return options
    }

    /// The requests of each configured fleet.
    var bridgeSubscriptions: [MQTTSubscription] {
        let names = fleets.contains { $0.id == Fleet.anyID } ? [Fleet.anyID] : fleets.map(\.id)
        return names.map { (filter: "\(topicRoot)/\($0)/sms/requests/+", qos: UInt8(1)) }
    }

    /// The account's token, from the environment or from its file, and whether the bridge has what it needs. Throws every
    /// error that there is.
    func bridgeToken(
        _ environment: [String: String], _ origins: ConfigurationOrigins
    ) throws(ConfigurationErrors) -> Secret {
        var errors: [ConfigurationError] = []
        func report(_ key: String, _ problem: String, _ advice: String, origin: ConfigurationOrigin? = nil) {
            let key = "sms_bridge.\(key)"
            errors.append(
                ConfigurationError(origin: origin ?? origins[key], key: key, problem: problem, advice: advice))
        }
        if smsBridge.accountSID.isEmpty { report("account_sid", "is empty", "give the account at the provider") }
        if smsBridge.from.isEmpty, smsBridge.messagingServiceSID.isEmpty {
            report("from", "is empty", "give the sender's number, or sms_bridge.messaging_service_sid")
        }
        var token = ""
        let variable = ConfigurationReader.authTokenVariable
        if let value = environment[variable] {
            token = value
            if !Self.isToken(value) {
                report(
                    "auth_token", "is empty or more than one word", "give the token",
                    origin: .environment(variable: variable))
            }
        } else if smsBridge.authTokenFile.isEmpty {
            report("auth_token_file", "is empty", "name the file that holds the token, or set \(variable)")
        } else {
            let path = smsBridge.authTokenFile
            switch readWholeFile(path, size_max: 4_096) {
            case .failure(let failure):
                report("auth_token_file", "\(path) \(failure.problem)", "name a file that this user may read")
            case .success(let bytes):
                let text = String(decoding: bytes, as: UTF8.self)
                token = text.last?.isNewline == true ? String(text.dropLast()) : text
                if !Self.isToken(token) {
                    report("auth_token_file", "\(path) is empty or more than one word", "leave the token alone in it")
                }
            }
        }
        guard errors.isEmpty else { throw ConfigurationErrors(errors: errors) }
        return Secret(token)
    }

    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }
}
