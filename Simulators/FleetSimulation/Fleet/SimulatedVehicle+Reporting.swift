import Wire

extension SimulatedVehicle {
    /// How long after the last sign of life a broker gives a connection up: one and a half times the keep-alive of 60 s.
    static let connectionPatience_s = 90.0

    /// Measures and reports at `time_us` of simulated time (ascending). What it sends is appended to `emissions`; gives the
    /// time of the next report.
    mutating func report(
        at time_us: Int64, world: FleetWorld, emissions: inout [Emission], counts: inout RunCounts
    ) -> Int64 {
        let time_s = Double(time_us) / 1e6
        let state = journey.advance(to: time_s - latency_s)
        isParked = state.activity == .loading && !state.isIgnitionOn
        let report = measure(state, at: time_s - latency_s, world: world, counts: &counts)
        var payload: [UInt8] = []
        payload.reserveCapacity(run.scenario.reports.sensors ? 384 : 224)
        writer.append(report, to: &payload)
        if coverage.isCovered(at: time_s, isTunnel: state.isTunnel) {
            reconnect(emissions: &emissions)
            sendLive(payload, report: report, emissions: &emissions, counts: &counts)
        } else {
            loseConnection(at: time_s, emissions: &emissions)
            counts.buffered += 1
            counts.dropped -= buffer.dropped
            buffer.append(payload)
            counts.dropped += buffer.dropped
        }
        return max(time_us + 1, nextReport_us(after: time_s, state: state))
    }

    /// Without coverage for long enough, the broker publishes the tracker's last will.
    private mutating func loseConnection(at time_s: Double, emissions: inout [Emission]) {
        let since_s = uncoveredSince_s ?? time_s
        uncoveredSince_s = since_s
        guard run.announcesStatus, !isDisconnected, time_s - since_s >= Self.connectionPatience_s else { return }
        isDisconnected = true
        emissions.append(.status(isOnline: false, kind: .lastWill))
    }

    /// Says online again where the broker had given the tracker up.
    mutating func reconnect(emissions: inout [Emission]) {
        uncoveredSince_s = nil
        guard isDisconnected else { return }
        isDisconnected = false
        emissions.append(.status(isOnline: true))
    }

    /// Sends everything that waits for coverage, as arrays.
    mutating func upload(emissions: inout [Emission], counts: inout RunCounts) {
        guard !buffer.isEmpty else { return }
        let arrays = buffer.takeArrays(
            newestFirst: uploadsNewestFirst, arrayMax: run.scenario.coverage.uploadArrayMax)
        for array in arrays {
            emissions.append(Emission(kind: .upload, payload: array))
            duplicate(array, kind: .upload, sentAfter_us: 0, emissions: &emissions, counts: &counts)
        }
    }

    private mutating func measure(
        _ state: VehicleJourney.State, at time_s: Double, world: FleetWorld, counts: inout RunCounts
    ) -> Report {
        var fix = sensor.measure(state, at: time_s)
        let hourOfDay = Double((run.start_ms / 1_000 + Int64(time_s) + 8 * 3_600) % 86_400) / 3_600
        let reading =
            run.scenario.reports.sensors ? condition.read(state, at: time_s, hourOfDay: hourOfDay) : nil
        counts.reports += 1
        sequence += 1
        if faults.chance(run.scenario.faults.teleportShare) {
            counts.teleports += 1
            let distance_m = faults.uniform(5_000...max(5_000, run.scenario.faults.teleportMax_km * 1_000))
            let direction = faults.uniform(-1...1)
            fix.position.x_m += distance_m * direction
            fix.position.y_m += distance_m * (1 - direction * direction).squareRoot() * (faults.chance(0.5) ? 1 : -1)
        }
        return Report(
            time_ms: run.start_ms + Int64((time_s * 1_000).rounded()) + clockOffset_ms,
            latitude_deg: max(-90, min(90, world.plane.latitude_deg(of: fix.position))),
            longitude_deg: max(-180, min(180, world.plane.longitude_deg(of: fix.position))), fix: fix,
            isIgnitionOn: state.isIgnitionOn, reading: reading, sequence: sequence)
    }

