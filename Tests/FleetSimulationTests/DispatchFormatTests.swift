import FleetSimulation
import Foundation
import Testing

/// Messages as dispatch, apps and vehicles send them: read by Foundation, member by member.
@Suite struct DispatchFormatTests {
    private let day: PlayedDay

    init() throws {
        day = try PlayedDay(.distributor(seed: 11, orders: 60), vehicles: 5)
    }

    private func payloads(_ kind: MessageKind, _ topic: String) throws -> [(id: String, payload: TestObject)] {
        let found = try day.all(kind).filter { $0.message.topicText.contains(topic) }
        #expect(!found.isEmpty, "\(topic)")
        return found.map { ($0.message.lastLevel, $0.payload) }
    }

    private func isPlace(_ place: TestObject?) -> Bool {
        guard let place, let latitude = place.number("lat"), let longitude = place.number("lon"),
            let radius_m = place.number("radius_m")
        else { return false }
        return abs(latitude - 25.05) < 0.05 && abs(longitude - 121.535) < 0.05 && radius_m >= 10
    }

    private func isMoney(_ money: TestObject?) -> Bool {
        money?.whole("amount") ?? 0 > 0 && money?["currency"] == "TWD"
    }

    private func areItems(_ items: [TestObject]?, prefix: String) -> Bool {
        items?.allSatisfy { $0["product"]?.hasPrefix(prefix) == true && ($0.whole("quantity") ?? 0) > 0 } ?? false
    }

    private func isWindow(_ window: TestObject?) -> Bool {
        guard let from_ms = window?.time_ms("from"), let to_ms = window?.time_ms("to") else { return false }
        return from_ms < to_ms
    }

    @Test func `orders`() throws {
        var versions: [String: Int] = [:]
        for (id, order) in try payloads(.order, "/demo/dispatch/orders/") {
            #expect(order["id"] == id)
            let version = try #require(order.whole("version"))
            #expect(version > versions[id] ?? 0)
            versions[id] = version
            #expect(order.time_ms("updated") != nil)
            #expect(order["customer"]?.hasPrefix("customer-") == true)
            let kind = try #require(order["kind"])
            #expect(["delivery", "pickup"].contains(kind))
            #expect(["normal", "high", "emergency"].contains(order["priority"]))
            #expect(order.members["place"] == nil || isPlace(order.object("place")))
            #expect(order.members["window"] == nil || isWindow(order.object("window")))
            #expect(areItems(order.list("items"), prefix: "LPG-"))
            #expect(areItems(order.list("returns"), prefix: "EMPTY-"))
            #expect((order.list("items")?.isEmpty == true) == (kind == "pickup"))
            #expect(order.members["cod"] == nil || isMoney(order.object("cod")))
            #expect(order.number("service_s") ?? 0 > 10)
            #expect(order.flag("hazmat") == true)
            #expect(["open", "cancelled"].contains(order["status"]))
            #expect((order["status"] == "cancelled") == (order["reason"] != nil))
        }
        #expect(versions.values.contains(2))
    }

    @Test func `routes`() throws {
        let orders = Set(try payloads(.order, "/orders/").map(\.id))
        for (id, route) in try payloads(.route, "/demo/dispatch/routes/") {
            #expect(route["id"] == id && route.whole("version") ?? 0 >= 1 && route.time_ms("updated") != nil)
            #expect(route["vehicle"]?.isEmpty == false && route["driver"]?.hasPrefix("D-") == true)
            #expect(isPlace(route.object("depot")))
            let start_ms = try #require(route.time_ms("planned_start"))
            let end_ms = try #require(route.time_ms("planned_end"))
            #expect(start_ms < end_ms)
            for stop in try #require(route.list("stops")) {
                #expect(stop["stop"]?.isEmpty == false)
                #expect(stop.time_ms("planned_arrival") != nil && stop.number("service_s") ?? 0 > 10)
                if stop["kind"] == "break" {
                    #expect(stop["order"] == nil)
                } else {
                    let order = try #require(stop["order"])
                    #expect(["delivery", "pickup"].contains(stop["kind"]) && orders.contains(order))
                }
            }
            let path = try #require(route.object("path"))
            let line = try #require(path.members["coordinates"] as? [[Double]])
            #expect(path["type"] == "LineString" && line.count >= 2)
            #expect(line.allSatisfy { $0.count == 2 && abs($0[0] - 121.535) < 0.05 && abs($0[1] - 25.05) < 0.05 })
            #expect(line.first == line.last)
            #expect(route.flag("return_to_depot") == true && route["status"] == "open")
        }
        for message in day.messages { #expect(message.payload.count < 65_536) }
    }

