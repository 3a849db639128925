package import FleetCore
import Foundation
package import MQTTTransport
package import Store

/// The configuration in the words of the parts that it is for.
extension Configuration {
    /// The rules as the engine takes them.
    package var settings: Settings {
        var settings = Settings()
        settings.registeredOnly = rules.registeredOnly
        settings.offlineAfter_s = rules.offlineAfter_s
        settings.reorderWindow_s = rules.reorderWindow_s
        settings.futureTolerance_s = rules.futureTolerance_s
        settings.maxSpeed_kmh = rules.maxSpeed_kmh
        settings.teleportConfirmFixes = rules.teleportConfirmFixes
        settings.assumedAccuracy_m = rules.assumedAccuracy_m
        settings.crossingMaxGap_s = rules.crossingMaxGap_s
        settings.crossingMaxDistance_m = rules.crossingMaxDistance_m
        settings.stateInterval_s = rules.stateInterval_s
        settings.trackFixes = rules.trackFixes
        settings.clockSkew_s = rules.clockSkew_s
        settings.correctsClockSkew = rules.correctsClockSkew
        settings.stopRadius_m = dispatch.stopRadius_m
        settings.referenceWait_s = dispatch.referenceWait_s
        settings.approach_s = dispatch.approach_s
        settings.proofWait_s = dispatch.proofWait_s
        settings.deliveryRetention_h = dispatch.deliveryRetention_h
        settings.timeZone = rules.timeZone
        return settings
    }

    /// How commands go to vehicles, as the engine takes it.
    package var commandRules: CommandRules {
        var rules = CommandRules()
        rules.immobilisers = commands.immobiliseBy.split(separator: ",")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        rules.timeout_s = commands.timeout_s
        rules.retries = Double(commands.retries)
        rules.expires_s = commands.expires_s
        rules.standing_s = commands.standing_s
        rules.fixAge_s = commands.fixAge_s
        rules.motorway_kmh = commands.motorway_kmh
        return rules
    }

    /// Shards as configured, or as many as the machine has cores.
    package var shardCount: Int {
        engine.shards > 0 ? engine.shards : max(1, ProcessInfo.processInfo.activeProcessorCount)
    }

    /// The receiver's connection: a session that the broker keeps while we are away.
    package var receiverOptions: MQTTOptions {
        var options = connectionOptions
        options.clientID = mqtt.clientID
        options.cleanStart = false
        options.sessionExpiry_s = UInt32(clamping: mqtt.sessionExpiry_s)
        options.receiveMaximum = UInt16(clamping: mqtt.receiveMaximum)
        return options
    }

    /// The publisher's connection: what it has to say is in the outbox, so that its session may go.
    package var publisherOptions: MQTTOptions {
        var options = connectionOptions
        options.clientID = mqtt.clientID + "-publisher"
        options.cleanStart = true
        return options
    }

    var connectionOptions: MQTTOptions {
        var options = MQTTOptions(host: mqtt.host, port: mqtt.port, clientID: mqtt.clientID)
        options.protocolVersion = mqtt.version == .v5 ? .v5 : .v311
        options.keepAlive_s = mqtt.keepAlive_s
        options.username = mqtt.username.isEmpty ? nil : mqtt.username
        options.password = mqtt.password?.reveal()
        if mqtt.tls.enabled {
            options.tls = MQTTOptions.TLS(
                caFile: mqtt.tls.caFile.isEmpty ? nil : mqtt.tls.caFile,
                certificateFile: mqtt.tls.certificateFile.isEmpty ? nil : mqtt.tls.certificateFile,
                keyFile: mqtt.tls.keyFile.isEmpty ? nil : mqtt.tls.keyFile)
        }
        options.backOff = MQTTOptions.BackOff(
            initial_ms: Int(mqtt.reconnectInitial_s * 1000), max_ms: Int(mqtt.reconnectMax_s * 1000))
        return options
    }

    /// What the receiver subscribes to: the input of each configured fleet, and what the adapters take in. No message
    /// matches two of them, so that none comes twice.
    package var subscriptions: [MQTTSubscription] {
        let names = fleets.contains { $0.id == Fleet.anyID } ? [Fleet.anyID] : fleets.map(\.id)
        let own = names.flatMap { fleet in
            [
                "vehicles/+/telemetry", "vehicles/+/status", "vehicles/+/driver", "vehicles/+/commands/+/result",
                "dispatch/orders/+", "dispatch/routes/+", "dispatch/customers/+", "dispatch/drivers/+",
                "dispatch/vehicles/+", "dispatch/conditions/+", "dispatch/commands/+", "dispatch/geofences/+",
                "dispatch/queries/+", "sms/receipts/+",
            ].map { (filter: "\(topicRoot)/\(fleet)/\($0)", qos: UInt8(1)) }
        }
        return own + adapters.map { (filter: $0.pattern.text, qos: UInt8(1)) }
    }

    package var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.retention = Retention(
            journalAge_ms: Int64(store.journalAge_days) * 86_400_000, journalBytes: Int64(store.journalSize_mib) << 20,
            deadLetterAge_ms: Int64(store.deadLetterAge_days) * 86_400_000,
            deadLetterCount: Int64(store.deadLettersMax))
        return options
    }

    /// `mqtt://host:port`, for people.
    package var brokerAddress: String { "\(mqtt.tls.enabled ? "mqtts" : "mqtt")://\(mqtt.host):\(mqtt.port)" }
}
