/// Plans tours by the savings method of Clarke and Wright ("Scheduling of vehicles from a central depot to a number of
/// delivery points", doi:10.1287/opre.12.4.568) in its sequential form, made shorter by reversing parts (2-opt).
///
/// Distances are straight: which stops go together hardly depends on the roads. Deterministic; quadratic in the orders of
/// a depot times the number of vehicles at most.
struct RoutePlanner {
    struct Demand {
        /// Index of the order.
        var order: Int
        var position: PlanePoint
        var gas_kg: Int
        var bottles: Int
    }

    struct Carrier {
        /// Index of the vehicle.
        var vehicle: Int
        var gasMax_kg: Int
        var bottlesMax: Int
    }

    struct Tour: Equatable {
        var vehicle: Int
        /// Indices of the orders in the order of driving.
        var orders: [Int]
    }

    let depot: PlanePoint

    /// Tours that serve all demands that some carrier can carry, the carriers in turn, each with its share of the stops;
    /// as many rounds as it takes.
    func tours(_ demands: [Demand], carriers: [Carrier]) -> [Tour] {
        guard !carriers.isEmpty else { return [] }
        var open = demands
        let stopsMax = max(1, (demands.count + carriers.count - 1) / carriers.count)
        var tours: [Tour] = []
        var hasProgress = true
        while !open.isEmpty, hasProgress {
            hasProgress = false
            for carrier in carriers where !open.isEmpty {
                let tour = takeTour(from: &open, carrier: carrier, stopsMax: stopsMax)
                guard !tour.isEmpty else { continue }
                hasProgress = true
                tours.append(Tour(vehicle: carrier.vehicle, orders: shortened(tour).map(\.order)))
            }
        }
        return tours
    }

    /// Begins with the farthest demand, and adds at either end what saves most, while it can be carried.
    private func takeTour(from open: inout [Demand], carrier: Carrier, stopsMax: Int) -> [Demand] {
        var gas_kg = 0
        var bottles = 0
        func fits(_ demand: Demand) -> Bool {
            gas_kg + demand.gas_kg <= carrier.gasMax_kg && bottles + demand.bottles <= carrier.bottlesMax
        }
        var farthest: Int?
        for index in open.indices where fits(open[index]) {
            if farthest.map({ open[index].position.distance_m(to: depot) > open[$0].position.distance_m(to: depot) })
                ?? true
            {
                farthest = index
            }
        }
        guard let farthest else { return [] }
        var tour = [open.remove(at: farthest)]
        gas_kg = tour[0].gas_kg
        bottles = tour[0].bottles
        while tour.count < stopsMax {
            var best: (index: Int, saving_m: Double, isAtEnd: Bool)?
            for index in open.indices where fits(open[index]) {
                for isAtEnd in [true, false] {
                    let end = isAtEnd ? tour[tour.count - 1] : tour[0]
                    let saving_m = saving_m(open[index], end)
                    if best.map({ saving_m > $0.saving_m }) ?? true { best = (index, saving_m, isAtEnd) }
                }
            }
            guard let best else { break }
            let demand = open.remove(at: best.index)
            gas_kg += demand.gas_kg
            bottles += demand.bottles
            if best.isAtEnd { tour.append(demand) } else { tour.insert(demand, at: 0) }
        }
        return tour
    }

    private func saving_m(_ a: Demand, _ b: Demand) -> Double {
        a.position.distance_m(to: depot) + b.position.distance_m(to: depot) - a.position.distance_m(to: b.position)
    }

    /// Reverses parts while that makes the tour shorter: at most 50 times through.
    private func shortened(_ tour: [Demand]) -> [Demand] {
        var tour = tour
        for _ in 0..<50 {
            var isBetter = false
            for first in tour.indices {
                for last in tour.indices where last > first {
                    let before = first == 0 ? depot : tour[first - 1].position
                    let after = last == tour.count - 1 ? depot : tour[last + 1].position
                    let now_m =
                        before.distance_m(to: tour[first].position) + tour[last].position.distance_m(to: after)
                    let then_m =
                        before.distance_m(to: tour[last].position) + tour[first].position.distance_m(to: after)
                    guard then_m < now_m - 0.01 else { continue }
                    tour[first...last].reverse()
                    isBetter = true
                }
            }
            if !isBetter { break }
        }
        return tour
    }
}
