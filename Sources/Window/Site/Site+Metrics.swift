/// The families that the window itself knows: vehicles by how they are shown, its own readers, the process.
extension Site {
    func appendFamilies(to text: inout MetricsText) {
        var counts = [Int](repeating: 0, count: VehicleShow.allCases.count)
        var age: Histogram?
        for store in view.fleets {
            for (index, count) in store.counts().enumerated() { counts[index] += count }
            if age == nil { age = store.positionAge } else { age?.add(store.positionAge) }
        }
        text.family("fleetstream_vehicles_by_state", .gauge, "Vehicles by how the map shows them.")
        for show in VehicleShow.allCases { text.sample(counts[Int(show.rawValue)], [("state", "\(show.name)")]) }
        text.family(
            "fleetstream_position_age_seconds", .histogram,
            "Age of the newest fix when a vehicle's state was published.")
        text.sample(age ?? FleetStore(name: "").positionAge)
        text.single(
            "fleetstream_window_skipped_total", .counter, "States and events that the window could not keep.",
            Double(view.skipped + view.dropped))
        appendServer(to: &text)
        ProcessFigures.append(to: &text)
    }

    private func appendServer(to text: inout MetricsText) {
        let figures = serverFigures
        text.single("fleetstream_window_connections", .gauge, "Open HTTP connections.", Double(figures.connections))
        text.single("fleetstream_window_streams", .gauge, "Viewers of live streams.", Double(figures.streams))
        text.single(
            "fleetstream_window_accepted_total", .counter, "HTTP connections taken in.", Double(figures.accepted))
        text.single(
            "fleetstream_window_refused_total", .counter, "HTTP connections refused because there were too many.",
            Double(figures.refusedConnections))
        text.single(
            "fleetstream_window_dropped_total", .counter, "HTTP readers dropped because they were too slow.",
            Double(figures.droppedReaders))
        text.family("fleetstream_window_responses_total", .counter, "HTTP answers by status.")
        for (status, count) in zip(HTTPStatus.allCases, figures.responses) {
            text.sample(count, [("status", "\(status.rawValue)")])
        }
    }
}
