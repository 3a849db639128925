import Wire

extension DayPlay {
    /// The driver's actions around a visit, with what drivers forget.
    mutating func report(_ visit: Visit, crew: Int) {
        let faults = setting.dispatch.faults
        let carelessness = crews[crew].driver.carelessness
        var random = crews[crew].random
        let forgets = random.chance(min(1, faults.arrivedForgottenShare * carelessness))
        let isLate = random.chance(min(1, faults.arrivedLateShare * carelessness))
        let late_s = random.exponential(mean: faults.arrivedLateMean_s)
        let saysServing = random.chance(0.5)
        let saysDeparted = random.chance(0.6)
        let isMissing = random.chance(faults.proofMissingShare)
        let isFar = random.chance(faults.proofFarShare)
        let namesOrder = random.chance(0.2)
        let hasIncident = random.chance(faults.incidentShare)
        let span_s = visit.serviceEnd_s - visit.arrival_s
        let arrivedDelay_s = min(
            span_s * 0.9, isLate ? late_s : random.uniform(3...25) * setting.dispatch.serviceFactor)
        let proof = proofMembers(visit, random: &random)
        crews[crew].random = random
        let name: @Sendable (inout ObjectWriter) -> Void = {
            [stop = stops[visit.stop].id, order = orders[visit.order].id] in
            if namesOrder { $0.add("order", order) } else { $0.add("stop", stop) }
        }
        if !forgets { act(crew, "arrived", at: visit.arrival_s + arrivedDelay_s, name) }
        if saysServing {
            act(crew, "service_started", at: max(visit.serviceStart_s, visit.arrival_s + arrivedDelay_s), name)
        }
        let members: @Sendable (inout ObjectWriter) -> Void = {
            name(&$0)
            proof(&$0)
        }
        if isFar, visit.reason == nil, !isMissing {
            crews[crew].farProof = FarProof(stop: visit.stop, action: visit.outcome.rawValue, members: members)
        } else if !isMissing || visit.reason != nil {
            act(crew, visit.outcome.rawValue, at: visit.serviceEnd_s, members)
        }
        if saysDeparted { act(crew, "departed", at: visit.departure_s - 1, name) }
        if hasIncident {
            act(crew, "incident", at: visit.departure_s - 0.5) { $0.add("reason", "minor_damage") }
        }
    }

    /// What stands in a delivery's action beside its name: the proof, or the reason why there is none.
    private func proofMembers(_ visit: Visit, random: inout RandomSource) -> @Sendable (inout ObjectWriter) -> Void {
        if let reason = visit.reason { return { $0.add("reason", reason) } }
        var digest: [UInt8] = []
        for _ in 0..<4 { digest.append(hex: random.next()) }
        let serials = (0..<visit.items.total).map { _ in "TW\(random.integer(1_000_000...9_999_999))" }
        let hasSignature = random.chance(0.6)
        let recipient = setting.book.customers[orders[visit.order].customer].name
        let reference = orders[visit.order].id
        let text = String(decoding: digest, as: UTF8.self)
        return { [visit] in
            $0.add("proof") {
                $0.add("recipient", recipient)
                if hasSignature { $0.add("signature", "signatures/\(reference).svg") }
                $0.add("photo", "photos/\(reference).jpg")
                $0.add("digest", "sha256:" + text)
            }
            $0.add("items", array: Self.itemList(visit.items, serials: serials))
            $0.add("returns", array: Self.emptiesList(visit.returns))
            if visit.cod_twd > 0 {
                $0.add("cod") {
                    $0.add("amount", visit.cod_twd)
                    $0.add("currency", "TWD")
                    $0.add("method", visit.method)
                }
            }
        }
    }

    /// A proof that was forgotten at the door is made up for down the road, where the app then says it was made.
    mutating func takeFarProof(_ crew: Int) {
        guard let proof = crews[crew].farProof else { return }
        crews[crew].farProof = nil
        var time_s = now_s + 5
        if let plan = crews[crew].plan, let door = plan.path.points.first {
            var phase = 0
            var segment = 0
            time_s = now_s
            while time_s < plan.end_s {
                let motion = plan.motion(at: time_s, phaseCursor: &phase, segmentCursor: &segment)
                if plan.point(at: motion).distance_m(to: door) >= setting.dispatch.faults.proofFar_m { break }
                time_s += 1
            }
            time_s = min(time_s, plan.end_s)
        }
        act(crew, proof.action, at: time_s, proof.members)
    }
}
