extension Setting {
    private static let day_s = 86_400

    /// Every setting there is, in the order of the shipped file, which a test compares with this.
    static let all: [Setting] =
        top + mqtt + publisher + store + engine + rules + dispatch + commands + router + log + status + smsBridge
        + window

    private static let top: [Setting] = [
        Setting("topic_root", "the level above the fleets' names", .text(\.topicRoot, check: SettingCheck.topicRoot)),
        Setting("fleets", "the fleets that are served", .fleets),
        Setting("adapters", "what takes in messages on other topics", .adapters),
        Setting("rules_file", "the file of vehicles' rules; empty for the built-in ones", .optionalPath(\.rulesFile)),
        Setting("sms_folder", "the folder of messages to people; empty for none", .optionalPath(\.smsFolder)),
    ]

    private static let publisher: [Setting] = [
        Setting(
            "publisher.window", "messages without a confirmation at one time", .integer(\.publisher.window, 1...65_535))
    ]

    private static let log: [Setting] = [
        Setting("log.level", "the least important messages that are written", .choice(\.log.level)),
        Setting("log.format", "how log lines look", .choice(\.log.format)),
    ]

    private static let status: [Setting] = [
        Setting("status.socket", "the Unix socket that answers status", .optionalPath(\.status.socket))
    ]

    private static let commands: [Setting] = [
        Setting(
            "commands.immobilise_by", "who may have vehicles immobilised: values of requested_by",
            .text(\.commands.immobiliseBy, check: SettingCheck.line)),
        Setting(
            "commands.timeout_s", "seconds that a vehicle's answer is waited for",
            .number(\.commands.timeout_s, 1...3600)),
        Setting("commands.retries", "how often a command is sent again", .integer(\.commands.retries, 0...10)),
        Setting(
            "commands.expires_s", "seconds for which a command is of use", .number(\.commands.expires_s, 1...604_800)),
        Setting(
            "commands.standing_s", "seconds that a vehicle must have stood before it is immobilised",
            .number(\.commands.standing_s, 10...3600)),
        Setting(
            "commands.fix_age_s", "seconds that the fix that shows it may be old",
            .number(\.commands.fixAge_s, 1...60)),
        Setting(
            "commands.motorway_kmh", "a vehicle as fast as this a while ago may be on a motorway",
            .number(\.commands.motorway_kmh, 20...130)),
    ]

    private static let router: [Setting] = [
        Setting(
            "router.url", "the road router's URL; empty for none", .text(\.router.url, check: SettingCheck.routerURL)),
        Setting("router.kind", "the interface that it speaks", .choice(\.router.kind)),
        Setting(
            "router.profile", "OSRM's profile or Valhalla's costing",
            .text(\.router.profile, check: SettingCheck.routerProfile)),
        Setting(
            "router.timeout_ms", "milliseconds that an answer may take", .integer(\.router.timeout_ms, 50...60_000)),
        Setting(
            "router.requests_per_day", "most requests in a day of UTC",
            .integer(\.router.requestsPerDay, 1...100_000_000)),
        Setting("router.concurrency", "requests under way at one time", .integer(\.router.concurrency, 1...64)),
        Setting("router.queue_max", "questions that wait for their turn", .integer(\.router.queueMax, 1...10_000)),
        Setting("router.wait_s", "seconds that a question waits for its turn", .integer(\.router.wait_s, 1...3600)),
        Setting("router.response_kib", "most KiB of an answer", .integer(\.router.response_kib, 16...16_384)),
        Setting("router.cache_entries", "answers that are kept", .integer(\.router.cacheEntries, 0...1_000_000)),
        Setting("router.cache_mib", "most MiB that they take", .integer(\.router.cache_mib, 1...16_384)),
        Setting("router.cache_ttl_s", "seconds that they are kept", .integer(\.router.cacheTTL_s, 1...30 * day_s)),
        Setting(
            "router.breaker_failures", "failures in a row after which it is left in peace",
            .integer(\.router.breakerFailures, 1...1000)),
        Setting(
            "router.breaker_open_s", "seconds that it is left in peace", .integer(\.router.breakerOpen_s, 1...3600)),
    ]

