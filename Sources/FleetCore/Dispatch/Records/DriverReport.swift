import Wire

/// What a driver did, as the app tells it on `vehicles/{vehicle}/driver`.
struct DriverReport: Sendable, Equatable {
    enum Action: String, CaseIterable, Sendable {
        case shiftStarted = "shift_started"
        case shiftEnded = "shift_ended"
        case loaded
        case arrived
        case serviceStarted = "service_started"
        case delivered
        case partiallyDelivered = "partially_delivered"
        case failed
        case refused
        case rescheduleRequested = "reschedule_requested"
        case departed
        case returned
        case breakStarted = "break_started"
        case breakEnded = "break_ended"
        case incident
        case sos
    }

    var action: Action
    var time_ms: Int64
    var driver: DispatchID?
    var stop: DispatchID?
    var order: DispatchID?
    var route: DispatchID?
    var latitude_e7: Int32?
    var longitude_e7: Int32?
    var accuracy_m: Double?
    var reason: String?
    var items: [Goods]?
    var returns: [Goods] = []
    var proof = Proof.none
    var payment: Payment?
    /// What the driver says to have taken in the shift.
    var cash: Money?
    var window: TimeWindow?

    init(action: Action, time_ms: Int64) {
        self.action = action
        self.time_ms = time_ms
    }

    /// Nil for what is no action of dispatch: another word, `manual_position`, or no action at all, which the vehicle's shard
    /// judges.
    init?(_ payload: Span<UInt8>) throws(RecordProblem) {
        guard let reader = try? RecordReader(payload), let word = reader["action"]?.string,
            let action = Action(rawValue: word)
        else { return nil }
        guard let time_ms = try reader.time_ms("time") else { throw reader.missing("time") }
        self.init(action: action, time_ms: time_ms)
        driver = try reader.id("driver")
        stop = try reader.id("stop")
        order = try reader.id("order")
        route = try reader.id("route")
        if let latitude = try reader.number("lat", -90...90), let longitude = try reader.number("lon", -180...180) {
            latitude_e7 = Int32((latitude * 1e7).rounded())
            longitude_e7 = Int32((longitude * 1e7).rounded())
        }
        accuracy_m = try reader.number("accuracy_m", 0...100_000)
        reason = try reader.text("reason")
        items = reader["items"] == nil ? nil : try Goods.list(reader, "items")
        returns = try Goods.list(reader, "returns")
        if let proof = try reader.object("proof") {
            func text(_ key: String) throws(RecordProblem) -> [UInt8] { Array((try proof.text(key) ?? "").utf8) }
            self.proof = Proof(
                recipient: try text("recipient"), signature: try text("signature"), photo: try text("photo"),
                digest: try text("digest"))
        }
        payment = try Payment(reader, "cod")
        cash = try Money(reader, "cash")
        window = try TimeWindow(reader, "window")
        if needsStop, stop == nil, order == nil { throw reader.missing("stop") }
    }

    private var needsStop: Bool {
        switch action {
        case .arrived, .serviceStarted, .delivered, .partiallyDelivered, .failed, .refused, .rescheduleRequested,
            .departed:
            true
        case .shiftStarted, .shiftEnded, .loaded, .returned, .breakStarted, .breakEnded, .incident, .sos: false
        }
    }
}
