/// What a call of `prune` did.
package struct PruneResult: Sendable, Equatable {
    package var journalRows = 0
    package var deadLetters = 0
    package var snapshots = 0
    package var snapshotParts = 0
    /// Pages given back to the file system with the next checkpoint.
    package var freedPages = 0
    /// Transactions that it took.
    package var steps = 0
    /// False where `steps_max` was reached with work left.
    package var isFinished = true
    /// The journal is over a limit but has no later anchor to start from: a snapshot is due.
    package var needsSnapshot = false

    package init() {}
}