    @Test func `customers, vehicles and drivers`() throws {
        for (id, customer) in try payloads(.masterData, "/demo/dispatch/customers/") {
            #expect(customer["id"] == id && customer["name"]?.isEmpty == false && customer.time_ms("updated") != nil)
            let phone = try #require(customer["phone"])
            #expect(phone.hasPrefix("+886900") && phone.count == 13)
            #expect(["zh-Hant-TW", "en"].contains(customer["language"]))
            #expect(["household", "restaurant"].contains(customer["kind"]))
            #expect(customer.flag("vip") != nil && customer.object("consent")?.flag("sms") != nil)
            let quiet = try #require(customer.object("quiet_hours"))
            #expect(quiet["from"]?.count == 5 && quiet["to"]?.count == 5)
            #expect(customer["time_zone"] == "Asia/Taipei" && isPlace(customer.object("place")))
        }
        for (_, vehicle) in try payloads(.masterData, "/demo/dispatch/vehicles/") {
            #expect(["gas-truck", "van", "scooter"].contains(vehicle["group"]) && vehicle["class"] != nil)
            #expect(vehicle.whole("capacity") ?? 0 > 0)
            #expect(vehicle.object("hazmat_permit")?.time_ms("until") != nil && vehicle["phone"]?.count == 13)
        }
        for (id, driver) in try payloads(.masterData, "/demo/dispatch/drivers/") {
            #expect(driver["id"] == id && driver["name"]?.isEmpty == false && driver["phone"]?.count == 13)
            let licence = try #require(driver.object("licence"))
            #expect(["B", "C"].contains(licence["class"]) && licence.flag("hazmat") == true)
            #expect(licence.time_ms("until") != nil && isWindow(driver.object("shift")))
            #expect(driver.number("remaining_driving_s") ?? 0 > 0)
        }
    }

    @Test func `conditions begin as features and end with nothing`() throws {
        for (_, feature) in try payloads(.condition, "/demo/dispatch/conditions/") {
            #expect(feature["type"] == "Feature")
            let properties = try #require(feature.object("properties"))
            let geometry = try #require(feature.object("geometry"))
            #expect(["traffic", "closure"].contains(properties["kind"]))
            #expect(isWindow(properties) && properties.number("speed_factor") ?? 0 > 0)
            if properties.flag("closed") == true {
                #expect(geometry["type"] == "Point" && properties.number("radius_m") ?? 0 > 0)
            } else {
                let rings = try #require(geometry.members["coordinates"] as? [[[Double]]])
                #expect(geometry["type"] == "Polygon" && rings.count == 1 && rings[0].first == rings[0].last)
            }
        }
    }

