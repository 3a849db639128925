import CPlatform
import Foundation
import Glibc
import Locks
import Synchronization

/// What the server shows. Called on the server's thread only, which must not wait in it.
package protocol WindowContent: Sendable {
    func respond(to request: HTTPRequest) -> HTTPResponse
    /// Called when the server was woken, and several times a second while somebody is connected.
    func tick()
}

/// How many there are and were, for the metrics.
package struct WindowServerFigures: Sendable, Equatable {
    package var connections = 0
    package var streams = 0
    package var accepted: UInt64 = 0
    package var refusedConnections: UInt64 = 0
    package var droppedReaders: UInt64 = 0
    /// Answers by status, in the order of `HTTPStatus.allCases`.
    package var responses = [UInt64](repeating: 0, count: HTTPStatus.allCases.count)

    package init() {}
}

/// The read-only HTTP server: one thread, which waits for nothing but its epoll.
///
/// A reader that is slow, silent or hostile costs one place among the connections until its time is over, and never
/// anything of the engine: nothing here is called by the engine, and nothing here waits for it.
package final class WindowServer: Sendable {
    /// The address that it listens on, with the port that was given.
    package let address: ListenAddress
    let limits: HTTPLimits
    let content: any WindowContent
    let wakeUp: EventSignal
    private let isStopping = Atomic<Bool>(false)
    private let figuresOfLoop = Guarded(WindowServerFigures())
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Listens, and begins to serve.
    package init(
        _ wanted: ListenAddress, limits: HTTPLimits = HTTPLimits(), wakeUp: EventSignal, content: any WindowContent
    ) throws(WindowError) {
        let listener = try ListeningSocket(wanted)
        address = listener.address
        self.limits = limits
        self.content = content
        self.wakeUp = wakeUp
        let loop = ServerLoop(listener, self)
        let thread = Thread { [hasEnded] in
            platform_name_thread("window")
            loop.run()
            hasEnded.signal()
        }
        thread.name = "window"
        thread.start()
    }

    /// Closes everything and waits for the thread, once.
    package func stop() {
        guard !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
        wakeUp.signal()
        hasEnded.wait()
    }

    package var figures: WindowServerFigures { figuresOfLoop.withLock { $0 } }

    var shallStop: Bool { isStopping.load(ordering: .acquiring) }

    func publish(_ figures: WindowServerFigures) { figuresOfLoop.withLock { $0 = figures } }
}

/// An eventfd: any thread may signal, one waits for it in its epoll.
package final class EventSignal: Sendable {
    let descriptor: Int32

    package init() {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        if descriptor < 0 {
            fatalError("EventSignal: the system refuses one more descriptor (\(String(cString: strerror(errno))))")
        }
    }

    deinit { close(descriptor) }

    /// From any thread; does not wait.
    package func signal() {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    func consume() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, 8)
    }
}
