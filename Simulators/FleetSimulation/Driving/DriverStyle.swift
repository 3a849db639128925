/// How a vehicle is driven: what its speeds and accelerations stay within.
package struct DriverStyle: Sendable {
    package var acceleration_mps2: Double
    package var deceleration_mps2: Double
    /// Sideways acceleration in corners.
    package var cornering_mps2: Double
    /// Share of the speed limit that the driver goes at on a clear road.
    package var limitShare: Double

    /// The style of one vehicle of a class, drawn from its own stream.
    package init(vehicleClass: VehicleClass, random: inout RandomSource) {
        switch vehicleClass {
        case .gasTruck:
            acceleration_mps2 = random.uniform(0.8...1.3)
            deceleration_mps2 = random.uniform(1.2...2.0)
            cornering_mps2 = random.uniform(1.2...1.8)
            limitShare = random.uniform(0.72...0.92)
        case .van:
            acceleration_mps2 = random.uniform(1.2...1.7)
            deceleration_mps2 = random.uniform(1.5...2.5)
            cornering_mps2 = random.uniform(1.6...2.4)
            limitShare = random.uniform(0.8...0.98)
        case .scooter:
            acceleration_mps2 = random.uniform(1.4...2.0)
            deceleration_mps2 = random.uniform(1.8...3.0)
            cornering_mps2 = random.uniform(1.8...2.6)
            limitShare = random.uniform(0.75...1.0)
        }
    }
}

/// The kinds of vehicle of a gas distributor. The raw value is the group under which dispatch knows them.
package enum VehicleClass: String, Sendable, CaseIterable {
    case gasTruck = "gas-truck"
    case van
    case scooter

    /// The first part of a vehicle's id: `truck-07`.
    package var idPrefix: String {
        switch self {
        case .gasTruck: "truck"
        case .van: "van"
        case .scooter: "scooter"
        }
    }

    package var tank_l: Double {
        switch self {
        case .gasTruck: 80
        case .van: 60
        case .scooter: 6
        }
    }

    /// How many kilograms of gas in bottles it carries.
    package var capacity_kg: Int {
        switch self {
        case .gasTruck: 1_200
        case .van: 500
        case .scooter: 40
        }
    }

    /// How many bottles have room in it, full or empty.
    package var capacity_bottles: Int { capacity_kg / 20 }
}
