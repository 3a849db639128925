import CPlatform
import FleetCore
import Foundation
import Locks
import Store

/// Writes snapshots beside the batches: encodes an image of the state on a thread of its own, piece by piece, and gives each
/// piece to the next commit. The snapshot counts from its last piece on; a crash before leaves the one before it in force.
final class SnapshotWriter: Sendable {
    /// The state between two batches.
    struct Image: Sendable {
        /// The journal row after which it was taken.
        var journalSequence: Int64
        var created_ms: Int64
        var router: [UInt8]
        var desks: Desks
        var shards: [ShardImage]
    }

    /// Version of the parts' encoding, as the store keeps it.
    static let format: Int64 = 1

    /// Bytes of a piece: a commit with one takes hardly longer than without, and waits for the disk all the same.
    private static let piece_bytes = 64 << 10

    private struct State {
        var isBusy = false
        var isCancelled = false
    }

    private let commits: CommitThread
    private let state = Guarded(State())
    private let onEnd: @Sendable (StoreError?) -> Void

    /// - Parameter onEnd: called on the writing thread when a snapshot is complete, or has failed.
    init(_ commits: CommitThread, onEnd: @escaping @Sendable (StoreError?) -> Void) {
        self.commits = commits
        self.onEnd = onEnd
    }

    /// A snapshot is being written: another one cannot begin.
    var isBusy: Bool { state.withLock(\.isBusy) }

    /// Begins to write, where nothing is being written; false where something is, or after `cancel`.
    func begin(_ image: Image) -> Bool {
        let mayBegin = state.withLock { state in
            guard !state.isBusy, !state.isCancelled else { return false }
            state.isBusy = true
            return true
        }
        guard mayBegin else { return false }
        let thread = Thread { [self] in
            platform_lower_priority()
            let error = write(image)
            state.withLock { $0.isBusy = false }
            onEnd(error)
        }
        thread.name = "snapshot"
        thread.start()
        return true
    }

    /// Gives up what is being written, for good.
    func cancel() { state.withLock { $0.isCancelled = true } }

    // MARK: - On the thread

    /// Returns what went wrong; nothing where the snapshot is complete or was given up.
    private func write(_ image: Image) -> StoreError? {
        var shards = image.shards
        var piece = SnapshotToWrite(
            piece: .first, journal_sequence: image.journalSequence, created_ms: image.created_ms,
            format: Self.format, parts: [image.router, image.desks.snapshot()])
        for index in shards.indices {
            while let part = shards[index].nextPart(bytes: Self.piece_bytes) {
                if isCancelled { return nil }
                if case .failure(let error) = commits.commitAlong(piece) { return isCancelled ? nil : error }
                piece.piece = .next
                piece.parts = [part]
            }
        }
        piece.piece = piece.piece == .first ? .whole : .last
        guard case .failure(let error) = commits.commitAlong(piece) else { return nil }
        return isCancelled ? nil : error
    }

    private var isCancelled: Bool { state.withLock(\.isCancelled) }
}
