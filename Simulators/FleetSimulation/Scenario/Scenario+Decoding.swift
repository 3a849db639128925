import FoundationEssentials
import Wire

// Each section reads its keys in the order of the scenario files.

extension Scenario: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case seed, vehicles, start, area, places, fleet, tours, reports, positioning, coverage, faults
        case dispatch
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.seed, into: &seed)
        try section.read(.vehicles, into: &vehicles, in: 1...1_000_000)
        var start = ""
        try section.read(.start, into: &start)
        if !start.isEmpty {
            let parsed = RFC3339.parse(Array(start.utf8).span)
            try section.require(parsed != nil, .start, "must be a time such as 2026-11-20T08:00:00+08:00")
            start_ms = parsed ?? start_ms
        }
        try section.read(.area, into: &area)
        try section.read(.places, into: &places)
        try section.read(.fleet, into: &fleet)
        try section.read(.tours, into: &tours)
        try section.read(.reports, into: &reports)
        try section.read(.positioning, into: &positioning)
        try section.read(.coverage, into: &coverage)
        try section.read(.faults, into: &faults)
        dispatch = try section.optional(.dispatch)
    }
}

extension Scenario.Area: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case south_deg, north_deg, west_deg, east_deg, street_spacing_m
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.south_deg, into: &south_deg, in: -70...70)
        try section.read(.north_deg, into: &north_deg, in: -70...70)
        try section.read(.west_deg, into: &west_deg, in: -180...180)
        try section.read(.east_deg, into: &east_deg, in: -180...180)
        try section.read(.street_spacing_m, into: &streetSpacing_m, in: 50...2_000)
        try section.require(south_deg + 0.02, atMost: north_deg, .south_deg, .north_deg)
        try section.require(west_deg + 0.02, atMost: east_deg, .west_deg, .east_deg)
        try section.require(
            north_deg - south_deg <= 1 && east_deg - west_deg <= 1, .south_deg, "the area is wider than 1°")
        let streets =
            (north_deg - south_deg) * (east_deg - west_deg) * 111_000 * 111_000 / (streetSpacing_m * streetSpacing_m)
        try section.require(streets <= 250_000, .street_spacing_m, "makes more than 250,000 crossings in this area")
    }
}

extension Scenario.PlaceCounts: Decodable {
    enum Keys: String, CodingKey, CaseIterable { case depots, customers }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.depots, into: &depots, in: 1...100)
        try section.read(.customers, into: &customers, in: 1...50_000)
    }
}

extension Scenario.Fleet: Decodable {
    enum Keys: String, CodingKey, CaseIterable { case truck_share, van_share, warm_up_s }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.truck_share, into: &truckShare, in: 0...1)
        try section.read(.van_share, into: &vanShare, in: 0...1)
        try section.read(.warm_up_s, into: &warmUp_s, in: 0...86_400)
        try section.require(truckShare + vanShare <= 1.000_001, .van_share, "the shares are more than 1 together")
    }
}

extension Scenario.Tours: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case stops_min, stops_max, service_min_s, service_max_s, loading_min_s, loading_max_s, ignition_off_share
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.stops_min, into: &stopsMin, in: 1...100)
        try section.read(.stops_max, into: &stopsMax, in: 1...100)
        try section.read(.service_min_s, into: &serviceMin_s, in: 1...86_400)
        try section.read(.service_max_s, into: &serviceMax_s, in: 1...86_400)
        try section.read(.loading_min_s, into: &loadingMin_s, in: 1...86_400)
        try section.read(.loading_max_s, into: &loadingMax_s, in: 1...86_400)
        try section.read(.ignition_off_share, into: &ignitionOffShare, in: 0...1)
        try section.require(stopsMin, atMost: stopsMax, .stops_min, .stops_max)
        try section.require(serviceMin_s, atMost: serviceMax_s, .service_min_s, .service_max_s)
        try section.require(loadingMin_s, atMost: loadingMax_s, .loading_min_s, .loading_max_s)
    }
}

extension Scenario.Reports: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case moving_interval_min_s, moving_interval_max_s, parked_interval_s, ignition_reports, sensors, time_format
        case latency_max_s
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.moving_interval_min_s, into: &movingIntervalMin_s, in: 0.1...3_600)
        try section.read(.moving_interval_max_s, into: &movingIntervalMax_s, in: 0.1...3_600)
        try section.read(.parked_interval_s, into: &parkedInterval_s, in: 0.1...86_400)
        try section.read(.ignition_reports, into: &ignitionReports)
        try section.read(.sensors, into: &sensors)
        try section.read(choice: .time_format, into: &timeFormat)
        try section.read(.latency_max_s, into: &latencyMax_s, in: 0...60)
        try section.require(
            movingIntervalMin_s, atMost: movingIntervalMax_s, .moving_interval_min_s, .moving_interval_max_s)
    }
}

extension Scenario.Positioning: Decodable {
    enum Keys: String, CodingKey, CaseIterable { case accuracy_m, correlation_s, tunnel_factor }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.accuracy_m, into: &accuracy_m, in: 0...1_000)
        try section.read(.correlation_s, into: &correlation_s, in: 0.1...3_600)
        try section.read(.tunnel_factor, into: &tunnelFactor, in: 1...100)
    }
}

extension Scenario.Coverage: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case losses_per_hour, loss_mean_s, tunnels, scheduled_start_s, scheduled_duration_s, upload_order
        case upload_array_max, buffer_max
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.losses_per_hour, into: &lossesPerHour, in: 0...3_600)
        try section.read(.loss_mean_s, into: &lossMean_s, in: 1...86_400)
        try section.read(.tunnels, into: &tunnels)
        try section.read(.scheduled_start_s, into: &scheduledStart_s, in: 0...31_536_000)
        try section.read(.scheduled_duration_s, into: &scheduledDuration_s, in: 0...31_536_000)
        try section.read(choice: .upload_order, into: &uploadOrder)
        try section.read(.upload_array_max, into: &uploadArrayMax, in: 1...1_000)
        try section.read(.buffer_max, into: &bufferMax, in: 1...1_000_000)
    }
}

extension Scenario.Faults: Decodable {
    enum Keys: String, CodingKey, CaseIterable {
        case duplicate_share, duplicate_delay_max_s, late_share, late_mean_s, skewed_vehicle_share, skew_max_s
        case teleport_share, teleport_max_km, malformed
    }

    package init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<Keys>(decoder)
        try section.read(.duplicate_share, into: &duplicateShare, in: 0...1)
        try section.read(.duplicate_delay_max_s, into: &duplicateDelayMax_s, in: 0...3_600)
        try section.read(.late_share, into: &lateShare, in: 0...1)
        try section.read(.late_mean_s, into: &lateMean_s, in: 0.1...86_400)
        try section.read(.skewed_vehicle_share, into: &skewedVehicleShare, in: 0...1)
        try section.read(.skew_max_s, into: &skewMax_s, in: 0...31_536_000)
        try section.read(.teleport_share, into: &teleportShare, in: 0...1)
        try section.read(.teleport_max_km, into: &teleportMax_km, in: 1...5_000)
        var shares = MalformedShares()
        try section.read(.malformed, into: &shares)
        malformed = shares.shares
    }
}

/// The object `faults.malformed`: a share for each kind.
private struct MalformedShares: Decodable {
    var shares = [Double](repeating: 0, count: MalformedKind.allCases.count)

    init() {}

    init(from decoder: any Decoder) throws {
        let section = try ScenarioSection<MalformedKind>(decoder)
        for (index, kind) in MalformedKind.allCases.enumerated() {
            try section.read(kind, into: &shares[index], in: 0...1)
        }
    }
}
