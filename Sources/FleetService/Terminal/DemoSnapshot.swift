/// What the demonstration's screen shows, taken at one moment.
package struct DemoSnapshot: Sendable, Equatable {
    /// One line of the list of events.
    package struct Event: Sendable, Equatable {
        /// When it happened: milliseconds since 1970, UTC.
        package var time_ms: Int64
        package var vehicle: String
        /// `entered`, `exited`, `online`, …
        package var type: String
        /// The geofence's name, or its id; empty where the event is about none.
        package var geofence: String

        package init(time_ms: Int64, vehicle: String, type: String, geofence: String = "") {
            self.time_ms = time_ms
            self.vehicle = vehicle
            self.type = type
            self.geofence = geofence
        }
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
    /// Newest first.
    package var newestEvents: [Event] = []
    /// Seconds east of UTC in which times are shown.
    package var utcOffset_s = 0
    /// What does not go well, if anything: "broker away", "disk full".
    package var trouble: String?

    package init() {}

    package var events: Int { eventTotals.values.reduce(0, +) }
}
