/// What the demonstration's screen shows, taken at one moment.
package struct DemoSnapshot: Sendable, Equatable {
    /// One line of the list of events.
    package struct Event: Sendable, Equatable {
        /// When it happened: milliseconds since 1970, UTC.
        package var time_ms: Int64
        package var vehicle: String
        /// `entered`, `exited`, `online`, …
        package var type: String
        /// What it is about besides: the geofence's name, the stop and its customer, a message's text. May be empty.
        package var about: String

        package init(time_ms: Int64, vehicle: String, type: String, about: String = "") {
            self.time_ms = time_ms
            self.vehicle = vehicle
            self.type = type
            self.about = about
        }
    }

    /// Where the deliveries stand.
    package struct Deliveries: Sendable, Equatable {
        /// How many stops have each status of `state/stops/…`.
        package var byStatus: [String: Int] = [:]
        /// Expected stops whose window will probably be missed.
        package var atRisk = 0
        /// The next arrivals, first ones first.
        package var next: [Arrival] = []

        package init() {}

        package var total: Int { byStatus.values.reduce(0, +) }
    }

    /// An expected arrival. Times are milliseconds since 1970, UTC.
    package struct Arrival: Sendable, Equatable {
        package var stop: String
        package var customer = ""
        package var vehicle = ""
        /// The arrival is as likely before this time as after it.
        package var p50_ms: Int64?
        /// Nine in ten arrive before this time.
        package var p90_ms: Int64?
        package var windowFrom_ms: Int64?
        package var windowTo_ms: Int64?
        package var isAtRisk = false
        package var isEmergency = false

        package init(stop: String) { self.stop = stop }
    }

    package var vehicles = 0
    package var vehiclesOnline = 0
    package var vehiclesMoving = 0
    package var messagesPerSecond = 0.0
    package var messages = 0
    /// From fix to event published; nil while nothing has been measured.
    package var lagMedian_ms: Double?
    package var lag99th_ms: Double?
    package var eventsPerSecond = 0.0
    /// Events by type, in any order.
    package var eventTotals: [String: Int] = [:]
    package var outboxDepth = 0
    package var deadLetters = 0
    package var store_bytes = 0
    package var broker = ""
    /// Where the map is: `http://127.0.0.1:8080`; empty where there is none.
    package var window = ""
    package var uptime_s = 0
    /// Nil where nothing is known of deliveries.
    package var deliveries: Deliveries?
    /// Newest first.
    package var newestEvents: [Event] = []
    /// Seconds east of UTC in which times are shown.
    package var utcOffset_s = 0
    /// What does not go well, if anything: "broker away", "disk full".
    package var trouble: String?

    package init() {}

    package var events: Int { eventTotals.values.reduce(0, +) }
}
