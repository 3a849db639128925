/// The reports that a tracker keeps while it has no coverage: a ring that drops the oldest when it is full.
package struct ReportBuffer {
    private var reports: [[UInt8]] = []
    /// Where the oldest stands once the ring has gone round.
    private var oldest = 0
    private let limit: Int
    package private(set) var dropped = 0

    package init(limit: Int) {
        self.limit = limit
    }

    package var count: Int { reports.count }
    package var isEmpty: Bool { reports.isEmpty }

    package mutating func append(_ report: [UInt8]) {
        if reports.count < limit {
            reports.append(report)
        } else {
            reports[oldest] = report
            oldest = (oldest + 1) % limit
            dropped += 1
        }
    }

    /// Takes everything out as JSON arrays, each of at most `arrayMax` reports and about 60,000 bytes.
    package mutating func takeArrays(newestFirst: Bool, arrayMax: Int) -> [[UInt8]] {
        var ordered = Array(reports[oldest...] + reports[..<oldest])
        if newestFirst { ordered.reverse() }
        reports.removeAll()
        oldest = 0
        var arrays: [[UInt8]] = []
        var index = 0
        while index < ordered.count {
            var array: [UInt8] = [UInt8(ascii: "[")]
            var held = 0
            repeat {
                if held > 0 { array.append(UInt8(ascii: ",")) }
                array.append(contentsOf: ordered[index])
                held += 1
                index += 1
            } while index < ordered.count && held < arrayMax && array.count + ordered[index].count < 60_000
            array.append(UInt8(ascii: "]"))
            arrays.append(array)
        }
        return arrays
    }
}
