import Wire

/// What dispatch tells once about customers, drivers and vehicles.
struct MasterData {
    let world: FleetWorld
    let dispatch: Scenario.Dispatch
    /// Milliseconds since 1970 at the run's start.
    let start_ms: Int64

    private static let day_ms: Int64 = 86_400_000

    private func language(isEnglish: Bool) -> String { isEnglish ? "en" : "zh-Hant-TW" }

    func payload(of customer: SimulatedCustomer) -> [UInt8] {
        let position = customer.place.position
        return ObjectWriter.object { message in
            message.add("id", customer.id)
            message.add("updated", time_ms: start_ms)
            message.add("name", customer.name)
            message.add("phone", customer.phone)
            message.add("language", language(isEnglish: customer.isEnglish))
            message.add("kind", customer.isRestaurant ? "restaurant" : "household")
            message.add("vip", customer.isImportant)
            message.add("consent") {
                $0.add("sms", customer.consentsToSMS)
                $0.add("voice", false)
            }
            message.add("quiet_hours") {
                $0.add("from", customer.quietFrom)
                $0.add("to", customer.quietTo)
            }
            message.add("time_zone", "Asia/Taipei")
            message.add("place") {
                $0.add("lat", world.plane.latitude_deg(of: position), decimals: 7)
                $0.add("lon", world.plane.longitude_deg(of: position), decimals: 7)
                $0.add("radius_m", dispatch.stopRadius_m, decimals: 0)
            }
        }
    }

    /// A shift covers the day's tours; `shiftStart_ms` is the first day's.
    func payload(of driver: SimulatedDriver, identity: VehicleIdentity, shiftStart_ms: Int64) -> [UInt8] {
        ObjectWriter.object { message in
            message.add("id", driver.id)
            message.add("updated", time_ms: start_ms)
            message.add("name", driver.name)
            message.add("phone", driver.phone)
            message.add("language", language(isEnglish: driver.isEnglish))
            message.add("licence") {
                $0.add("class", identity.vehicleClass == .gasTruck ? "C" : "B")
                $0.add("hazmat", true)
                // The licences of a few run out within weeks.
                $0.add("until", time_ms: start_ms + Self.day_ms * (identity.number % 11 == 0 ? 14 : 700))
            }
            message.add("shift") {
                $0.add("from", time_ms: shiftStart_ms)
                $0.add("to", time_ms: shiftStart_ms + Self.day_ms * 10 / 24)
            }
            message.add("remaining_driving_s", 4 * 3_600)
        }
    }

    /// What stands in a vehicle's master data beside what it has without orders.
    static func append(
        to payload: inout [UInt8], of identity: VehicleIdentity, driver: SimulatedDriver, start_ms: Int64
    ) {
        guard payload.popLast() != nil else { return }
        var extra = ObjectWriter.object { message in
            message.add("updated", time_ms: start_ms)
            message.add("capacity", identity.vehicleClass.capacity_bottles)
            message.add("hazmat_permit") { $0.add("until", time_ms: start_ms + day_ms * 365) }
            message.add("phone", CustomerBook.phone(number: 950_000 + identity.number % 50_000))
            message.add("language", driver.isEnglish ? "en" : "zh-Hant-TW")
        }
        extra[0] = UInt8(ascii: ",")
        payload.append(contentsOf: extra)
    }
}
