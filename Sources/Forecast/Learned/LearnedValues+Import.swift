import Geo
import Wire

/// Why a text with learned values cannot be used.
package struct LearnedProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where: byte offset into the text.
    package var offset: Int
    package var reason: String

    package var description: String { "learned values cannot be read at byte \(offset): \(reason)" }
}

extension LearnedValues {
    /// Reads what ``json()`` wrote. Members that are missing leave nothing learned; those that are not known are an error, because a
    /// misspelt one would be lost silently. `factor` and `each_s` are there for the reader and not read.
    package init(json text: Span<UInt8>) throws(LearnedProblem) {
        let root: JSONNode
        do {
            root = try JSONNode.parse(text, valueLimit: 20_000_000)
        } catch {
            throw LearnedProblem(offset: error.offset, reason: "it is not JSON: \(error)")
        }
        self.init()
        guard let members = root.object, root["format"]?.string == Self.exportName else {
            throw LearnedProblem(offset: 0, reason: "its format is not \"\(Self.exportName)\"")
        }
        guard root["version"]?.number == Self.exportVersion else {
            throw LearnedProblem(offset: 0, reason: "its version is not \(Int(Self.exportVersion))")
        }
        for member in members { try read(member) }
    }

    private mutating func read(_ member: JSONMember) throws(LearnedProblem) {
        let node = member.value
        switch member.key {
        case "format", "version": break
        case "fleet": speeds.fleet = try node.paces()
        case "open_road": speeds.open = try node.paces()
        case "detours": speeds.detours = try node.ratios(Self.detourNames)
        case "router": speeds.router = try node.ratios(["all"] + TimeSlots.partNames)
        case "segments": try readSegments(node)
        case "vehicles":
            for (id, ratio) in try node.means("vehicle", limit: SpeedModel.vehicleLimit) {
                speeds.setVehicle(id, ratio)
            }
        case "service":
            let ratios = try node.ratios(["all", "plans", "plan_error", "learned_error"])
            (service.all, service.plans) = (ratios[0], ratios[1])
            (service.planError, service.learnedError) = (ratios[2], ratios[3])
        case "pieces": service.pieces = try node.pieceTimes()
        case "service_spread":
            service.spread.bins = try node.floats()
            guard service.spread.isValid else { throw node.problem("it needs \(ServiceSpread.count) weights") }
        case "kinds":
            for (id, mean) in try node.means("kind", limit: ServiceTimes.kindLimit) { service.setKind(id, mean) }
        case "customers":
            for (id, mean) in try node.means("customer", limit: ServiceTimes.customerLimit) {
                service.setCustomer(id, mean)
            }
        case "residuals": try readResiduals(node)
        default: throw LearnedProblem(offset: member.keyOffset, reason: "\"\(member.key)\" is not known")
        }
    }

    private mutating func readSegments(_ node: JSONNode) throws(LearnedProblem) {
        let elements = try node.elements(limit: SegmentSpeeds.defaultLimit)
        for element in elements {
            guard let latitude = element["lat"]?.number, let longitude = element["lon"]?.number,
                Coordinate(latitude: latitude, longitude: longitude).isValid,
                let heading = element["heading"]?.string,
                let octant = SegmentKey.octantNames.firstIndex(of: heading)
            else { throw element.problem("a segment needs lat, lon and heading") }
            guard let ratios = element["ratios"] else { throw element.problem("a segment needs ratios") }
            speeds.segments.set(
                SegmentKey(latitude: latitude, longitude: longitude, octant: octant),
                try ratios.ratios(["all"] + TimeSlots.partNames))
        }
    }

