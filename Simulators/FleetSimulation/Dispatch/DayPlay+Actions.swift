import Wire

extension DayPlay {
    /// Where a vehicle truly is at `time_s`, which is within its present drive or stay.
    func position(of crew: Int, at time_s: Double) -> PlanePoint {
        guard let plan = crews[crew].plan else { return crews[crew].here.position }
        var phase = 0
        var segment = 0
        return plan.point(at: plan.motion(at: time_s, phaseCursor: &phase, segmentCursor: &segment))
    }

    /// The driver says something at `time_s`; it goes out when the app has a network.
    mutating func act(
        _ crew: Int, _ action: String, at time_s: Double, _ members: (inout ObjectWriter) -> Void = { _ in }
    ) {
        var point = position(of: crew, at: time_s)
        let accuracy_m = crews[crew].random.uniform(4...20)
        point.x_m += accuracy_m / PositionSensor.radiusPerSigma * crews[crew].random.normal()
        point.y_m += accuracy_m / PositionSensor.radiusPerSigma * crews[crew].random.normal()
        let delay_s = crews[crew].random.uniform(0.2...1.2)
        let plane = setting.world.plane
        let driver = crews[crew].driver.id
        let number = messages.count
        let payload = ObjectWriter.object { message in
            message.add("action", action)
            message.add("time", time_ms: time_ms(time_s))
            message.add("driver", driver)
            members(&message)
            message.add("lat", plane.latitude_deg(of: point), decimals: 7)
            message.add("lon", plane.longitude_deg(of: point), decimals: 7)
            message.add("accuracy_m", accuracy_m, decimals: 1)
            message.add("id", "A-\(prefix)-\(number)")
        }
        let send_s = crews[crew].app.sendTime_s(of: time_s) + delay_s
        send(
            .driverAction, vehicle: crew, at: send_s, topic: "vehicles/\(crews[crew].identity.id)/driver", payload)
    }
}
