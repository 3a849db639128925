package import FleetCore

/// All settings of one process, checked: what `Configuration.load` returns is usable as it stands.
///
/// The members carry the names of the keys in `Config/fleetstream.json5`, where each is explained; units stand last in
/// the names. Paths of a loaded configuration are absolute, an empty path means that there is none.
package struct Configuration: Sendable, Equatable {
    /// The first level or levels of every topic; a fleet's name follows.
    package var topicRoot = "fleets"
    package var fleets = [Fleet()]
    /// What takes messages in that are not on our own topics.
    package var adapters: [Adapter] = []
    /// The file of vehicles' rules; empty: the built-in rules.
    package var rulesFile = "rules.json5"
    /// The folder of messages to people; empty: there are none.
    package var smsFolder = "sms"
    package var mqtt = MQTT()
    package var publisher = Publisher()
    package var store = Store()
    package var engine = Engine()
    package var rules = Rules()
    package var dispatch = Dispatch()
    package var commands = Commands()
    package var router = Router()
    package var log = Log()
    package var status = Status()
    package var smsBridge = SMSBridge()
    package var window = Window()

    package init() {}

    /// The defaults as the shipped file writes them; its relative paths are not resolved yet.
    package static let `default` = Configuration()

    /// Where `status` asks a running process: the configured socket, or one beside the store.
    package var statusSocket: String { status.socket.isEmpty ? store.path + ".socket" : status.socket }

    /// The entry for the fleet of this name: its own, or that of `+`; nil where neither is configured.
    package func fleet(named name: String) -> Fleet? {
        fleets.first { $0.id == name } ?? fleets.first { $0.id == Fleet.anyID }
    }

    /// A fleet and its geofences.
    package struct Fleet: Sendable, Equatable {
        /// The id that stands for every fleet without an entry of its own.
        package static let anyID = "+"

        package var id = Fleet.anyID
        /// A folder of `*.geojson` files, or one such file.
        package var geofences = "../Geofences"

        package init() {}

        package init(id: String, geofences: String) {
            self.id = id
            self.geofences = geofences
        }
    }

    /// The connections to the broker.
    package struct MQTT: Sendable, Equatable {
        package var host = "127.0.0.1"
        package var port = 1883
        package var clientID = "fleetstream"
        package var version = MQTTVersion.v5
        /// 4294967295 means that the session never expires.
        package var sessionExpiry_s = 604_800
        package var keepAlive_s = 60
        package var receiveMaximum = 65_535
        package var username = ""
        package var passwordFile = ""
        /// From `passwordFile` or the environment; nil where neither is given.
        package var password: Secret?
        package var tls = TLS()
        package var reconnectInitial_s = 0.25
        package var reconnectMax_s = 30.0

        package init() {}
    }

    /// The version of MQTT that is spoken with the broker.
    package enum MQTTVersion: String, Sendable, CaseIterable {
        case v5 = "5"
        case v3_1_1 = "3.1.1"
    }

    /// Encryption of the connections to the broker.
    package struct TLS: Sendable, Equatable {
        package var enabled = false
        /// Certificates of the authorities that may sign the broker's; empty: those of the operating system.
        package var caFile = ""
        package var certificateFile = ""
        package var keyFile = ""

        package init() {}
    }

    /// Events on their way out.
    package struct Publisher: Sendable, Equatable {
        /// Messages that may be without the broker's confirmation at one time.
        package var window = 1000

        package init() {}
    }

    /// The SQLite file, and how long it keeps what.
    package struct Store: Sendable, Equatable {
        package var path = "../fleetstream.sqlite"
        package var journalAge_days = 7
        package var journalSize_mib = 4096
        package var deadLetterAge_days = 30
        package var deadLettersMax = 100_000
        package var snapshotInterval_s = 300
        package var snapshotEveryMessages = 200_000

        package init() {}
    }

    /// Shards and batches.
    package struct Engine: Sendable, Equatable {
        /// 0: as many as the machine has cores.
        package var shards = 0
        package var batchMessages = 4096
        package var batch_kib = 1024

        package init() {}
    }

    /// How positions are judged.
    package struct Rules: Sendable, Equatable {
        package var registeredOnly = false
        package var offlineAfter_s = 300
        package var reorderWindow_s = 1800
        package var futureTolerance_s = 120
        package var maxSpeed_kmh = 250.0
        package var teleportConfirmFixes = 3
        package var assumedAccuracy_m = 10.0
        package var crossingMaxGap_s = 600
        package var crossingMaxDistance_m = 50_000.0
        package var stateInterval_s = 5
        package var trackFixes = 256
        package var clockSkew_s = 60
        package var correctsClockSkew = false
        /// IANA name.
        package var timeZone = "Asia/Taipei"

        package init() {}
    }

    /// How deliveries are judged.
    package struct Dispatch: Sendable, Equatable {
        package var stopRadius_m = 60.0
        package var referenceWait_s = 600
        package var approach_s = 600
        package var proofWait_s = 1800
        package var deliveryRetention_h = 48

        package init() {}
    }

    /// How commands go to vehicles.
    package struct Commands: Sendable, Equatable {
        /// Values of `requested_by`, separated by commas.
        package var immobiliseBy = ""
        package var timeout_s = 30.0
        package var retries = 2
        package var expires_s = 300.0
        package var standing_s = 10.0
        package var fixAge_s = 10.0
        package var motorway_kmh = 80.0

        package init() {}
    }

    /// The road router that ways and their base times are asked of.
    package struct Router: Sendable, Equatable {
        /// Empty: there is none.
        package var url = ""
        package var kind = RouterKind.osrm
        /// Empty: `driving` of OSRM, `auto` of Valhalla.
        package var profile = ""
        package var timeout_ms = 3000
        package var requestsPerDay = 50_000
        package var concurrency = 4
        package var queueMax = 1000
        package var wait_s = 60
        package var response_kib = 4096
        package var cacheEntries = 10_000
        package var cache_mib = 64
        package var cacheTTL_s = 86_400
        package var breakerFailures = 5
        package var breakerOpen_s = 30

        package init() {}
    }

    /// Which of the two interfaces the road router speaks.
    package enum RouterKind: String, Sendable, CaseIterable { case osrm, valhalla }

    /// What is written to standard error.
    package struct Log: Sendable, Equatable {
        package var level = LogLevel.info
        package var format = LogFormat.text

        package init() {}
    }

    /// What `fleetstream sms-bridge` sends messages with.
    package struct SMSBridge: Sendable, Equatable {
        /// Without the path of the API's version.
        package var url = "https://api.twilio.com"
        package var accountSID = ""
        package var authTokenFile = ""
        /// The sender's number or name; or else `messagingServiceSID`.
        package var from = ""
        package var messagingServiceSID = ""
        /// An address that the provider tells what becomes of a message; empty for none. The bridge asks by itself.
        package var statusCallback = ""
        /// The name of its session at the broker.
        package var clientID = "fleetstream-sms-bridge"
        /// Its SQLite file.
        package var store = "../sms-bridge.sqlite"
        package var rate_per_min = 100
        /// Calls to the provider at one time.
        package var inFlight = 4
        package var timeout_s = 15.0
        package var attempts = 3
        package var retryInitial_s = 1.0
        package var retryMax_s = 60.0
        package var pollInterval_s = 10.0
        package var receiptTimeout_s = 3600
        /// How long it is remembered which requests were sent.
        package var keep_days = 30

        package init() {}
    }

    /// Where the process answers `fleetstream status`.
    package struct Status: Sendable, Equatable {
        /// Path of a Unix socket; empty: beside the store. `Configuration.statusSocket` is the one to use.
        package var socket = ""

        package init() {}
    }

    /// The read-only HTTP window: map, health, metrics, queries.
    package struct Window: Sendable, Equatable {
        /// Address and port; empty: no window.
        package var listen = ""
        /// Bearer tokens; empty: whoever reaches the address may look, which must then be this machine's own.
        package var tokenFile = ""
        /// The keys of customers' links; empty: there are none.
        package var linkKeysFile = ""
        /// How long a link in a message is good.
        package var linkLifetime_h = 168
        /// The map's ground, a template of URLs; empty: none.
        package var tiles = ""
        package var tilesAttribution = ""
        package var connectionsMax = 1024
        package var connectionsPerAddress = 256
        package var vehiclesMax = 50_000
        package var trailPoints = 60
        package var readyLag_s = 5.0
        /// Where the port is taken, any other will do: for the demonstration only, no setting.
        package var mayUseAnotherPort = false

        package init() {}
    }
}
