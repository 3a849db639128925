import Wire

@testable import FleetCore

/// Somebody who reads the desk's events and obeys `corrects` and retractions: what he holds for true in the end.
struct Consumer {
    struct Fact: Hashable, CustomStringConvertible {
        var type: String
        var subject: String
        var vehicle: String
        var time_s: Double
        var data: String

        var description: String { "\(time_s) \(type) \(subject) \(vehicle) \(data)" }
    }

    private(set) var facts: [Hash128: Fact] = [:]
    /// Every id that was ever published, and what is wrong with the stream: an id used twice, or a correction of what does
    /// not hold.
    private var ids: Set<Hash128> = []
    private(set) var problems: [String] = []

    mutating func read(_ events: [DeskEvent]) {
        for event in events {
            let id = event.identity(fleet: Array("acme".utf8))
            if !ids.insert(id).inserted { problems.append("\(event.type) has a used id") }
            if let corrects = event.corrects, facts.removeValue(forKey: corrects) == nil,
                !retractions.contains(corrects)
            {
                problems.append("\(event.type) corrects what does not hold")
            }
            if event.type == .deliveryRetracted || event.type == .routeRetracted {
                if event.corrects == nil { problems.append("a retraction of nothing") }
                retractions.insert(id)
                continue
            }
            facts[id] = Fact(
                type: event.type.qualifiedName, subject: "\(event.subject.kind)/\(event.subject.id.text)",
                vehicle: event.vehicle?.text ?? "", time_s: Double(event.time_ms - DeliveryDrive.epoch_ms) / 1000,
                data: String(decoding: event.data, as: UTF8.self))
        }
    }

    private var retractions: Set<Hash128> = []

    /// In the order of time.
    var story: [Fact] {
        facts.values.sorted { ($0.time_s, $0.type, $0.data) < ($1.time_s, $1.type, $1.data) }
    }

    /// Times and types, for reading: `40 arrived`.
    var brief: [String] {
        story.map { "\(Int($0.time_s)) \($0.type.drop { $0 != "." }.dropFirst())" }
    }

    func data(_ type: EventType) -> [String] { story.filter { $0.type == type.qualifiedName }.map(\.data) }
}

extension DeliveryEvidence {
    /// A piece at so many seconds.
    init(_ time_s: Double, _ cause: String, _ kind: Kind) {
        self.init(time_ms: DeliveryDrive.time(time_s), cause: Array(cause.utf8), kind: kind)
    }

    static func assigned(
        _ time_s: Double, vehicle: String = "V-1", route: String = "R-1",
        stop: JourneyStop? = DeliveryDrive.stop("S-1", north_m: 1000),
        items: [Goods] = [], cod: Money? = nil
    ) -> DeliveryEvidence {
        DeliveryEvidence(
            time_s, "assigned-\(vehicle)-\(route)-\(time_s)",
            .assigned(
                DeliveryFacts(
                    vehicle: DispatchID(vehicle), route: DispatchID(route), order: DispatchID("O-1"),
                    customer: DispatchID("C-1"), driver: DispatchID("D-1"), place: stop,
                    plannedArrival_ms: DeliveryDrive.time(100), items: items, cod: cod)))
    }

    static func word(
        _ time_s: Double, _ kind: DriverWord.Kind, vehicle: String = "V-1",
        _ change: (inout DriverWord) -> Void = { _ in }
    ) -> DeliveryEvidence {
        var word = DriverWord(kind: kind, vehicle: DispatchID(vehicle))
        change(&word)
        return DeliveryEvidence(time_s, "\(kind)-\(vehicle)-\(time_s)", .word(word))
    }
}

extension DeliveryHistory {
    init(_ stop: String = "S-1") { self.init(fleet: Array("acme".utf8), stop: DispatchID(stop)) }
}

extension WordPlace {
    /// A place so many metres north of the origin.
    static func north(_ north_m: Double, accuracy_m: Double? = 10) -> WordPlace {
        let fix = DeliveryDrive.fix(0, north_m: north_m)
        return WordPlace(latitude_e7: fix.latitude_e7, longitude_e7: fix.longitude_e7, accuracy_m: accuracy_m)
    }
}

extension Goods {
    static func cylinders(_ quantity: Int64) -> [Goods] { [Goods(product: Array("LPG-20".utf8), quantity: quantity)] }
}

extension Payment {
    static func cash(_ amount: Int64, _ currency: String = "TWD", _ method: Method = .cash) -> Payment {
        Payment(money: Money(amount_c: amount * 100, currency: Array(currency.utf8)), method: method)
    }
}
