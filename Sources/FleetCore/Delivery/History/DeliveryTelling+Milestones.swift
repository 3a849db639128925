import Wire

/// What a delivery's milestones say.
extension DeliveryTelling {
    /// A milestone of the present assignment. `ordinal` tells several visits apart.
    mutating func tell(
        _ type: EventType, as happening: EventType? = nil, subject: DeskSubject? = nil, vehicle: DispatchID? = nil,
        _ time_ms: Int64, cause: [UInt8]? = nil, ordinal: Int = 0, driver: DispatchID? = nil,
        data: (inout [UInt8]) -> Void
    ) {
        var key = EventIdentity()
        key.add(cause ?? summary.assignment)
        key.add(Int64(ordinal))
        let hash = key.hash()
        var bytes: [UInt8] = []
        bytes.member("stop", id: stop)
        let facts = summary.facts
        if let order = facts?.order { bytes.member("order", id: order) }
        if let route = facts?.route { bytes.member("route", id: route) }
        if let driver = driver ?? facts?.driver { bytes.member("driver", id: driver) }
        if let customer = facts?.customer { bytes.member("customer", id: customer) }
        data(&bytes)
        var identity: [UInt8] = []
        identity.append(hex: hash.high)
        identity.append(hex: hash.low)
        milestones.append(
            Milestone(
                type: type, happening: happening ?? type, subject: subject ?? .stop(stop),
                vehicle: vehicle ?? facts?.vehicle, time_ms: time_ms, cause: identity, data: bytes))
    }

    /// How the delivery ended by the driver's last word, and what follows from that.
    mutating func tellClosing() {
        guard let closing else { return }
        if !closing.isAfterCancellation { tellOutcome(closing) }
        tellDispute(closing)
        tellMoney(closing)
        if let reschedule = closing.reschedule {
            tell(
                .deliveryRescheduleRequested, vehicle: closing.word.vehicle, reschedule.time_ms,
                driver: closing.word.driver
            ) { out in
                out.member("reason", text: reschedule.reason)
                if let window = reschedule.window { out.member("window", window: window) }
            }
        }
    }

    private mutating func tellOutcome(_ closing: Closing) {
        let (word, distance_m) = (closing.word, distance_m(of: closing.place))
        tell(
            closing.outcome.type, as: .deliveryDelivered, vehicle: word.vehicle, closing.time_ms, driver: word.driver
        ) { out in
            out.member("reason", text: word.reason)
            out.member("proof", proof: word.proof)
            out.member("items", goods: word.items)
            out.member("returns", goods: word.returns)
            if let payment = word.payment { out.member("cod", payment: payment) }
            if let place = closing.place {
                var where_ = Place(latitude_e7: place.latitude_e7, longitude_e7: place.longitude_e7)
                where_.accuracy_m = place.accuracy_m
                out.member("position", position: where_)
            }
            if let distance_m { out.member("distance_m", count: distance_m) }
        }
    }

    private mutating func tellDispute(_ closing: Closing) {
        let distance_m = distance_m(of: closing.place)
        let reason: StaticString
        if closing.isAfterCancellation {
            reason = "after_cancellation"
        } else if let distance_m, let stop = summary.facts?.place {
            let accuracy_m = closing.place?.accuracy_m ?? settings.filter.assumedAccuracy_m
            guard Double(distance_m) > stop.radius_m + settings.farProof_m + accuracy_m else { return }
            reason = "proof_far_away"
        } else {
            guard !hasVisit(before: closing.time_ms, closing.word.vehicle) else { return }
            reason = "no_visit"
        }
        tell(.deliveryDisputed, vehicle: closing.word.vehicle, closing.time_ms, driver: closing.word.driver) { out in
            out.member("reason")
            out.append(ascii: "\"")
            out.append(ascii: reason)
            out.append(ascii: "\"")
            if let distance_m { out.member("distance_m", count: distance_m) }
        }
    }

    /// The vehicle was there in the present assignment.
    private func hasVisit(before time_ms: Int64, _ vehicle: DispatchID) -> Bool {
        seen.contains { seen in
            seen.vehicle == vehicle
                && seen.visits.contains {
                    $0.entered.time_ms <= time_ms && $0.left?.time_ms ?? .max >= summary.assigned_ms ?? .min
                }
        }
    }

    private mutating func tellMoney(_ closing: Closing) {
        let expected = summary.facts?.cod
        let isDue = expected != nil && closing.outcome.isDelivery && !closing.isAfterCancellation
        if closing.word.payment != nil || isDue {
            summary.collections.append(
                .init(
                    time_ms: closing.time_ms, driver: closing.word.driver ?? summary.facts?.driver,
                    payment: closing.word.payment, expected: isDue ? expected : nil))
        }
        guard let payment = closing.word.payment else { return }
        let subject: DeskSubject = summary.facts?.order.map { .order($0) } ?? .stop(stop)
        tell(
            .financeCodCollected, subject: subject, vehicle: closing.word.vehicle, closing.time_ms,
            driver: closing.word.driver
        ) { out in
            out.member("amount", hundredths: payment.money.amount_c)
            out.member("currency", text: payment.money.currency)
            out.member("method")
            out.append(ascii: "\"")
            out.append(ascii: payment.method.name)
            out.append(ascii: "\"")
            guard let expected else { return }
            out.member("expected_amount", hundredths: expected.amount_c)
            if expected.currency != payment.money.currency {
                out.member("expected_currency", text: expected.currency)
            }
        }
    }
}

extension [UInt8] {
    mutating func member(_ name: StaticString, _ source: DeliveryMachine.Source) {
        member(name)
        append(ascii: "\"")
        append(ascii: source.name)
        append(ascii: "\"")
    }
}
