import CPlatform
import Foundation
import Glibc

/// The signals that the process listens to, one after another, on a thread of their own.
enum Signals {
    /// Calls `handler` with the number of each signal that arrives. Once a process.
    static func listen(_ numbers: [Int32], handler: @escaping @Sendable (Int32) -> Void) {
        let descriptor = fleetstream_catch_signals(numbers, Int32(numbers.count))
        guard descriptor >= 0 else { return }
        // A peer that goes away while we write is an error of the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        // So is a file that may not grow (a limit of the process): the store treats it as a full disk.
        signal(SIGXFSZ, SIG_IGN)
        let thread = Thread {
            var number: UInt8 = 0
            while true {
                let count = read(descriptor, &number, 1)
                if count == 1 {
                    handler(Int32(number))
                } else if errno != EINTR {
                    return
                }
            }
        }
        thread.name = "signals"
        thread.start()
    }
}
