/// One thing that has to be so before the process does its work.
package struct ReadinessCheck: Sendable, Equatable {
    /// A word for programs: `broker`, `store`, `lag`.
    package var name: StaticString
    package var isPassed: Bool
    /// A sentence for people; empty where there is nothing to say.
    package var reason: String

    package init(_ name: StaticString, isPassed: Bool, reason: String = "") {
        self.name = name
        self.isPassed = isPassed
        self.reason = reason
    }

    package static func == (left: ReadinessCheck, right: ReadinessCheck) -> Bool {
        "\(left.name)" == "\(right.name)" && left.isPassed == right.isPassed && left.reason == right.reason
    }
}

/// What the window asks of the service. Called on the window's thread; none of them may wait for more than a short lock.
package struct WindowProbes: Sendable {
    /// What has to be so before the process does its work.
    package var readiness: @Sendable () -> [ReadinessCheck]
    /// Writes the families of the service.
    package var metrics: @Sendable (inout MetricsText) -> Void
    /// The status as JSON: what `fleetstream status --json` prints.
    package var status: @Sendable () -> [UInt8]

    package init(
        readiness: @escaping @Sendable () -> [ReadinessCheck],
        metrics: @escaping @Sendable (inout MetricsText) -> Void, status: @escaping @Sendable () -> [UInt8]
    ) {
        self.readiness = readiness
        self.metrics = metrics
        self.status = status
    }
}
