import Foundation
import Locks
import MQTTTransport
import Testing

@testable import FleetService

@Suite struct HandOverTests {
    @Test(arguments: [1, 3, 100]) func `everything comes in order, and never more waits than may`(limit: Int) {
        let queue = HandOver<Int>(limit: limit)
        let ahead = Guarded(0)
        let worker = WorkerThread(name: "puts") {
            for number in 0..<2000 {
                #expect(queue.put(number))
                ahead.withLock { $0 = number + 1 }
            }
            queue.finish()
        }
        var taken = 0
        while let number = queue.take() {
            #expect(number == taken)
            taken += 1
            #expect(ahead.withLock { $0 } <= taken + limit)
        }
        worker.join()
        #expect(taken == 2000)
        #expect(queue.take() == nil)
    }

    @Test func `who puts learns that nobody takes any more`() {
        let queue = HandOver<Int>(limit: 1)
        let worker = WorkerThread(name: "puts") { while queue.put(1) {} }
        #expect(queue.take() == 1)
        queue.cancel()
        worker.join()
        #expect(!queue.put(2) && queue.take() == nil)
    }

    @Test func `an end wakes who waits`() {
        let queue = HandOver<Int>(limit: 1)
        let worker = WorkerThread(name: "takes") { #expect(queue.take() == nil) }
        usleep(10_000)
        queue.finish()
        worker.join()
    }
}