    @Test func `drivers' actions`() throws {
        let known: Set<String> = [
            "shift_started", "shift_ended", "loaded", "arrived", "service_started", "delivered", "partially_delivered",
            "failed", "refused", "reschedule_requested", "departed", "returned", "break_started", "break_ended",
            "incident",
        ]
        var seen: Set<String> = []
        var ids: Set<String> = []
        for (level, action) in try payloads(.driverAction, "/demo/vehicles/") {
            #expect(level == "driver")
            let name = try #require(action["action"])
            seen.insert(name)
            #expect(action.time_ms("time") != nil && action["driver"]?.hasPrefix("D-") == true)
            #expect(action.number("lat") != nil && action.number("lon") != nil && action.number("accuracy_m") ?? 0 > 0)
            let isNew = ids.insert(try #require(action["id"])).inserted
            #expect(isNew)
            switch name {
            case "delivered", "partially_delivered":
                #expect(action["stop"] != nil || action["order"] != nil)
                let proof = try #require(action.object("proof"))
                let digest = try #require(proof["digest"])
                #expect(digest.hasPrefix("sha256:") && digest.count == 71)
                #expect(proof["recipient"]?.isEmpty == false && proof["photo"]?.hasPrefix("photos/") == true)
                for item in try #require(action.list("items")) {
                    let serials = try #require(item.members["serials"] as? [String])
                    #expect(serials.count == item.whole("quantity") && Set(serials).count == serials.count)
                }
                #expect(areItems(action.list("returns"), prefix: "EMPTY-"))
                guard let cod = action.object("cod") else { break }
                let method = try #require(cod["method"])
                #expect(isMoney(cod) && ["cash", "card", "transfer"].contains(method))
            case "failed", "refused": #expect(action["reason"]?.isEmpty == false && action.members["proof"] == nil)
            case "reschedule_requested": #expect(isWindow(action.object("window")) && action["reason"] != nil)
            case "loaded": #expect(action["route"] != nil && areItems(action.list("items"), prefix: "LPG-"))
            case "returned": #expect(areItems(action.list("items"), prefix: "EMPTY-"))
            case "shift_ended": #expect(action.object("cash")?["currency"] == "TWD")
            default: break
            }
        }
        #expect(seen.isSubset(of: known))
        #expect(seen.count >= 12, "\(known.subtracting(seen)) never happened")
    }

    @Test func `commands and their results`() throws {
        var asked: Set<String> = []
        for (id, command) in try payloads(.command, "/demo/dispatch/commands/") {
            asked.insert(id)
            #expect(command["vehicle"] != nil && command["reason"] != nil && command["requested_by"] != nil)
            #expect(
                ["position", "interval", "lock", "unlock", "immobilise", "release"].contains(command["command"]))
            #expect(command.whole("expires_s") ?? 0 > 0 && command.whole("timeout_s") ?? 0 > 0)
        }
        let results = try day.all(.commandResult)
        #expect(!results.isEmpty)
        for (message, result) in results {
            let levels = message.topicText.split(separator: "/").map(String.init)
            #expect(levels.count == 7 && levels[4] == "commands" && levels[6] == "result")
            #expect(asked.contains(levels[5]))
            #expect(
                ["accepted", "done", "refused", "failed"].contains(result["status"]) && result.time_ms("time") != nil)
        }
    }

    @Test func `proofs are taken down the road, actions come late, stops are served out of order`() throws {
        let visits = Dictionary(grouping: day.truth("visit")) { $0["order"] ?? "" }
        let stops = Dictionary(grouping: day.truth("visit")) { $0["stop"] ?? "" }
        var far = 0
        var late = 0
        for (message, action) in try day.all(.driverAction) {
            let time_ms = try #require(action.time_ms("time"))
            #expect(message.time_us / 1_000 >= time_ms)
            if message.time_us / 1_000 > time_ms + 5_000 { late += 1 }
            guard action["action"] == "delivered" || action["action"] == "partially_delivered" else { continue }
            let key = action["stop"].map { stops[$0] } ?? visits[action["order"] ?? ""]
            let visit = try #require(key?.first)
            let latitude = try #require(action.number("lat"))
            let longitude = try #require(action.number("lon"))
            let north_m = (latitude - (visit.number("lat") ?? 0)) * 111_195
            let east_m = (longitude - (visit.number("lon") ?? 0)) * 100_700
            if (north_m * north_m + east_m * east_m).squareRoot() > 200 {
                far += 1
                let departure_ms = try #require(visit.time_ms("departure"))
                #expect(time_ms >= departure_ms)
            }
        }
        #expect(far > 0 && late > 0, "\(far) far, \(late) late")
        let delivered = day.truth("visit").count {
            $0["outcome"] == "delivered" || $0["outcome"] == "partially_delivered"
        }
        let proofs = try day.all(.driverAction).count { $0.payload.object("proof") != nil }
        #expect(proofs < delivered)
    }
}
