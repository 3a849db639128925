/// So many requests a day of UTC. A clock that goes back does not begin the day anew.
struct RoadBudget: Sendable {
    private static let day_ms: Int64 = 86_400_000

    let perDay: Int
    private var day = Int64.min
    private var spent = 0

    init(perDay: Int) { self.perDay = perDay }

    func spent(at utc_ms: Int64) -> Int { Self.day(of: utc_ms) > day ? 0 : spent }
    func hasLeft(at utc_ms: Int64) -> Bool { spent(at: utc_ms) < perDay }

    mutating func spend(at utc_ms: Int64) {
        spent = spent(at: utc_ms) + 1
        day = max(day, Self.day(of: utc_ms))
    }

    private static func day(of utc_ms: Int64) -> Int64 {
        let (quotient, remainder) = utc_ms.quotientAndRemainder(dividingBy: day_ms)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// How long the last requests took.
struct RoadLatencies: Sendable {
    private static let count = 256
    private var values_ms: [Double] = []
    private var next = 0

    mutating func add(_ value_ms: Double) {
        if values_ms.count < Self.count { values_ms.append(value_ms) } else { values_ms[next] = value_ms }
        next = (next + 1) % Self.count
    }

    /// The median, and what 99 of 100 stay below; 0 where there are none.
    var percentiles: (p50: Double, p99: Double) {
        let sorted = values_ms.sorted()
        guard let last = sorted.indices.last else { return (0, 0) }
        return (sorted[last / 2], sorted[last * 99 / 100])
    }
}
