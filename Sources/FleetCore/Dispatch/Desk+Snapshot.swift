import Forecast
import Wire

extension Desk {
    /// Everything but the fleet's name. What follows from the rest is not written.
    func write(to writer: inout ByteWriter) {
        writer.write(settings.json())
        writer.write(messages.rules.json())
        writer.write(commandRules.json())
        writer.write(sequence)
        writer.write(pruned_ms)
        records.write(to: &writer)
        writer.write(list: deliveries.keys.sorted()) { deliveries[$1]?.write(to: &$0) }
        writer.write(list: stopOfOrder.keys.sorted()) { writer, order in
            writer.write(order)
            writer.write(stopOfOrder[order] ?? order)
        }
        writer.write(list: routes.keys.sorted()) { routes[$1]?.write(to: &$0) }
        writer.write(list: runs.keys.sorted()) { writer, vehicle in
            writer.write(vehicle)
            runs[vehicle]?.write(to: &writer)
        }
        writer.write(list: roads.keys.sorted()) { writer, route in
            writer.write(route)
            roads[route]?.write(to: &writer)
        }
        writer.write(list: cash.keys.sorted()) { cash[$1]?.write(to: &$0) }
        waiting.write(to: &writer)
        learned.write(to: &writer)
        messages.write(to: &writer)
        commands.write(to: &writer)
    }

    mutating func read(from reader: inout ByteReader) throws(SnapshotError) {
        try readRules(from: &reader)
        sequence = try reader.smallCount()
        pruned_ms = try reader.timeOrNever_ms()
        try records.read(from: &reader)
        deliveries = [:]
        for _ in 0..<(try reader.count()) {
            let delivery = try DeskDelivery(from: &reader, fleet: fleet, deliverySettings)
            deliveries[delivery.history.stop] = delivery
        }
        stopOfOrder = [:]
        for _ in 0..<(try reader.count()) { stopOfOrder[try reader.dispatchID()] = try reader.dispatchID() }
        routes = [:]
        for _ in 0..<(try reader.count()) {
            let history = try RouteHistory(from: &reader, fleet: fleet)
            routes[history.route] = history
        }
        runs = [:]
        for _ in 0..<(try reader.count()) { runs[try reader.integer()] = try DeskRun(from: &reader) }
        roads = [:]
        for _ in 0..<(try reader.count()) { roads[try reader.dispatchID()] = try RouteRoads(from: &reader) }
        cash = [:]
        for _ in 0..<(try reader.count()) {
            let shift = try ShiftCash(from: &reader, fleet: fleet)
            cash[shift.driver] = shift
        }
        waiting = try WaitingRoom(from: &reader)
        learned = try LearnedValues(from: &reader)
        messages = try MessageDesk(fleet: fleet, rules: messages.rules, from: &reader)
        commands = try CommandDesk(from: &reader)
        derive()
    }

    private mutating func readRules(from reader: inout ByteReader) throws(SnapshotError) {
        let json = try reader.data()
        guard var read = Settings(json: json.span) else {
            throw SnapshotError(reason: "a desk's settings are not JSON")
        }
        read.localTime = resolveTimeZone(read.timeZone) ?? read.localTime
        change(to: read)
        let messageText = try reader.data()
        guard let messageRules = MessageRules(json: messageText.span) else {
            throw SnapshotError(reason: "the rules of messages are not those of this version")
        }
        change(to: messageRules)
        let commandText = try reader.data()
        guard let rules = CommandRules(json: commandText.span) else {
            throw SnapshotError(reason: "the rules of commands are not JSON")
        }
        commandRules = rules
    }

    /// What follows from the records.
    private mutating func derive() {
        ordersOfCustomer = [:]
        for id in records.orders.ids {
            if let customer = records.orders[id]?.customer { ordersOfCustomer[customer, default: []].insert(id) }
        }
        routesByVehicle = [:]
        for id in records.routes.ids {
            if let vehicle = records.routes[id]?.vehicle { routesByVehicle[vehicle, default: []].insert(id) }
        }
        conditions = Conditions()
        for id in records.conditions.ids {
            if let area = records.conditions[id]?.area(id) { _ = conditions.upsert(area) }
        }
        conditions.removeExpired(before: pruned_ms)
        dirty = Set(deliveries.keys)
        unproven = Set(deliveries.filter { $0.value.awaitsProof }.keys)
        for vehicle in runs.keys.sorted() {
            let stops = (runs[vehicle]?.routes ?? []).flatMap { id in
                (records.routes[id]?.stops ?? []).filter { entry in
                    deliveries[entry.stop]?.route == id && place(of: entry) != nil
                }.map(\.stop)
            }
            runs[vehicle]?.stops = stops
            setGates(vehicle)
            let next = nextStop(of: vehicle)
            runs[vehicle]?.next = next
        }
    }
}
