import Geo

/// What dispatch said of a delivery at one time: what events about it carry from then on.
struct DeliveryFacts: Sendable, Equatable {
    var vehicle: DispatchID
    var route: DispatchID?
    var order: DispatchID?
    var customer: DispatchID?
    var driver: DispatchID?
    /// The stop's circle, where its place is known.
    var place: JourneyStop?
    var plannedArrival_ms: Int64?
    /// What was ordered.
    var items: [Goods] = []
    /// What is to be paid at the door.
    var cod: Money?
}

/// Where a driver's app or the vehicle was when something was said.
struct WordPlace: Sendable, Equatable {
    var latitude_e7: Int32
    var longitude_e7: Int32
    var accuracy_m: Double?

    init(latitude_e7: Int32, longitude_e7: Int32, accuracy_m: Double? = nil) {
        self.latitude_e7 = latitude_e7
        self.longitude_e7 = longitude_e7
        self.accuracy_m = accuracy_m
    }

    init(_ fix: Fix) {
        self.init(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7, accuracy_m: fix.accuracy_m)
    }

    var coordinate: Coordinate { Coordinate(latitude_e7: latitude_e7, longitude_e7: longitude_e7) }
}

/// What a driver said of one stop.
struct DriverWord: Sendable, Equatable {
    enum Kind: UInt8, Sendable, CaseIterable {
        case arrived = 0
        case serviceStarted = 1
        case delivered = 2
        case partiallyDelivered = 3
        case failed = 4
        case refused = 5
        case rescheduleRequested = 6
        case departed = 7
    }

    var kind: Kind
    /// Whose driver said it.
    var vehicle: DispatchID
    var driver: DispatchID?
    /// Where it was said, as the app tells.
    var place: WordPlace?
    var reason: [UInt8] = []
    var proof = Proof()
    var items: [Goods] = []
    /// Empties taken back.
    var returns: [Goods] = []
    var payment: Payment?
    /// When to try again.
    var window: TimeWindow?
}

/// One piece of what is known of a delivery, other than what fixes show.
struct DeliveryEvidence: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        /// The stop came onto a vehicle's route.
        case assigned(DeliveryFacts)
        /// What dispatch says of it changed, but neither vehicle nor route.
        case amended(DeliveryFacts)
        case unassigned(reason: [UInt8])
        case cancelled(reason: [UInt8])
        /// The driver loaded it.
        case loaded(vehicle: DispatchID, items: [Goods])
        /// The vehicle is on its way, known otherwise than by having left a depot.
        case setOut(vehicle: DispatchID)
        case word(DriverWord)
    }

    /// When it happened: the message's own time where it has one.
    var time_ms: Int64
    /// Tells it from all other pieces: the id of the message. A piece that comes again with the same is a duplicate.
    var cause: [UInt8]
    var kind: Kind

    /// A word that does not tell where it was said: of the driver of this vehicle, or of any.
    func isWithoutPlace(of vehicle: DispatchID?) -> Bool {
        guard case .word(let word) = kind, word.place == nil else { return false }
        return vehicle == nil || word.vehicle == vehicle
    }

    /// Decides how a delivery ends, or whose it is: kept even where there is no room for more.
    var isDecisive: Bool {
        switch kind {
        case .assigned, .unassigned, .cancelled: true
        case .amended, .loaded, .setOut: false
        case .word(let word):
            switch word.kind {
            case .delivered, .partiallyDelivered, .failed, .refused: true
            case .arrived, .serviceStarted, .rescheduleRequested, .departed: false
            }
        }
    }
}