    private mutating func readResiduals(_ node: JSONNode) throws(LearnedProblem) {
        var histograms = residuals.histograms
        var levels = residuals.levels
        for element in try node.elements(limit: histograms.count) {
            guard let name = element["horizon_min"]?.string, let bucket = Residuals.bucketNames.firstIndex(of: name),
                let stopsBefore = element["stops_before"]?.bool, let level = element["p90_level"]?.number,
                let members = element["bins"]?.object
            else { throw element.problem("a histogram needs horizon_min, stops_before, p90_level and bins") }
            var bins = [Float](repeating: 0, count: ErrorHistogram.binCount)
            for member in members {
                guard let start = Int(member.key), start >= -100, start < 300, start % 4 == 0,
                    let weight = member.value.number
                else { throw member.value.problem("a bin begins at -100, -96, … 296") }
                bins[(start + 100) / 4] = Float(weight)
            }
            histograms[bucket + (stopsBefore ? Residuals.bucketCount : 0)] = ErrorHistogram(bins: bins)
            levels[bucket + (stopsBefore ? Residuals.bucketCount : 0)] = level
        }
        guard let read = Residuals(histograms: histograms, levels: levels) else {
            throw node.problem("a weight is out of range")
        }
        residuals = read
    }
}

extension JSONNode {
    fileprivate func problem(_ reason: String) -> LearnedProblem { LearnedProblem(offset: offset, reason: reason) }

    fileprivate func elements(limit: Int) throws(LearnedProblem) -> [JSONNode] {
        guard let array else { throw problem("it is not a list") }
        guard array.count <= limit else { throw problem("there are more than \(limit)") }
        return array
    }

    fileprivate func floats() throws(LearnedProblem) -> [Float] {
        guard let array else { throw problem("it is not a list") }
        var floats: [Float] = []
        for element in array {
            guard let number = element.number else { throw element.problem("it is not a number") }
            floats.append(Float(number))
        }
        return floats
    }

    fileprivate func ratio() throws(LearnedProblem) -> Ratio {
        let floats = try floats()
        guard floats.count == 2 else { throw problem("it needs two numbers") }
        let ratio = Ratio(measured: floats[0], expected: floats[1])
        guard ratio.isValid else { throw problem("a number is out of range") }
        return ratio
    }

    /// An object of ratios by name, in the order of the names.
    fileprivate func ratios(_ names: [String]) throws(LearnedProblem) -> [Ratio] {
        guard let object else { throw problem("it is not an object") }
        var ratios = [Ratio](repeating: Ratio(), count: names.count)
        for member in object {
            guard let place = names.firstIndex(of: member.key) else {
                throw LearnedProblem(offset: member.keyOffset, reason: "\"\(member.key)\" is not known")
            }
            ratios[place] = try member.value.ratio()
        }
        return ratios
    }

    fileprivate func paces() throws(LearnedProblem) -> SlotPaces {
        let ratios = try ratios(["weekday", "weekend"] + (0..<TimeSlots.count).map(TimeSlots.name(ofSlot:)))
        guard let paces = SlotPaces(days: Array(ratios[0..<2]), slots: Array(ratios[2...])) else {
            throw problem("a number is out of range")
        }
        return paces
    }

    fileprivate func means(_ member: String, limit: Int) throws(LearnedProblem) -> [(id: [UInt8], ratio: Ratio)] {
        var means: [(id: [UInt8], ratio: Ratio)] = []
        for element in try elements(limit: limit) {
            guard let id = element[member]?.string, let ratio = element["ratio"] else {
                throw element.problem("it needs \(member) and ratio")
            }
            means.append((Array(id.utf8), try ratio.ratio()))
        }
        return means
    }

    fileprivate func pieceTimes() throws(LearnedProblem) -> PieceTimes {
        var times = PieceTimes()
        guard let count = self["count"]?.number, let quantity = self["mean_quantity"]?.number,
            let time = self["mean_s"]?.number, let squares = self["squares"]?.number,
            let products = self["products"]?.number
        else { throw problem("it needs count, mean_quantity, mean_s, squares and products") }
        (times.count, times.meanQuantity, times.meanTime_s) = (count, quantity, time)
        (times.squares, times.products) = (squares, products)
        guard times.isValid else { throw problem("a number is out of range") }
        return times
    }
}
