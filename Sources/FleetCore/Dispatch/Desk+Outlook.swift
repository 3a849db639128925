import Forecast
import Wire

/// What follows from a forecast. It is about now: nothing of it is taken back, and nothing late has a part in it.
extension Desk {
    /// An arrival that is this much before the end of its window is no risk any more.
    private static let riskMargin_ms: Int64 = 60_000

    /// Takes over what is expected of a stop, and tells what matters of it.
    mutating func judge(
        _ forecast: StopForecast, of stop: DispatchID, isNext: Bool, at time_ms: Int64, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        guard var delivery = deliveries[stop], delivery.order != nil, delivery.isUnderWay,
            delivery.history.state.isRemaining
        else { return }
        // The retained state of a stop that is hours away need not follow every second.
        let step_ms = max(5000, (forecast.p50_ms - time_ms).magnitude / 50)
        let isRipe = delivery.outlook.shown_ms.map { ($0 - forecast.p50_ms).magnitude >= step_ms } ?? true
        delivery.outlook.p50_ms = forecast.p50_ms
        delivery.outlook.p90_ms = forecast.p90_ms
        delivery.outlook.made_ms = time_ms
        deliveries[stop]?.outlook = delivery.outlook
        if isRipe { markDirty(stop) }
        // Before the vehicle sets out a forecast tells when the plan says so, and nobody needs to be told.
        guard delivery.history.state == .enRoute else { return }
        let window = delivery.order.flatMap { records.orders[$0]?.window }
        let promise_ms = window?.to_ms
        tellMove(forecast, delivery, promise_ms: promise_ms, at: time_ms, step, into: &effects)
        tellRisk(forecast, delivery, window, at: time_ms, step, into: &effects)
        let isNear = forecast.p50_ms - time_ms <= Int64(settings.approach_s) * 1000
        if isNext, isNear, !delivery.outlook.isApproachTold {
            deliveries[stop]?.outlook.isApproachTold = true
            tell(.deliveryApproaching, forecast, delivery, at: time_ms, step, into: &effects) { _ in }
        }
    }

    /// A forecast that moved by more than a minute and a tenth of what is left, or to the other side of what was promised.
    private mutating func tellMove(
        _ forecast: StopForecast, _ delivery: DeskDelivery, promise_ms: Int64?, at time_ms: Int64, _ step: Engine.Step,
        into effects: inout EffectBuffer
    ) {
        let former_ms = delivery.outlook.told_ms
        var reason: StaticString = "first"
        if let former_ms {
            let limit_ms = max(60_000, (former_ms - time_ms).magnitude / 10)
            let crosses = promise_ms.map { ($0 < former_ms) != ($0 < forecast.p50_ms) } ?? false
            guard crosses || (forecast.p50_ms - former_ms).magnitude > limit_ms else { return }
            reason = crosses ? "promise" : "moved"
        }
        deliveries[delivery.history.stop]?.outlook.told_ms = forecast.p50_ms
        tell(.etaUpdated, forecast, delivery, at: time_ms, step, into: &effects) { out in
            if let former_ms { out.member("former_p50", time_ms: former_ms) }
            out.member("reason")
            out.append(ascii: "\"")
            out.append(ascii: reason)
            out.append(ascii: "\"")
        }
    }

    private mutating func tellRisk(
        _ forecast: StopForecast, _ delivery: DeskDelivery, _ window: TimeWindow?, at time_ms: Int64,
        _ step: Engine.Step, into effects: inout EffectBuffer
    ) {
        guard let window, let end_ms = window.to_ms else { return }
        let isAtRisk = delivery.outlook.isAtRisk
        guard isAtRisk ? forecast.p90_ms <= end_ms - Self.riskMargin_ms : forecast.p90_ms > end_ms else { return }
        deliveries[delivery.history.stop]?.outlook.isAtRisk = !isAtRisk
        tell(
            isAtRisk ? .deliveryAtRiskCleared : .deliveryAtRisk, forecast, delivery, at: time_ms, step, into: &effects
        ) { $0.member("window", window: window) }
    }

    private mutating func tell(
        _ type: EventType, _ forecast: StopForecast, _ delivery: DeskDelivery, at time_ms: Int64, _ step: Engine.Step,
        into effects: inout EffectBuffer, more: (inout [UInt8]) -> Void
    ) {
        let facts = delivery.history.summary.facts
        var data: [UInt8] = []
        data.member("stop", id: delivery.history.stop)
        if let order = delivery.order { data.member("order", id: order) }
        if let route = delivery.route { data.member("route", id: route) }
        if let driver = facts?.driver { data.member("driver", id: driver) }
        if let customer = facts?.customer { data.member("customer", id: customer) }
        data.member("eta_p50", time_ms: forecast.p50_ms)
        data.member("eta_p90", time_ms: forecast.p90_ms)
        more(&data)
        // Between two fixes a driver's word or dispatch may move the forecast, which then is made for the time of the older
        // fix again: what it says, and what was said before, is part of what happened.
        var cause = delivery.history.summary.assignment
        for number in [time_ms, forecast.p50_ms, forecast.p90_ms, delivery.outlook.told_ms ?? 0] {
            cause.append(UInt8(ascii: " "))
            cause.append(decimal: number)
        }
        let event = DeskEvent(
            type: type, subject: .stop(delivery.history.stop), vehicle: delivery.history.vehicle, time_ms: time_ms,
            cause: cause, data: data)
        emit(event, step: step, into: &effects)
        inform(of: event, delivery.history.stop, step, into: &effects)
    }
}
