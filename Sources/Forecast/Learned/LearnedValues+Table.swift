import Geo

/// What was learned, for people.
extension LearnedValues {
    /// Lines of text: counts, speeds by the part of the week, detours, the slowest segments, service times, how far off forecasts were.
    ///
    /// Values that nothing was seen of yet are those that are taken until then. O(n log n) in segments.
    package func table(slowest: Int = 10) -> [String] {
        var lines = [
            "learned of      \(speeds.segments.count) segments, \(speeds.vehicles.count) vehicles, "
                + "\(service.kinds.count) kinds of customers, \(service.customers.count) customers"
        ]
        lines += speedLines() + detourLines() + segmentLines(slowest) + serviceLines() + residualLines()
        return lines
    }

    private func speedLines() -> [String] {
        var lines = ["", "speeds in km/h  on paths  measured km  off them  measured km"]
        for part in 0..<TimeSlots.partCount {
            let slots = (0..<TimeSlots.count).filter { Int(TimeSlots.parts[$0]) == part }
            var row = TableRow(TimeSlots.partNames[part].replacing("_", with: " "), width: 14)
            for paces in [speeds.fleet, speeds.open] {
                let pace = slots.reduce(0) { $0 + paces.pace_s_m(slot: $1) } / Double(max(1, slots.count))
                let driven_m = slots.reduce(0) { $0 + Double(paces.slots[$1].expected) }
                row.add(3.6 / pace, decimals: 1, width: 10)
                row.add(driven_m / 1000, decimals: 0, width: 13)
            }
            lines.append("  " + row.text)
        }
        return lines
    }

    private func detourLines() -> [String] {
        var lines = ["", "detour factor     factor  measured km"]
        let lengths_m = [500.0, 2000, 6000, 20_000]
        for (name, length_m) in zip(Self.detourNames.dropFirst(), lengths_m) {
            var row = TableRow(name.replacing("_", with: " "), width: 14)
            row.add(speeds.drivenLength_m(straight_m: length_m) / length_m, decimals: 2, width: 8)
            let seen = speeds.detours[1 + SpeedModel.distanceClass(length_m)]
            row.add(Double(seen.measured) / 1000, decimals: 0, width: 13)
            lines.append("  " + row.text)
        }
        let hasRouter = speeds.router[0] != Ratio()
        if hasRouter {
            let factors = (0..<TimeSlots.partCount).map { speeds.routerFactor(part: $0) }
            var row = TableRow("router's times are multiplied by", width: 34)
            row.add(factors.min() ?? 1, decimals: 2, width: 5)
            row.add(factors.max() ?? 1, decimals: 2, width: 7)
            lines.append(row.text)
        }
        return lines
    }

    private func segmentLines(_ limit: Int) -> [String] {
        let segments = speeds.segments
        let keys = segments.index.keys
        // Only those that were seen for some minutes: others are mostly chance.
        let known = keys.indices.filter { segments.ratios(at: $0).first.map { $0.expected >= 120 } ?? false }
        let order = known.sorted { left, right in
            let (a, b) = (segments.factor(place: left), segments.factor(place: right))
            return a != b ? a > b : keys[left].raw < keys[right].raw
        }
        if order.isEmpty { return [] }
        var lines = ["", "slowest segments        lat         lon  heading  times as slow as the mean"]
        for (number, place) in order.prefix(max(0, limit)).enumerated() {
            let center = keys[place].center
            var row = TableRow("\(number + 1).", width: 14)
            row.add(center.latitude, decimals: 5, width: 11)
            row.add(center.longitude, decimals: 5, width: 12)
            row.add(SegmentKey.octantNames[keys[place].octant], width: 9)
            row.add(segments.factor(place: place), decimals: 2, width: 27)
            lines.append("  " + row.text)
        }
        return lines
    }

    private func serviceLines() -> [String] {
        var lines = ["", "service times in s   base     seen"]
        let general = service.all.shrunk(to: 180, weight: 3)
        lines.append("  " + Self.service("all", general, service.all))
        let kinds = service.kinds.keys
        for place in kinds.indices.sorted(by: { kinds[$0].lexicographicallyPrecedes(kinds[$1]) }) {
            let name = kinds[place].isEmpty ? "(no kind)" : String(decoding: kinds[place], as: UTF8.self)
            let mean = service.kindMeans[place]
            lines.append("  " + Self.service(name, mean.shrunk(to: general, weight: 5), mean))
        }
        var row = TableRow("each piece more", width: 17)
        row.add(service.pieces.each_s, decimals: 1, width: 8)
        lines.append("  " + row.text)
        row = TableRow("times the plan", width: 17)
        row.add(service.plans.shrunk(to: 1, weight: 1800), decimals: 2, width: 8)
        lines.append("  " + row.text)
        return lines
    }

    private static func service(_ name: String, _ base_s: Double, _ seen: Ratio) -> String {
        var row = TableRow(name, width: 17)
        row.add(base_s, decimals: 0, width: 8)
        row.add(Double(seen.expected), decimals: 0, width: 9)
        return row.text
    }

    private func residualLines() -> [String] {
        var lines = [
            "", "errors of forecasts, in % of the time ahead and a minute",
            "  min ahead  stops before  median   P90     seen",
        ]
        for (place, histogram) in residuals.histograms.enumerated() where histogram.sum > 0 {
            var row = TableRow(Residuals.bucketNames[place % Residuals.bucketCount], width: 9)
            row.add(place < Residuals.bucketCount ? "no" : "yes", width: 14)
            row.add(100 * histogram.quantile(0.5, prior: ErrorHistogram.priorMedian), decimals: 1, width: 8)
            row.add(
                100 * histogram.quantile(residuals.levels[place], prior: ErrorHistogram.priorNinety), decimals: 1,
                width: 6)
            row.add(Double(histogram.sum), decimals: 0, width: 9)
            lines.append("  " + row.text)
        }
        return lines
    }
}

/// A line of columns.
struct TableRow {
    private(set) var text: String

    /// The first column, from the left.
    init(_ name: String, width: Int) {
        text = name + String(repeating: " ", count: max(1, width - name.count))
    }

    /// A further column, from the right.
    mutating func add(_ value: String, width: Int) {
        text += String(repeating: " ", count: max(1, width - value.count)) + value
    }

    mutating func add(_ value: Double, decimals: Int, width: Int) {
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        guard let whole = Int64(exactly: (abs(value) * scale).rounded()) else { return add("-", width: width) }
        var digits = String(whole)
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        if decimals > 0 { digits = String(digits.dropLast(decimals)) + "." + String(digits.suffix(decimals)) }
        add((value < 0 && whole != 0 ? "-" : "") + digits, width: width)
    }
}
