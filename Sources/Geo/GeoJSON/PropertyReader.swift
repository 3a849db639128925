import Wire

/// Reads the properties of a Feature that are ours.
struct PropertyReader {
    static let names = [
        "id", "name", "kind", "dwell_seconds", "confirm_fixes", "confirm_seconds", "exit_buffer_m", "use_accuracy",
        "applies_to", "schedule", "speed_limit_kmh", "radius_m", "buffer_m",
    ]
    private static let longest_s = 31_536_000.0
    private static let speedLimit_kmh_max = 200.0

    let parser: FeatureParser
    let properties: JSONNode?

    /// Sets all that the properties say; what is missing keeps its default.
    func fill(_ fence: inout Geofence) throws(GeofenceProblem) {
        if let name = try string("name") { fence.name = name }
        if let kind = try string("kind") { fence.kind = GeofenceKind(rawValue: kind) }
        fence.dwell_s = try number("dwell_seconds", above: 0, upTo: PropertyReader.longest_s)
        fence.confirm_s = try number("confirm_seconds", above: 0, upTo: PropertyReader.longest_s)
        if let node = member("confirm_fixes") {
            let range = Geofence.confirmFixesRange
            guard let value = node.number, value == value.rounded(), abs(value) < 1e9 else {
                throw parser.problem(.wrongType, "\"confirm_fixes\" must be a whole number", node)
            }
            guard range.contains(Int(value)) else {
                throw parser.problem(
                    .outOfRange, "\"confirm_fixes\" must be \(range.lowerBound) to \(range.upperBound)", node)
            }
            fence.confirmFixes = Int(value)
        }
        if let node = member("exit_buffer_m") {
            guard let value = node.number else {
                throw parser.problem(.wrongType, "\"exit_buffer_m\" must be a number", node)
            }
            guard value >= 0, value <= GeofenceReader.bufferLimit_m else {
                throw parser.problem(
                    .outOfRange, "\"exit_buffer_m\" must be 0 to \(Int(GeofenceReader.bufferLimit_m))", node)
            }
            fence.exitBuffer_m = value
        }
        if let node = member("use_accuracy") {
            guard let value = node.bool else {
                throw parser.problem(.wrongType, "\"use_accuracy\" must be true or false", node)
            }
            fence.useAccuracy = value
        }
        if let node = member("applies_to") { fence.appliesTo = try strings("applies_to", node) }
        if let node = member("schedule") { fence.schedule = try schedule(node) }
        fence.speedLimit_kmh = try number("speed_limit_kmh", above: 0, upTo: PropertyReader.speedLimit_kmh_max)
    }

    // MARK: Values

    /// A property that is there and not null.
    func member(_ name: String) -> JSONNode? {
        guard let node = properties?[name], !node.isNull else { return nil }
        return node
    }

    /// A number greater than `above`; nil if the property is missing.
    func number(_ name: String, above: Double, upTo: Double) throws(GeofenceProblem) -> Double? {
        guard let node = member(name) else { return nil }
        guard let value = node.number else { throw parser.problem(.wrongType, "\"\(name)\" must be a number", node) }
        guard value > above, value <= upTo else {
            throw parser.problem(
                .outOfRange, "\"\(name)\" must be greater than \(Int(above)) and at most \(Int(upTo)), but is \(value)",
                node)
        }
        return value
    }

    private func string(_ name: String) throws(GeofenceProblem) -> String? {
        guard let node = member(name) else { return nil }
        guard let value = node.string, !value.isEmpty else {
            throw parser.problem(.wrongType, "\"\(name)\" must be a string that is not empty", node)
        }
        return value
    }

    private func strings(_ name: String, _ node: JSONNode) throws(GeofenceProblem) -> [String] {
        if let one = node.string, !one.isEmpty { return [one] }
        let words = node.array?.compactMap(\.string).filter { !$0.isEmpty }
        guard let words, words.count == node.array?.count else {
            throw parser.problem(.wrongType, "\"\(name)\" must be an array of strings that are not empty", node)
        }
        return words
    }

    // MARK: The schedule

    private func schedule(_ node: JSONNode) throws(GeofenceProblem) -> Schedule {
        guard let members = node.object else {
            throw parser.problem(.wrongType, "\"schedule\" must be an object with days, hours and time_zone", node)
        }
        if let stranger = members.first(where: { !["days", "hours", "time_zone"].contains($0.key) }) {
            throw parser.problem(
                .invalidSchedule, "\"schedule\" knows days, hours and time_zone, but not \"\(stranger.key)\"",
                at: parser.base + stranger.keyOffset)
        }
        let zone = node["time_zone"] ?? node
        let named = node["time_zone"].map { $0.string }
        guard let zoneName = named ?? parser.defaultTimeZone else {
            throw parser.problem(.invalidSchedule, "\"schedule\" needs a \"time_zone\" such as \"Asia/Taipei\"", zone)
        }
        guard let rules = parser.timeZones(zoneName) else {
            throw parser.problem(.unknownTimeZone, "the time zone \"\(zoneName)\" is not known", zone)
        }
        var days = WeekdaySet.all
        if let daysNode = node["days"], !daysNode.isNull { days = try self.days(daysNode) }
        var hours: [DayHours] = []
        if let hoursNode = node["hours"], !hoursNode.isNull {
            for text in try strings("hours", hoursNode) {
                guard let range = DayHours(text) else {
                    throw parser.problem(
                        .invalidSchedule, "\"\(text)\" is not a range of hours such as \"08:00-17:30\"", hoursNode)
                }
                hours.append(range)
            }
            guard !hours.isEmpty else {
                throw parser.problem(
                    .invalidSchedule, "\"hours\" must not be empty; leave it out for whole days", hoursNode)
            }
        }
        return Schedule(days: days, hours: hours, timeZone: zoneName, rules: rules)
    }

    /// Days as an array or a single string, each a day ("mon") or a range ("mon-fri", also over Sunday: "sat-mon").
    private func days(_ node: JSONNode) throws(GeofenceProblem) -> WeekdaySet {
        var days = WeekdaySet()
        for text in try strings("days", node) {
            let ends = text.lowercased().split(separator: "-", omittingEmptySubsequences: false).map(PropertyReader.day)
            guard ends.count <= 2, let first = ends[0], let last = ends[ends.count - 1] else {
                throw parser.problem(
                    .invalidSchedule,
                    "\"\(text)\" is no day: use mon, tue, wed, thu, fri, sat, sun or a range such as mon-fri",
                    node)
            }
            for step in 0...((last.rawValue - first.rawValue + 7) % 7) {
                if let day = Weekday(rawValue: (first.rawValue + step) % 7) { days.insert(day) }
            }
        }
        guard !days.isEmpty else {
            throw parser.problem(.invalidSchedule, "\"days\" must not be empty; leave it out for every day", node)
        }
        return days
    }

    private static func day(_ text: Substring) -> Weekday? {
        Weekday.allCases.first { text == "\($0)" }
    }
}
