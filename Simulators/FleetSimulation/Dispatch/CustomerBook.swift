import Glibc

/// A customer with habits that stay the same from day to day.
package struct SimulatedCustomer: Sendable {
    /// The id of the place, as geofences have it.
    package let id: String
    package let place: Place
    package let name: String
    /// From a block of numbers that is given to nobody: +886 900 000 000 and on.
    package let phone: String
    package let isEnglish: Bool
    package let isRestaurant: Bool
    package let isImportant: Bool
    package let consentsToSMS: Bool
    package var quietFrom: String
    package var quietTo: String
    /// How long service takes here, as a factor: stairs, a far kitchen, a talkative owner.
    package let serviceFactor: Double
    /// How often it orders, beside others.
    package let weight: Double
}

/// The customers of a simulated distributor: made from the world's places and the seed, for all days.
package struct CustomerBook: Sendable {
    package let customers: [SimulatedCustomer]

    /// How many share the door of the customer before them: two stops at one place.
    static let sharedDoorShare = 0.04

    package init(world: FleetWorld, settings: Scenario.Dispatch, seed: UInt64) {
        var made: [SimulatedCustomer] = []
        made.reserveCapacity(world.customers.count)
        for (index, place) in world.customers.enumerated() {
            var random = RandomSource(seed: seed, purpose: .people, number: UInt64(index))
            let isRestaurant = random.chance(settings.restaurantShare)
            let isEnglish = random.chance(settings.englishShare)
            let sharesDoor = random.chance(Self.sharedDoorShare)
            let door = sharesDoor ? made.last?.place ?? place : place
            let quiet = random.integer(0...2)
            var customer = SimulatedCustomer(
                id: place.id, place: Place(id: place.id, position: door.position, node: door.node),
                name: isRestaurant
                    ? PersonNames.restaurant(isEnglish: isEnglish, random: &random)
                    : PersonNames.person(isEnglish: isEnglish, random: &random),
                phone: Self.phone(number: index), isEnglish: isEnglish, isRestaurant: isRestaurant,
                isImportant: random.chance(0.03), consentsToSMS: random.chance(settings.consentShare),
                quietFrom: ["21:00", "22:00", "20:30"][quiet], quietTo: ["08:00", "07:00", "09:00"][quiet],
                serviceFactor: exp(0.3 * random.normal()), weight: isRestaurant ? 3 : 1)
            // Last, so that a scenario without such customers stays as it is.
            if random.chance(settings.wakefulShare) { (customer.quietFrom, customer.quietTo) = ("04:00", "05:00") }
            made.append(customer)
        }
        customers = made
    }

    /// Customers count from +886900000000, drivers and vehicles from +886900900000.
    static func phone(number: Int) -> String {
        let digits = String(number % 1_000_000)
        return "+886900" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// `count` customers as a day's orders want them, the more probable the more often they order; nobody twice before
    /// everybody was once. Linear times logarithmic.
    func draw(_ count: Int, random: inout RandomSource) -> [Int] {
        var drawn: [Int] = []
        while drawn.count < count {
            // Efraimidis and Spirakis, "Weighted random sampling with a reservoir", doi:10.1016/j.ipl.2005.11.003.
            let keys = customers.indices.map { ($0, random.exponential(mean: 1) / customers[$0].weight) }
            let order = keys.sorted { ($0.1, $0.0) < ($1.1, $1.0) }
            drawn.append(contentsOf: order.prefix(count - drawn.count).map(\.0))
        }
        return drawn
    }
}

/// A driver, who drives the vehicle of the same number.
package struct SimulatedDriver: Sendable {
    package let id: String
    package let name: String
    package let phone: String
    package let isEnglish: Bool
    /// How the app is used by this driver: forgets more or less than others.
    package let carelessness: Double

    package init(number: Int, seed: UInt64) {
        var random = RandomSource(seed: seed, purpose: .people, number: UInt64(number) | 1 << 40)
        id = "D-\(number < 10 ? "0" : "")\(number)"
        isEnglish = random.chance(0.1)
        name = PersonNames.person(isEnglish: isEnglish, random: &random)
        phone = CustomerBook.phone(number: 900_000 + number % 50_000)
        carelessness = exp(0.5 * random.normal())
    }
}