    private static let smsBridge: [Setting] = [
        Setting(
            "sms_bridge.url", "the provider's address, without a path",
            .text(\.smsBridge.url, check: SettingCheck.providerURL)),
        Setting(
            "sms_bridge.account_sid", "the account at the provider",
            .text(\.smsBridge.accountSID, check: SettingCheck.word)),
        Setting(
            "sms_bridge.auth_token_file", "the file that holds the account's token",
            .optionalPath(\.smsBridge.authTokenFile)),
        Setting("sms_bridge.from", "the sender's number or name", .text(\.smsBridge.from, check: SettingCheck.line)),
        Setting(
            "sms_bridge.messaging_service_sid", "the provider's service that chooses the sender",
            .text(\.smsBridge.messagingServiceSID, check: SettingCheck.word)),
        Setting(
            "sms_bridge.status_callback", "an address that the provider tells of receipts",
            .text(\.smsBridge.statusCallback, check: SettingCheck.callbackURL)),
        Setting(
            "sms_bridge.client_id", "the name of the bridge's session",
            .text(\.smsBridge.clientID, check: SettingCheck.clientID)),
        Setting("sms_bridge.store", "the bridge's SQLite file", .path(\.smsBridge.store, mayBeEmpty: false)),
        Setting(
            "sms_bridge.rate_per_min", "messages a minute to the provider",
            .integer(\.smsBridge.rate_per_min, 1...60_000)),
        Setting("sms_bridge.in_flight", "calls at one time", .integer(\.smsBridge.inFlight, 1...64)),
        Setting("sms_bridge.timeout_s", "seconds for one call", .number(\.smsBridge.timeout_s, 0.1...300)),
        Setting("sms_bridge.attempts", "most attempts to send a message", .integer(\.smsBridge.attempts, 1...3)),
        Setting(
            "sms_bridge.retry_initial_s", "seconds before the second attempt",
            .number(\.smsBridge.retryInitial_s, 0.01...3600)),
        Setting(
            "sms_bridge.retry_max_s", "most seconds between attempts", .number(\.smsBridge.retryMax_s, 0.01...3600)),
        Setting(
            "sms_bridge.poll_interval_s", "seconds until the provider is asked what became of a message",
            .number(\.smsBridge.pollInterval_s, 0.1...3600)),
        Setting(
            "sms_bridge.receipt_timeout_s", "seconds until it is asked no more",
            .integer(\.smsBridge.receiptTimeout_s, 1...7 * day_s)),
        Setting(
            "sms_bridge.keep_days", "days that sent requests are remembered", .integer(\.smsBridge.keep_days, 1...3650)),
    ]

    private static let window: [Setting] = [
        Setting(
            "window.listen", "the address of the HTTP window; empty for none",
            .text(\.window.listen, check: SettingCheck.listenAddress)),
        Setting("window.token_file", "the file of bearer tokens", .optionalPath(\.window.tokenFile)),
        Setting("window.link_keys_file", "the file of keys of customers' links", .optionalPath(\.window.linkKeysFile)),
        Setting(
            "window.link_lifetime_h", "hours for which a customer's link is good",
            .integer(\.window.linkLifetime_h, 1...8760)),
        Setting("window.tiles", "the map's ground", .text(\.window.tiles, check: SettingCheck.tiles)),
        Setting(
            "window.tiles_attribution", "who made the map's ground",
            .text(\.window.tilesAttribution, check: SettingCheck.shortText)),
        Setting(
            "window.connections_max", "most HTTP connections at a time",
            .integer(\.window.connectionsMax, 1...65_536)),
        Setting(
            "window.connections_per_address", "most HTTP connections of one address",
            .integer(\.window.connectionsPerAddress, 1...65_536)),
        Setting(
            "window.vehicles_max", "most vehicles of a fleet that the window shows",
            .integer(\.window.vehiclesMax, 1...10_000_000)),
        Setting(
            "window.trail_points", "places of a vehicle's trail", .integer(\.window.trailPoints, 0...10_000)),
        Setting(
            "window.ready_lag_s", "seconds of lag up to which the process counts as ready",
            .number(\.window.readyLag_s, 0.1...3600)),
    ]

    private static let mqtt: [Setting] = [
        Setting("mqtt.host", "the broker's name or address", .text(\.mqtt.host, check: SettingCheck.host)),
        Setting("mqtt.port", "the broker's TCP port", .integer(\.mqtt.port, 1...65_535)),
        Setting("mqtt.client_id", "the name of the session", .text(\.mqtt.clientID, check: SettingCheck.clientID)),
        Setting("mqtt.protocol", "the version of MQTT", .choice(\.mqtt.version)),
        Setting(
            "mqtt.session_expiry_s",
            "seconds that the broker keeps messages for an absent process; 4294967295 is for ever",
            .integer(\.mqtt.sessionExpiry_s, 1...4_294_967_295)),
        Setting("mqtt.keep_alive_s", "seconds between signs of life", .integer(\.mqtt.keepAlive_s, 5...65_535)),
        Setting(
            "mqtt.receive_maximum", "messages in flight from the broker", .integer(\.mqtt.receiveMaximum, 1...65_535)),
        Setting("mqtt.username", "the user at the broker", .text(\.mqtt.username, check: SettingCheck.username)),
        Setting("mqtt.password_file", "the file that holds the password", .optionalPath(\.mqtt.passwordFile)),
        Setting("mqtt.tls.enabled", "whether connections are encrypted", .flag(\.mqtt.tls.enabled)),
        Setting("mqtt.tls.ca_file", "certificates of the authorities", .optionalPath(\.mqtt.tls.caFile)),
        Setting("mqtt.tls.certificate_file", "the client's certificate", .optionalPath(\.mqtt.tls.certificateFile)),
        Setting("mqtt.tls.key_file", "the client's private key", .optionalPath(\.mqtt.tls.keyFile)),
        Setting(
            "mqtt.reconnect_initial_s", "seconds before the first attempt to connect again",
            .number(\.mqtt.reconnectInitial_s, 0.01...3600)),
        Setting(
            "mqtt.reconnect_max_s", "most seconds between attempts to connect",
            .number(\.mqtt.reconnectMax_s, 0.01...3600)),
    ]

