/// What happens next in a simulation: a binary heap by time, then vehicle, then order of insertion, so that the order never
/// depends on anything else.
package struct EventQueue {
    package struct Event: Equatable {
        /// Simulated time, microseconds since the start.
        package var time_us: Int64
        package var vehicle: Int32
        /// The message to deliver, as an index of the simulator's waiting messages; −1 for a vehicle's next report.
        package var message: Int32
        fileprivate var order: UInt64 = 0

        package init(time_us: Int64, vehicle: Int32, message: Int32) {
            self.time_us = time_us
            self.vehicle = vehicle
            self.message = message
        }

        fileprivate func isBefore(_ other: Event) -> Bool {
            if time_us != other.time_us { return time_us < other.time_us }
            if vehicle != other.vehicle { return vehicle < other.vehicle }
            return order < other.order
        }
    }

    private var events: [Event] = []
    private var nextOrder: UInt64 = 0

    package init() {}

    package var first: Event? { events.first }
    package var count: Int { events.count }

    /// Logarithmic.
    package mutating func push(_ event: Event) {
        var event = event
        event.order = nextOrder
        nextOrder += 1
        events.append(event)
        var child = events.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard event.isBefore(events[parent]) else { break }
            events[child] = events[parent]
            child = parent
        }
        events[child] = event
    }

    /// Replaces the first event by a later one of the same vehicle: one sift instead of a pop and a push.
    package mutating func replaceFirst(with event: Event) {
        var event = event
        event.order = nextOrder
        nextOrder += 1
        siftDown(event)
    }

    package mutating func removeFirst() {
        guard let last = events.popLast(), !events.isEmpty else { return }
        siftDown(last)
    }

    /// Puts `event` in place of the first and moves it down to where it belongs.
    private mutating func siftDown(_ event: Event) {
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < events.count else { break }
            if child + 1 < events.count, events[child + 1].isBefore(events[child]) { child += 1 }
            guard events[child].isBefore(event) else { break }
            events[parent] = events[child]
            parent = child
        }
        events[parent] = event
    }

    /// Whether every event is no later than those below it.
    package var isHeap: Bool {
        events.indices.dropFirst().allSatisfy { !events[$0].isBefore(events[($0 - 1) / 2]) }
    }
}
