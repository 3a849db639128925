import FleetCore
import Foundation
import Locks
import MQTTTransport

/// Writes what the engine made, on a thread of its own.
final class ReplayOutput: Sendable {
    enum Piece: Sendable {
        case effects(BatchOutput, onlyStates: Bool)
        case badLine([UInt8], number: Int, CaptureLine.Fault, time_ms: Int64)
    }

    /// Batches between the engine and the file.
    private static let waitingMax = 4

    private let pieces = HandOver<Piece>(limit: ReplayOutput.waitingMax)
    private let failure: Guarded<ReplayError?>
    private let thread: WorkerThread

    init(_ handle: FileHandle, topicRoot: String, includesState: Bool) {
        let pieces = pieces
        let failure = Guarded<ReplayError?>(nil)
        self.failure = failure
        thread = WorkerThread(name: "replay-write") {
            var writer = ReplayWriter(handle, includesState: includesState)
            do throws(ReplayError) {
                while let piece = pieces.take() {
                    switch piece {
                    case .effects(let output, let onlyStates):
                        try writer.write(output, onlyStates: onlyStates)
                    case .badLine(let line, let number, let fault, let time_ms):
                        try writer.writeBadLine(
                            line, number: number, fault: fault, time_ms: time_ms, topicRoot: topicRoot)
                    }
                }
                try writer.flush()
            } catch {
                failure.withLock { $0 = error }
                pieces.cancel()
            }
        }
    }

    deinit { pieces.cancel() }

    /// Waits for room. Throws where an earlier piece could not be written.
    func put(_ piece: Piece) throws(ReplayError) {
        guard !pieces.put(piece) else { return }
        throw failure.withLock { $0 } ?? ReplayError(message: "writing the output has ended already")
    }

    /// Waits until everything is written.
    func finish() throws(ReplayError) {
        pieces.finish()
        thread.join()
        if let failure = failure.withLock({ $0 }) { throw failure }
    }
}
