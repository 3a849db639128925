/// How vehicles spend their day.
package struct JourneyHabits: Sendable {
    package var stopsPerTour: ClosedRange<Int>
    package var service_s: ClosedRange<Double>
    package var loading_s: ClosedRange<Double>
    /// How often the engine is stopped while a customer is served.
    package var ignitionOffShare: Double

    package init(
        stopsPerTour: ClosedRange<Int>, service_s: ClosedRange<Double>, loading_s: ClosedRange<Double>,
        ignitionOffShare: Double
    ) {
        self.stopsPerTour = stopsPerTour
        self.service_s = service_s
        self.loading_s = loading_s
        self.ignitionOffShare = ignitionOffShare
    }
}