    /// Sends a report with what faults make of it. Trackers that upload oldest first send the buffer before it.
    private mutating func sendLive(
        _ payload: [UInt8], report: Report, emissions: inout [Emission], counts: inout RunCounts
    ) {
        if !uploadsNewestFirst { upload(emissions: &emissions, counts: &counts) }
        let settings = run.scenario.faults
        var delay_us: Int64 = 0
        if faults.chance(settings.lateShare) {
            counts.late += 1
            delay_us = 1 + Int64(faults.exponential(mean: settings.lateMean_s) * 1e6)
        }
        emissions.append(Emission(delay_us: delay_us, payload: payload))
        duplicate(payload, kind: .telemetry, sentAfter_us: delay_us, emissions: &emissions, counts: &counts)
        for (index, share) in settings.malformed.enumerated() where share > 0 && faults.chance(share) {
            counts.malformed[index] += 1
            let kind = MalformedKind.allCases[index]
            emissions.append(
                Emission(
                    payload: kind.payload(from: report, writer: writer, good: payload), isJSON: kind.isJSON,
                    isMisaddressed: kind == .badTopic))
        }
        if uploadsNewestFirst { upload(emissions: &emissions, counts: &counts) }
    }

    /// Sometimes the acknowledgement is lost, and the same bytes come again.
    private mutating func duplicate(
        _ payload: [UInt8], kind: MessageKind, sentAfter_us: Int64, emissions: inout [Emission],
        counts: inout RunCounts
    ) {
        let settings = run.scenario.faults
        guard faults.chance(settings.duplicateShare) else { return }
        counts.duplicates += 1
        let delay_us = 1_000 + Int64(faults.uniform(0...settings.duplicateDelayMax_s) * 1e6)
        emissions.append(Emission(delay_us: sentAfter_us + delay_us, kind: kind, payload: payload))
    }

    /// The interval of the present state, cut short where the ignition is switched before.
    private func nextReport_us(after time_s: Double, state: VehicleJourney.State) -> Int64 {
        if let fixed_s = run.fixedInterval_s { return Int64(((time_s + fixed_s) * 1e6).rounded()) }
        let reports = run.scenario.reports
        let interval_s = state.isIgnitionOn ? movingInterval_s : max(movingInterval_s, reports.parkedInterval_s)
        var next_s = time_s + interval_s
        if reports.ignitionReports || !state.isIgnitionOn {
            // A parked tracker wakes up with the ignition.
            let change_s = journey.nextChange(after: time_s - latency_s) + latency_s
            if change_s > time_s, reports.ignitionReports || interval_s > movingInterval_s {
                next_s = min(next_s, change_s + 0.001)
            }
        }
        return Int64((next_s * 1e6).rounded())
    }

    /// Master data as dispatch publishes it.
    package func masterData() -> [UInt8] {
        var random = RandomSource(seed: run.scenario.seed, purpose: .vehicle, number: UInt64(number) | 1 << 40)
        let letters = Array("ABCDEFGHJKLMNPQRSTUVWXYZ")
        let plate = (0..<3).map { _ in String(letters[random.integer(0...(letters.count - 1))]) }.joined()
        let digits = String(random.integer(1_000...9_999))
        let (title, kind) =
            switch vehicleClass {
            case .gasTruck: ("瓦斯車", "light-truck")
            case .van: ("廂型車", "van")
            case .scooter: ("機車", "scooter")
            }
        let text = """
            {"name":"\(title) \(number < 10 ? "0" : "")\(number)","plate":"\(plate)-\(digits)",\
            "group":"\(vehicleClass.rawValue)","class":"\(kind)","capacity_kg":\(vehicleClass.capacity_kg),\
            "tank_l":\(Int(vehicleClass.tank_l))}
            """
        return Array(text.utf8)
    }
}
