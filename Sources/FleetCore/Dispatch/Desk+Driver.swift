import Forecast
import Geo
import Wire

/// What drivers tell by their apps.
extension Desk {
    /// How far a driver's clock may be ahead.
    private static let futureTolerance_ms: Int64 = 120_000
    /// A word that is so far behind the vehicle's newest fix is late.
    private static let lateWord_ms: Int64 = 60_000

    /// - Parameter since_ms: since when it has waited for what it is about; nil for one that has just come.
    mutating func hear(
        _ told: VehicleReport, since_ms: Int64? = nil, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let since_ms = since_ms ?? step.receivedTime_ms
        let report = told.report
        if runs[told.handle] == nil { runs[told.handle] = DeskRun(vehicle: told.vehicle) }
        guard report.time_ms <= step.receivedTime_ms + Self.futureTolerance_ms else {
            let fault = Fault(reason: "future_time", detail: "the time of a driver's action has not come")
            return refuse(
                fault, topic: reportTopic(told), payload: told.payload, step: step, into: &effects)
        }
        switch report.action {
        case .shiftStarted, .shiftEnded: hearShift(told, step, into: &effects)
        case .loaded: hearLoading(told, since_ms, step, into: &effects)
        case .returned: hearReturn(told, step, into: &effects)
        case .breakStarted: beginBreak(told.handle, at: report.time_ms)
        case .breakEnded: pause(told.handle, until_ms: .min)
        case .incident, .sos: tellIncident(told, step, into: &effects)
        case .arrived, .serviceStarted, .delivered, .partiallyDelivered, .failed, .refused, .rescheduleRequested,
            .departed:
            hearOfStop(told, since_ms, step, into: &effects)
        }
    }

    /// How long a break is taken to last whose end was not told.
    private static let break_ms: Int64 = 1_800_000

    func reportTopic(_ told: VehicleReport) -> [UInt8] {
        topic("vehicles/", told.vehicle) + Array("/driver".utf8)
    }

    /// Tells the same message from others.
    private func cause(of told: VehicleReport) -> [UInt8] {
        let hash = Hash128(told.vehicle.bytes + [0] + told.payload)
        var cause: [UInt8] = []
        cause.append(ascii: "driver ")
        cause.append(hex: hash.high)
        cause.append(hex: hash.low)
        return cause
    }

    /// Which stop a report is about; nil where that is not known.
    private func stop(of report: DriverReport) -> DispatchID? {
        if let stop = report.stop, deliveries[stop] != nil { return stop }
        guard let order = report.order ?? report.stop else { return nil }
        let stop = stopOfOrder[order] ?? order
        return deliveries[stop] == nil ? nil : stop
    }

    private mutating func hearOfStop(
        _ told: VehicleReport, _ since_ms: Int64, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let stop = stop(of: told.report), deliveries[stop]?.order != nil,
            deliveries[stop]?.history.state != .planned || deliveries[stop]?.isCancelled == true
        else { return waiting.hold(told, at: since_ms) }
        let report = told.report
        guard let kind = report.wordKind else { return }
        var word = DriverWord(kind: kind, vehicle: told.vehicle)
        word.driver = report.driver
        if let latitude_e7 = report.latitude_e7, let longitude_e7 = report.longitude_e7 {
            word.place = WordPlace(
                latitude_e7: latitude_e7, longitude_e7: longitude_e7, accuracy_m: report.accuracy_m)
        }
        word.reason = Array((report.reason ?? "").utf8)
        word.proof = report.proof
        word.items = report.items ?? []
        word.returns = report.returns
        word.payment = report.payment
        word.window = report.window
        if word.place == nil {
            let until_ms = report.time_ms.addingClamped(deliverySettings.wordPlace_s * 1000)
            let known_ms = runs[told.handle]?.wordsUntil_ms ?? .min
            runs[told.handle]?.wordsUntil_ms = max(known_ms, until_ms)
        }
        let piece = DeliveryEvidence(time_ms: report.time_ms, cause: cause(of: told), kind: .word(word))
        let newest_ms = runs[told.handle]?.track.head.newest?.time_ms ?? .min
        let isLate = report.time_ms < newest_ms.subtractingClamped(Self.lateWord_ms)
        add(piece, to: stop, step, into: &effects)
        // The end of one delivery may let the next one at the same place arrive.
        if let vehicle = deliveries[stop]?.vehicle, vehicle >= 0, deliveries[stop]?.history.state.isFinal == true {
            observe(vehicle, isLate: isLate, step, into: &effects)
            // What was said long ago changes what is expected with the next fix, and tells nothing by itself.
            if !isLate, let time_ms = runs[vehicle]?.track.head.newest?.time_ms {
                forecast(vehicle, at: time_ms, step, into: &effects)
            }
        }
    }

    // MARK: - Loading, shifts, breaks

