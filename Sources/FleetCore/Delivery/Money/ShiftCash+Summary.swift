import Wire

/// What is told at the end of a shift.
extension ShiftCash {
    func summaries() -> [Milestone] {
        var started_ms: Int64?
        var from_ms = Int64.min
        var milestones: [Milestone] = []
        for word in words {
            guard case .ended(let declared) = word.kind else {
                // Money that was taken since the last shift belongs to the one that begins.
                if started_ms == nil { started_ms = word.time_ms }
                continue
            }
            milestones.append(summary(of: word, declared, from_ms: from_ms, started_ms: started_ms))
            from_ms = word.time_ms.addingClamped(1)
            started_ms = nil
        }
        return milestones
    }

    private func summary(
        of word: ShiftWord, _ declared: Money?, from_ms: Int64, started_ms: Int64?
    ) -> Milestone {
        let totals = totals(from_ms: from_ms, to_ms: word.time_ms)
        var data: [UInt8] = []
        data.member("driver", id: driver)
        if let started_ms { data.member("started", time_ms: started_ms) }
        data.member("totals")
        data.append(ascii: "[")
        for (index, total) in totals.enumerated() {
            data.append(ascii: index == 0 ? "{\"method\":\"" : ",{\"method\":\"")
            data.append(ascii: total.method.name)
            data.append(ascii: "\"")
            data.member("amount", hundredths: total.amount_c)
            data.member("currency", text: total.currency)
            data.member("count", count: total.count)
            data.append(ascii: "}")
        }
        data.append(ascii: "]")
        writeOrders(from_ms: from_ms, to_ms: word.time_ms, totals, into: &data)
        if let declared {
            data.member("declared")
            data.append(ascii: "{\"amount\":")
            data.append(fixed: declared.amount_c, decimals: 2)
            data.member("currency", text: declared.currency)
            data.append(ascii: "}")
            let cash_c = totals.first { $0.method == .cash && $0.currency == declared.currency }?.amount_c ?? 0
            data.member("discrepancy", hundredths: declared.amount_c.subtractingClamped(cash_c))
        }
        return Milestone(
            type: .financeCodSummary, happening: .financeCodSummary, subject: .driver(driver), vehicle: word.vehicle,
            time_ms: word.time_ms, cause: word.cause, data: data)
    }

    /// What the orders asked for, and by how much the money that was taken differs from it.
    private func writeOrders(from_ms: Int64, to_ms: Int64, _ totals: [Total], into data: inout [UInt8]) {
        var sums: [Money] = []
        for expected in taken(from_ms: from_ms, to_ms: to_ms).compactMap(\.expected) {
            if let index = sums.firstIndex(where: { $0.currency == expected.currency }) {
                sums[index].amount_c = sums[index].amount_c.addingClamped(expected.amount_c)
            } else {
                sums.append(expected)
            }
        }
        guard !sums.isEmpty else { return }
        data.member("orders")
        let sorted = sums.sorted { $0.currency.lexicographicallyPrecedes($1.currency) }
        for (index, sum) in sorted.enumerated() {
            let taken_c = totals.reduce(Int64(0)) { $1.currency == sum.currency ? $0.addingClamped($1.amount_c) : $0 }
            data.append(ascii: index == 0 ? "[{\"expected_amount\":" : ",{\"expected_amount\":")
            data.append(fixed: sum.amount_c, decimals: 2)
            data.member("currency", text: sum.currency)
            data.member("discrepancy", hundredths: taken_c.subtractingClamped(sum.amount_c))
            data.append(ascii: "}")
        }
        data.append(ascii: "]")
    }
}
