/// A vehicle and the hash of its id.
struct HashedVehicle: BitwiseCopyable {
    var hash: UInt64
    var slot: Int32
}

/// Puts vehicles in the order of their hashes: the order of what happens to many at once, wherever they are kept.
///
/// Hashes are spread evenly, so that one pass by their highest bits (as many as there are vehicles) leaves each within a
/// few places of its own, and insertion does the rest: O(n). Ids that somebody made so that their hashes are alike
/// would make insertion quadratic; beyond a few moves a vehicle the standard library's sort takes over.
struct HashOrder {
    private var ends: [Int32] = []
    private var spread: [HashedVehicle] = []

    /// - Parameter tie: whether the first slot goes before the second, of two vehicles with the same hash.
    mutating func sort(_ vehicles: inout [HashedVehicle], tie: (Int32, Int32) -> Bool) {
        guard vehicles.count > 1 else { return }
        distribute(&vehicles)
        func precedes(_ left: HashedVehicle, _ right: HashedVehicle) -> Bool {
            left.hash != right.hash ? left.hash < right.hash : tie(left.slot, right.slot)
        }
        var moves = 16 * vehicles.count
        for index in 1..<vehicles.count {
            let vehicle = vehicles[index]
            var place = index
            while place > 0, precedes(vehicle, vehicles[place - 1]) {
                vehicles[place] = vehicles[place - 1]
                place -= 1
                moves -= 1
            }
            vehicles[place] = vehicle
            if moves < 0 { return vehicles.sort(by: precedes) }
        }
    }

    private mutating func distribute(_ vehicles: inout [HashedVehicle]) {
        let bits = min(max(Int.bitWidth - vehicles.count.leadingZeroBitCount, 1), 16)
        let shift = UInt64(64 - bits)
        let bins = 1 << bits
        if ends.count < bins { ends = Array(repeating: 0, count: bins) }
        for bin in 0..<bins { ends[bin] = 0 }
        for vehicle in vehicles { ends[Int(vehicle.hash >> shift)] += 1 }
        var end: Int32 = 0
        for bin in 0..<bins {
            end += ends[bin]
            ends[bin] = end
        }
        if spread.count < vehicles.count {
            spread = Array(repeating: HashedVehicle(hash: 0, slot: 0), count: 2 * vehicles.count)
        }
        // From behind, so that each bin fills downwards from its end.
        for vehicle in vehicles {
            let bin = Int(vehicle.hash >> shift)
            ends[bin] -= 1
            spread[Int(ends[bin])] = vehicle
        }
        for index in vehicles.indices { vehicles[index] = spread[index] }
    }
}
