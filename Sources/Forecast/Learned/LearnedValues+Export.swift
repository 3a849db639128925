import Geo
import Wire

extension LearnedValues {
    static let exportName = "fleetstream-learned"
    static let exportVersion = 1.0
    static let detourNames = ["all", "below_1_km", "below_3_km", "below_10_km", "above_10_km"]

    /// All values as a JSON text, one thing a line, in an order that follows from the values alone.
    ///
    /// A ratio is written as `[measured, expected]`, a mean as `[sum, count]`: both forget, so counts are not whole.
    package func json() -> [UInt8] {
        var out: [UInt8] = []
        out.append(ascii: "{\"format\":\"fleetstream-learned\",\"version\":1,\n\"fleet\":")
        out.append(speeds.fleet)
        out.append(ascii: ",\n\"open_road\":")
        out.append(speeds.open)
        out.append(ascii: ",\n\"detours\":")
        out.append(named: speeds.detours, Self.detourNames)
        out.append(ascii: ",\n\"router\":")
        out.append(named: speeds.router, ["all"] + TimeSlots.partNames)
        appendSegments(to: &out)
        let vehicles = speeds.vehicles.keys
        out.appendMeans("vehicles", "vehicle", vehicles, speeds.vehicleRatios)
        appendService(to: &out)
        appendResiduals(to: &out)
        out.append(ascii: "\n}\n")
        return out
    }

    private func appendSegments(to out: inout [UInt8]) {
        out.append(ascii: ",\n\"segments\":[")
        let keys = speeds.segments.index.keys
        for (number, place) in keys.indices.sorted(by: { keys[$0].raw < keys[$1].raw }).enumerated() {
            let center = keys[place].center
            out.append(ascii: number == 0 ? "\n{\"lat\":" : ",\n{\"lat\":")
            out.appendJSON(center.latitude)
            out.append(ascii: ",\"lon\":")
            out.appendJSON(center.longitude)
            out.append(ascii: ",\"heading\":")
            out.appendJSON(string: SegmentKey.octantNames[keys[place].octant])
            let factor = speeds.segments.factor(place: place)
            out.append(ascii: ",\"factor\":")
            out.appendJSON((factor * 1000).rounded() / 1000)
            out.append(ascii: ",\"ratios\":")
            out.append(named: Array(speeds.segments.ratios(at: place)), ["all"] + TimeSlots.partNames)
            out.append(ascii: "}")
        }
        out.append(ascii: "]")
    }

    private func appendService(to out: inout [UInt8]) {
        out.append(ascii: ",\n\"service\":")
        out.append(
            named: [service.all, service.plans, service.planError, service.learnedError],
            ["all", "plans", "plan_error", "learned_error"])
        let pieces = service.pieces
        out.append(ascii: ",\n\"pieces\":{\"each_s\":")
        out.appendJSON((pieces.each_s * 100).rounded() / 100)
        for (name, value) in zip(
            ["count", "mean_quantity", "mean_s", "squares", "products"],
            [pieces.count, pieces.meanQuantity, pieces.meanTime_s, pieces.squares, pieces.products])
        {
            out.append(ascii: ",")
            out.appendJSON(string: name)
            out.append(ascii: ":")
            out.appendJSON(value)
        }
        out.append(ascii: "},\n\"service_spread\":[")
        for (i, bin) in service.spread.bins.enumerated() {
            if i > 0 { out.append(ascii: ",") }
            out.append(float: bin)
        }
        out.append(ascii: "]")
        out.appendMeans("kinds", "kind", service.kinds.keys, service.kindMeans)
        out.appendMeans("customers", "customer", service.customers.keys, service.customerMeans)
    }

    private func appendResiduals(to out: inout [UInt8]) {
        out.append(ascii: ",\n\"residuals\":[")
        for (i, histogram) in residuals.histograms.enumerated() {
            out.append(ascii: i == 0 ? "\n{\"horizon_min\":" : ",\n{\"horizon_min\":")
            out.appendJSON(string: Residuals.bucketNames[i % Residuals.bucketCount])
            out.append(ascii: i < Residuals.bucketCount ? ",\"stops_before\":false" : ",\"stops_before\":true")
            out.append(ascii: ",\"p90_level\":")
            out.appendJSON(residuals.levels[i])
            out.append(ascii: ",\"bins\":{")
            var isFirst = true
            for (bin, weight) in histogram.bins.enumerated() where weight != 0 {
                if !isFirst { out.append(ascii: ",") }
                isFirst = false
                out.append(ascii: "\"")
                // Where the bin begins, in hundredths of the scale.
                out.append(decimal: Int64(bin * 4 - 100))
                out.append(ascii: "\":")
                out.append(float: weight)
            }
            out.append(ascii: "}}")
        }
        out.append(ascii: "]")
    }
}

extension [UInt8] {
    /// The shortest decimal that reads back as the same number of 32 bits.
    fileprivate mutating func append(float value: Float) {
        var text = value.description
        if text.hasSuffix(".0") { text.removeLast(2) }
        append(contentsOf: text.utf8)
    }

    fileprivate mutating func append(_ ratio: Ratio) {
        append(ascii: "[")
        append(float: ratio.measured)
        append(ascii: ",")
        append(float: ratio.expected)
        append(ascii: "]")
    }

    /// An object of those ratios that are not empty.
    fileprivate mutating func append(named ratios: [Ratio], _ names: [String]) {
        append(ascii: "{")
        var isFirst = true
        for (ratio, name) in zip(ratios, names) where ratio != Ratio() {
            if !isFirst { append(ascii: ",") }
            isFirst = false
            appendJSON(string: name)
            append(ascii: ":")
            append(ratio)
        }
        append(ascii: "}")
    }

    fileprivate mutating func append(_ paces: SlotPaces) {
        append(
            named: paces.days + paces.slots,
            ["weekday", "weekend"] + (0..<TimeSlots.count).map(TimeSlots.name(ofSlot:)))
    }

    /// `"list":[{"member":"id","mean":…,"ratio":[…]}]`, by the bytes of the ids.
    fileprivate mutating func appendMeans(
        _ list: StaticString, _ member: StaticString, _ ids: [[UInt8]], _ means: [Ratio]
    ) {
        append(ascii: ",\n\"")
        append(ascii: list)
        append(ascii: "\":[")
        let order = ids.indices.sorted { ids[$0].lexicographicallyPrecedes(ids[$1]) }
        for (number, place) in order.enumerated() {
            append(ascii: number == 0 ? "\n{\"" : ",\n{\"")
            append(ascii: member)
            append(ascii: "\":")
            let id = ids[place]
            appendJSON(stringBytes: id.span)
            append(ascii: ",\"ratio\":")
            append(means[place])
            append(ascii: "}")
        }
        append(ascii: "]")
    }
}