    private static let store: [Setting] = [
        Setting("store.path", "the SQLite file", .path(\.store.path, mayBeEmpty: false)),
        Setting("store.journal_age_days", "days that the journal is kept", .integer(\.store.journalAge_days, 1...3650)),
        Setting(
            "store.journal_size_mib", "most MiB that the journal may take",
            .integer(\.store.journalSize_mib, 16...16_777_216)),
        Setting(
            "store.dead_letter_age_days", "days that dead letters are kept",
            .integer(\.store.deadLetterAge_days, 1...3650)
        ),
        Setting(
            "store.dead_letters_max", "most dead letters that are kept",
            .integer(\.store.deadLettersMax, 0...100_000_000)),
        Setting(
            "store.snapshot_interval_s", "most seconds between snapshots",
            .integer(\.store.snapshotInterval_s, 1...day_s)),
        Setting(
            "store.snapshot_every_messages", "most messages between snapshots",
            .integer(\.store.snapshotEveryMessages, 1000...1_000_000_000)),
    ]

    private static let engine: [Setting] = [
        Setting("engine.shards", "parallel parts; 0: as many as cores", .integer(\.engine.shards, 0...1024)),
        Setting("engine.batch_messages", "most messages in a batch", .integer(\.engine.batchMessages, 1...1_000_000)),
        Setting("engine.batch_kib", "most KiB in a batch", .integer(\.engine.batch_kib, 64...262_144)),
    ]

    private static let rules: [Setting] = [
        Setting("rules.registered_only", "whether unknown vehicles are refused", .flag(\.rules.registeredOnly)),
        Setting(
            "rules.offline_after_s", "seconds of silence until a vehicle is offline",
            .integer(\.rules.offlineAfter_s, 1...30 * day_s)),
        Setting(
            "rules.reorder_window_s", "seconds that a fix may be late", .integer(\.rules.reorderWindow_s, 0...7 * day_s)
        ),
        Setting(
            "rules.future_tolerance_s", "seconds that a fix may be ahead of the clock",
            .integer(\.rules.futureTolerance_s, 0...day_s)),
        Setting("rules.max_speed_kmh", "km/h that a vehicle can reach", .number(\.rules.maxSpeed_kmh, 1...2000)),
        Setting(
            "rules.teleport_confirm_fixes", "fixes at a new place until a jump is believed",
            .integer(\.rules.teleportConfirmFixes, 1...100)),
        Setting(
            "rules.assumed_accuracy_m", "metres of error of a fix without an accuracy",
            .number(\.rules.assumedAccuracy_m, 0...10_000)),
        Setting(
            "rules.crossing_max_gap_s", "most seconds between two fixes that are joined by a line",
            .integer(\.rules.crossingMaxGap_s, 0...day_s)),
        Setting(
            "rules.crossing_max_distance_m", "most metres between two fixes that are joined by a line",
            .number(\.rules.crossingMaxDistance_m, 0...1_000_000)),
        Setting(
            "rules.state_interval_s", "least seconds between two states of a vehicle",
            .integer(\.rules.stateInterval_s, 0...day_s)),
        Setting(
            "rules.track_fixes", "reports that are remembered of a vehicle", .integer(\.rules.trackFixes, 2...4096)),
        Setting(
            "rules.clock_skew_s", "by how many seconds a tracker's clock must be off to be told",
            .integer(\.rules.clockSkew_s, 10...day_s)),
        Setting(
            "rules.correct_clock_skew", "whether times are corrected by what the tracker's clock is off",
            .flag(\.rules.correctsClockSkew)),
        Setting(
            "rules.time_zone", "the time zone of schedules", .text(\.rules.timeZone, check: SettingCheck.timeZone)),
    ]

    private static let dispatch: [Setting] = [
        Setting(
            "dispatch.stop_radius_m", "metres around a stop or depot whose place has no radius_m",
            .number(\.dispatch.stopRadius_m, 5...5000)),
        Setting(
            "dispatch.reference_wait_s", "seconds that what refers to something unknown waits for it",
            .integer(\.dispatch.referenceWait_s, 0...day_s)),
        Setting(
            "dispatch.approach_s", "a vehicle expected within so many seconds is approaching",
            .integer(\.dispatch.approach_s, 0...day_s)),
        Setting(
            "dispatch.proof_wait_s", "seconds at a stop after which the driver's word is missing",
            .integer(\.dispatch.proofWait_s, 60...day_s)),
        Setting(
            "dispatch.delivery_retention_h", "hours for which a delivery that has ended is remembered",
            .integer(\.dispatch.deliveryRetention_h, 1...8760)),
    ]
}
