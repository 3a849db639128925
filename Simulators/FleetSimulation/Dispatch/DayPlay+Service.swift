import Glibc
import Wire

extension DayPlay {
    private static let failures = [
        "customer_absent", "customer_absent", "customer_absent", "address_not_found", "no_access", "unsafe_site",
    ]
    private static let refusals = ["wrong_product", "price_disputed", "damaged_valve"]

    /// What happens at one stop.
    struct Visit {
        var stop: Int
        var order: Int
        var arrival_s: Double
        var serviceStart_s: Double
        var serviceEnd_s: Double
        var departure_s: Double
        var outcome: SimulatedOrder.Outcome
        var reason: String?
        var items: GasBottles
        var returns: GasBottles
        var cod_twd: Int
        var method: String
    }

    /// Serves a stop from the arrival to the departure: decides what happens there, and lets the driver tell about it.
    mutating func serve(_ crew: Int, stop: Int) {
        guard let order = stops[stop].order else { return }
        let visit = drawVisit(crew, stop: stop, order: order)
        stops[stop].status = .done
        orders[order].outcome = visit.outcome
        crews[crew].onBoard = crews[crew].onBoard - visit.items
        crews[crew].spare = crews[crew].spare + (orders[order].items - visit.items)
        crews[crew].empties = crews[crew].empties + visit.returns
        if visit.method == "cash" { crews[crew].cash_twd += visit.cod_twd }
        crews[crew].visits += 1
        report(visit, crew: crew)
        noteVisit(visit, crew: crew)
        noteOutcome(order, at: visit.serviceEnd_s, reason: visit.reason)
        if visit.outcome == .failed { askAgain(visit, crew: crew) }
        schedule(.goOn, of: crew, at: visit.departure_s)
    }

    private mutating func drawVisit(_ crew: Int, stop: Int, order: Int) -> Visit {
        let what = orders[order]
        let who = customer(of: what)
        let faults = setting.dispatch.faults
        let factor = setting.dispatch.serviceFactor
        var random = crews[crew].random
        let draw = random.unit()
        let canBePartial = what.items.total > 1
        var visit = Visit(
            stop: stop, order: order, arrival_s: now_s, serviceStart_s: now_s, serviceEnd_s: now_s, departure_s: now_s,
            outcome: .delivered, reason: nil, items: what.items, returns: what.returns, cod_twd: what.cod_twd,
            method: ["cash", "cash", "cash", "cash", "transfer", "card"][random.integer(0...5)])
        if !what.isAgain {
            if draw < faults.failedShare {
                visit.outcome = .failed
                visit.reason = Self.failures[random.integer(0...(Self.failures.count - 1))]
            } else if draw < faults.failedShare + faults.refusedShare {
                visit.outcome = .refused
                visit.reason = Self.refusals[random.integer(0...(Self.refusals.count - 1))]
            } else if draw < faults.failedShare + faults.refusedShare + faults.partialShare, canBePartial {
                visit.outcome = .partiallyDelivered
                let less = GasProduct.allCases.first { visit.items[$0] > 0 } ?? .lpg20
                visit.items[less] -= 1
                visit.returns[less] = min(visit.returns[less], visit.items[less])
                visit.cod_twd = what.cod_twd > 0 ? visit.items.price_twd : 0
            }
        }
        let hasFailed = visit.outcome == .failed || visit.outcome == .refused
        if hasFailed {
            visit.items = GasBottles()
            visit.returns = GasBottles()
            visit.cod_twd = 0
        } else if random.chance(0.08), let kind = GasProduct.allCases.first(where: { visit.returns[$0] > 0 }) {
            // An empty bottle was not to be found.
            visit.returns[kind] -= 1
        }
        let ready_s = now_s + factor * random.uniform(10...40)
        visit.serviceStart_s = serviceStart_s(of: what, ready_s: ready_s)
        let usual_s =
            hasFailed
            ? factor * 200
            : plannedService_s(who, bottles: max(visit.items.total, visit.returns.total)) * who.serviceFactor
        visit.serviceEnd_s = visit.serviceStart_s + max(5, usual_s * exp(0.28 * random.normal()))
        visit.departure_s = visit.serviceEnd_s + factor * random.uniform(8...45)
        crews[crew].random = random
        return visit
    }

    /// A delivery that failed is wanted again: the driver says when, and dispatch may place an order for it.
    private mutating func askAgain(_ visit: Visit, crew: Int) {
        guard crews[crew].random.chance(setting.dispatch.faults.rescheduleShare) else { return }
        let factor = setting.dispatch.serviceFactor
        let from_s = visit.serviceEnd_s + factor * 3_600
        let window_s = from_s...(from_s + max(600, factor * 7_200))
        let reason = visit.reason ?? "customer_absent"
        act(crew, "reschedule_requested", at: visit.serviceEnd_s + 2) {
            [id = stops[visit.stop].id, from_ms = time_ms(window_s.lowerBound), to_ms = time_ms(window_s.upperBound)] in
            $0.add("stop", id)
            $0.add("reason", reason)
            $0.add("window") {
                $0.add("from", time_ms: from_ms)
                $0.add("to", time_ms: to_ms)
            }
        }
        schedule(
            .again(failed: visit.order, vehicle: crew, window_s: window_s),
            at: visit.departure_s + factor * crews[crew].random.uniform(30...150))
    }

    private mutating func noteVisit(_ visit: Visit, crew: Int) {
        let stop = stops[visit.stop]
        let route = routes[stop.route]
        let place = customer(of: orders[visit.order]).place.position
        let plane = setting.world.plane
        let isTold = orders[visit.order].id
        note(visit.departure_s) { [self] in
            $0.add("truth", "visit")
            $0.add("day", setting.day)
            $0.add("vehicle", crews[crew].identity.id)
            $0.add("driver", crews[crew].driver.id)
            $0.add("route", route.id)
            $0.add("stop", stop.id)
            $0.add("order", isTold)
            $0.add("customer", customer(of: orders[visit.order]).id)
            $0.add("lat", plane.latitude_deg(of: place), decimals: 7)
            $0.add("lon", plane.longitude_deg(of: place), decimals: 7)
            $0.add("sequence", crews[crew].visits)
            $0.add("planned_arrival", time_ms: time_ms(stop.plannedArrival_s))
            $0.add("arrival", time_ms: time_ms(visit.arrival_s))
            $0.add("service_start", time_ms: time_ms(visit.serviceStart_s))
            $0.add("service_end", time_ms: time_ms(visit.serviceEnd_s))
            $0.add("departure", time_ms: time_ms(visit.departure_s))
            $0.add("outcome", visit.outcome.rawValue)
            if let reason = visit.reason { $0.add("reason", reason) }
        }
    }

    /// The one line that tells how an order ended.
    mutating func noteOutcome(_ order: Int, at time_s: Double, reason: String? = nil) {
        guard let outcome = orders[order].outcome else { return }
        note(time_s) { [day = setting.day, id = orders[order].id, ms = time_ms(time_s)] in
            $0.add("truth", "order")
            $0.add("day", day)
            $0.add("order", id)
            $0.add("outcome", outcome.rawValue)
            if let reason { $0.add("reason", reason) }
            $0.add("time", time_ms: ms)
        }
    }
}
