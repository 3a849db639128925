import Foundation
import Locks

/// A queue of a few elements between two threads: who is ahead waits.
final class HandOver<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var isCancelled = false
    }

    private let limit: Int
    private let state = Guarded(State())
    private let condition = NSCondition()

    init(limit: Int) { self.limit = limit }

    /// Waits for room. False where nobody takes any more.
    func put(_ element: Element) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let isPut: Bool? = state.withLock { state in
                if state.isCancelled { return false }
                guard state.elements.count < limit else { return nil }
                state.elements.append(element)
                return true
            }
            if let isPut {
                condition.broadcast()
                return isPut
            }
            condition.wait()
        }
    }

    /// Waits for an element; nil at the end.
    func take() -> Element? {
        condition.lock()
        defer { condition.unlock() }
        while true {
            let (element, isAtEnd) = state.withLock { state -> (Element?, Bool) in
                if state.isCancelled { return (nil, true) }
                return state.elements.isEmpty ? (nil, state.isFinished) : (state.elements.removeFirst(), false)
            }
            if element != nil || isAtEnd {
                condition.broadcast()
                return element
            }
            condition.wait()
        }
    }

    /// Nothing more comes.
    func finish() { end { $0.isFinished = true } }

    /// Nobody takes any more: what is in the queue is dropped, and who puts learns of it.
    func cancel() {
        end { state in
            state.isCancelled = true
            state.elements = []
        }
    }

    private func end(_ change: (inout State) -> Void) {
        condition.lock()
        state.withLock { change(&$0) }
        condition.broadcast()
        condition.unlock()
    }
}
