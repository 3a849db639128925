import Wire

extension DeliverySummary.Collection {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(optional: driver) { $0.write($1) }
        writer.write(optional: payment) { $0.write($1) }
        writer.write(optional: expected) { $0.write($1) }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            time_ms: try reader.time_ms(), driver: try reader.optionalID(),
            payment: try reader.optional { reader throws(SnapshotError) in try reader.payment() },
            expected: try reader.optional { reader throws(SnapshotError) in try reader.money() })
    }
}

extension ShiftWord {
    func write(to writer: inout ByteWriter) {
        writer.write(time_ms)
        writer.write(cause)
        writer.write(optional: vehicle) { $0.write($1) }
        writer.write(isEnd)
        if case .ended(let declared) = kind { writer.write(optional: declared) { $0.write($1) } }
    }

    init(from reader: inout ByteReader) throws(SnapshotError) {
        self.init(
            time_ms: try reader.time_ms(), cause: try reader.data(), vehicle: try reader.optionalID(), kind: .started)
        guard try reader.bool() else { return }
        kind = .ended(declared: try reader.optional { reader throws(SnapshotError) in try reader.money() })
    }
}

extension ShiftCash {
    func write(to writer: inout ByteWriter) {
        writer.write(driver)
        writer.write(list: collections) { writer, money in
            writer.write(money.stop)
            writer.write(list: money.taken) { $1.write(to: &$0) }
        }
        writer.write(list: words) { $1.write(to: &$0) }
        ledger.write(to: &writer)
        writer.write(settled_ms)
    }

    init(from reader: inout ByteReader, fleet: [UInt8]) throws(SnapshotError) {
        self.init(fleet: fleet, driver: try reader.dispatchID())
        let collections = try reader.list { reader throws(SnapshotError) in
            let stop = try reader.dispatchID()
            return StopMoney(
                stop: stop, taken: try reader.list { reader throws(SnapshotError) in try Collection(from: &reader) })
        }
        for (former, next) in zip(collections, collections.dropFirst()) where former.stop >= next.stop {
            throw SnapshotError(reason: "a driver's money is not in the order of its stops")
        }
        let words = try reader.list { reader throws(SnapshotError) in try ShiftWord(from: &reader) }
        for (former, next) in zip(words, words.dropFirst()) where !former.precedes(next) {
            throw SnapshotError(reason: "a driver's words are not in the order of time")
        }
        let ledger = try MilestoneLedger(from: &reader)
        restore(collections, words, ledger, settled_ms: try reader.timeOrNever_ms())
    }
}
