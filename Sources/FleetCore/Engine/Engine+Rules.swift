/// Which rules a vehicle goes by.
extension Engine {
    /// Where in `ruleBook.settings` the rules of a vehicle stand. O(1); found out when it is asked for the first time after
    /// the book or the vehicle's group has changed, which may add to `settings`: call it in a statement of its own.
    mutating func ruleIndex(of slot: Int) -> Int {
        while ruleIndexes.count <= slot { ruleIndexes.append(-1) }
        if ruleIndexes[slot] >= 0 { return Int(ruleIndexes[slot]) }
        let id = String(decoding: table.id(of: slot), as: UTF8.self)
        let index = ruleBook.index(vehicle: id, group: groups.name(of: vehicles[slot].group))
        ruleIndexes[slot] = index
        return Int(index)
    }

    /// The vehicle's group has changed.
    mutating func forgetRules(of slot: Int) {
        if slot < ruleIndexes.count { ruleIndexes[slot] = -1 }
    }

    /// Takes over other rules. What they are for each vehicle is found out when they are needed.
    mutating func change(to book: RuleBook) {
        ruleBook = book
        ruleIndexes.removeAll(keepingCapacity: true)
    }
}
