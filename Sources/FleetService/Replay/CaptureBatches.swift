import FleetCore
import Foundation
import MQTTTransport
package import Wire

/// The messages of a capture, batch after batch, for whoever runs an engine of their own over it. Lines are read on a thread of
/// its own.
package final class CaptureBatches {
    private let pieces = HandOver<CaptureReader.Piece>(limit: 4)
    /// Lines that are not lines of a capture.
    package private(set) var badLines = 0

    /// - Parameter fleet: only this fleet's messages; nil for all.
    package init(path: String, topicRoot: String, fleet: String? = nil) throws(ReplayError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw ReplayError(message: "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        var options = ReplayOptions()
        options.fleet = fleet
        let filter = ReplayFilter(topicRoot: topicRoot, options)
        let pieces = pieces
        _ = WorkerThread(name: "capture-read") {
            var reader = CaptureReader(file, filter: filter, pieces: pieces)
            reader.run()
        }
    }

    deinit { pieces.cancel() }

    /// The next batch; nil at the end.
    package func next() throws(ReplayError) -> MessageBatch? {
        while let piece = pieces.take() {
            switch piece {
            case .messages(let batch, _):
                if !batch.isEmpty { return batch }
            case .badLine: badLines += 1
            case .failed(let error): throw error
            }
        }
        return nil
    }
}
