import BrokerHarness
import Foundation

/// What really happened in a simulated day, as `fleetsim --truth` wrote it.
struct Truth {
    struct Visit {
        var stop: String
        var order: String
        var arrival_ms: Int64
        var outcome: String
    }

    private(set) var visits: [Visit] = []
    /// The one outcome of each order.
    private(set) var outcomes: [String: String] = [:]

    init(file: String) throws {
        for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
            let object = (try JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any] ?? [:]
            guard let order = object["order"] as? String, let outcome = object["outcome"] as? String else { continue }
            switch object["truth"] as? String {
            case "order": outcomes[order] = outcome
            case "visit":
                guard let stop = object["stop"] as? String, let arrival_ms = time_ms(object["arrival"]) else {
                    continue
                }
                visits.append(Visit(stop: stop, order: order, arrival_ms: arrival_ms, outcome: outcome))
            default: break
            }
        }
    }
}

/// What was told of deliveries, after all corrections: events each once, without those that others correct or take back.
struct ToldDeliveries {
    static let endings: Set<String> = ["delivered", "partially_delivered", "failed", "refused", "cancelled"]

    /// Events of deliveries that hold, by order.
    private(set) var byOrder: [String: [Received]] = [:]

    init(_ messages: [Received]) {
        var seen: Set<String> = []
        let events = messages.filter { $0.isEvent && $0.group == "delivery" && seen.insert($0.id).inserted }
        let corrected = Set(events.compactMap { $0.json["corrects"] as? String })
        for event in events where event.name != "retracted" && !corrected.contains(event.id) {
            byOrder[event.string("order") ?? "", default: []].append(event)
        }
    }

    /// The final states that an order has: one, where all is well.
    func endings(of order: String) -> [String] {
        (byOrder[order] ?? []).map(\.name).filter(Self.endings.contains)
    }

    /// Milliseconds since 1970 of the arrivals that hold.
    func arrivals_ms(of order: String) -> [Int64] {
        (byOrder[order] ?? []).filter { $0.name == "arrived" }.compactMap { time_ms($0.json["time"]) }
    }
}