    /// The stops that goods were loaded for: the one that is named, or all of the route that is named or being driven.
    private mutating func hearLoading(
        _ told: VehicleReport, _ since_ms: Int64, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let report = told.report
        let route = report.route ?? runs[told.handle]?.tripRoute ?? runs[told.handle]?.routes.first
        if let route, routes[route] != nil, let items = report.items, !items.isEmpty {
            let word = RouteWord(
                time_ms: report.time_ms, cause: cause(of: told), kind: .loaded, driver: report.driver, items: items)
            for event in routes[route]?.add(word) ?? [] { emit(event, step: step, into: &effects) }
        }
        var stops: [DispatchID] = []
        if report.stop != nil || report.order != nil {
            guard let stop = stop(of: report) else { return waiting.hold(told, at: since_ms) }
            stops = [stop]
        } else if let route {
            stops = (records.routes[route]?.stops ?? []).map(\.stop).filter { deliveries[$0]?.route == route }
        }
        for stop in stops where deliveries[stop]?.order != nil {
            let items = report.stop != nil || report.order != nil ? report.items ?? [] : []
            let piece = DeliveryEvidence(
                time_ms: report.time_ms, cause: cause(of: told), kind: .loaded(vehicle: told.vehicle, items: items))
            add(piece, to: stop, step, into: &effects)
        }
    }

    private mutating func hearReturn(
        _ told: VehicleReport, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let report = told.report
        guard let route = report.route ?? runs[told.handle]?.tripRoute ?? runs[told.handle]?.routes.last else { return }
        let word = RouteWord(
            time_ms: report.time_ms, cause: cause(of: told), kind: .returned, driver: report.driver,
            items: report.items ?? report.returns)
        for event in routes[route]?.add(word) ?? [] { emit(event, step: step, into: &effects) }
    }

    private mutating func hearShift(
        _ told: VehicleReport, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let report = told.report
        let route = runs[told.handle]?.tripRoute ?? runs[told.handle]?.routes.last
        guard let driver = report.driver ?? route.flatMap({ records.routes[$0]?.driver }) else {
            let fault = Fault(reason: "missing_driver", detail: "whose shift it is, is not known")
            return refuse(fault, topic: reportTopic(told), payload: told.payload, step: step, into: &effects)
        }
        let kind: ShiftWord.Kind = report.action == .shiftStarted ? .started : .ended(declared: report.cash)
        let word = ShiftWord(time_ms: report.time_ms, cause: cause(of: told), vehicle: told.vehicle, kind: kind)
        let events = cash[driver, default: ShiftCash(fleet: fleet, driver: driver)].add(word)
        for event in events { emit(event, step: step, into: &effects) }
    }

    /// The driver rests: for as long as the plan's next break, which is then over, or for as long as breaks last.
    private mutating func beginBreak(_ vehicle: Int32, at time_ms: Int64) {
        var length_ms = Self.break_ms
        let stops = runs[vehicle]?.trip?.plan.stops ?? []
        if let next = stops.firstIndex(where: { $0.break_s != nil && !$0.isDone }), let break_s = stops[next].break_s {
            length_ms = Int64(break_s * 1000)
            runs[vehicle]?.trip?.setDone(next)
        }
        pause(vehicle, until_ms: time_ms.addingClamped(length_ms))
    }

    private mutating func pause(_ vehicle: Int32, until_ms: Int64) { runs[vehicle]?.trip?.pauseUntil_ms = until_ms }

    /// What a driver calls for help with.
    private mutating func tellIncident(
        _ told: VehicleReport, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        let report = told.report
        var data: [UInt8] = []
        if let driver = report.driver { data.member("driver", id: driver) }
        data.member("reason", string: report.reason ?? report.action.rawValue)
        if let latitude_e7 = report.latitude_e7, let longitude_e7 = report.longitude_e7 {
            data.member("position", position: Place(latitude_e7: latitude_e7, longitude_e7: longitude_e7))
        } else if let newest = runs[told.handle]?.track.head.newest {
            data.member("position", position: Place(newest))
        }
        let event = DeskEvent(
            type: report.action == .sos ? .driverSOS : .driverIncident, subject: .vehicle(told.vehicle),
            vehicle: told.vehicle, time_ms: report.time_ms, cause: cause(of: told), data: data)
        emit(event, step: step, into: &effects)
    }

    // MARK: - Waiting

    /// Takes up what drivers told of a stop before anybody knew it.
    mutating func resume(
        _ stop: DispatchID, order: DispatchID?, _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard deliveries[stop] != nil else { return }
        for (since_ms, told) in waiting.removeReports(about: stop, order) {
            hear(told, since_ms: since_ms, step, into: &effects)
        }
    }
}

extension DriverReport {
    /// The same as the history of a delivery knows it; nil for what is about no stop.
    var wordKind: DriverWord.Kind? {
        switch action {
        case .arrived: .arrived
        case .serviceStarted: .serviceStarted
        case .delivered: .delivered
        case .partiallyDelivered: .partiallyDelivered
        case .failed: .failed
        case .refused: .refused
        case .rescheduleRequested: .rescheduleRequested
        case .departed: .departed
        case .shiftStarted, .shiftEnded, .loaded, .returned, .breakStarted, .breakEnded, .incident, .sos: nil
        }
    }
}
