import Foundation
import FoundationNetworking
import Locks

/// What came back over the wire.
enum RoadTransfer: Sendable, Equatable {
    case response(RoadResponse)
    case timedOut
    case tooLarge
    /// The system's words: refused, reset, no such host, a bad certificate.
    case unreachable(String)
}

/// HTTP by Foundation: one session, whose callbacks run on its own serial queue, never on the cooperative pool.
///
/// Beside what URLSession offers it has a deadline for the whole of a request and a limit for the body, and follows no
/// redirection: who answers is who was asked.
///
/// The limit ends what is held, but URLSession reads on until its queues get to the end of the task: a server next door that
/// sends hundreds of MiB as fast as it can may have them read, and dropped, before that. The deadline bounds it.
final class RoadTransport: NSObject, URLSessionDataDelegate, @unchecked Sendable {  // all that changes is `Guarded`
    typealias Completion = @Sendable (RoadTransfer) -> Void

    private struct Pending: Sendable {
        var status = 0
        var retryAfter: String?
        var body: [UInt8] = []
        let complete: Completion
    }

    private struct State: Sendable {
        var session: URLSession?
        /// By the task's number.
        var pending: [Int: Pending] = [:]
    }

    private let timeout_ms: Int64
    private let body_bytes_max: Int
    private let deadlines = DispatchQueue(label: "fleetstream.roads.deadlines", qos: .utility)
    private let state = Guarded(State())

    init(timeout_ms: Int64, body_bytes_max: Int, concurrency: Int) {
        self.timeout_ms = timeout_ms
        self.body_bytes_max = body_bytes_max
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpCookieStorage = nil
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        configuration.urlCredentialStorage = nil
        configuration.httpMaximumConnectionsPerHost = concurrency
        let queue = OperationQueue()
        queue.name = "fleetstream.roads.session"
        queue.maxConcurrentOperationCount = 1
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
        state.withLock { $0.session = session }
    }

    /// Sends a request. `complete` is called exactly once, on a queue of this object, unless `stop` comes first.
    func send(_ request: URLRequest, complete: @escaping Completion) {
        let task: URLSessionDataTask? = state.withLock { state in
            guard let task = state.session?.dataTask(with: request) else { return nil }
            state.pending[task.taskIdentifier] = Pending(complete: complete)
            return task
        }
        guard let task else { return }
        deadlines.asyncAfter(deadline: .now() + .milliseconds(Int(timeout_ms))) { [weak self] in
            self?.finish(task, .timedOut)
        }
        task.resume()
    }

    /// Ends what is under way; nothing is completed any more.
    func stop() {
        let session = state.withLock { state -> URLSession? in
            state.pending = [:]
            defer { state.session = nil }
            return state.session
        }
        session?.invalidateAndCancel()
    }

    /// Completes a task that was not completed before, and ends it.
    private func finish(_ task: URLSessionTask, _ transfer: RoadTransfer) {
        let identifier = task.taskIdentifier
        guard let pending = state.withLock({ $0.pending.removeValue(forKey: identifier) }) else { return }
        if task.state != .completed { task.cancel() }
        pending.complete(transfer)
    }

    // MARK: - Called on the session's queue

    func urlSession(
        _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
        completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
    ) {
        let response = response as? HTTPURLResponse
        let status = response?.statusCode ?? 0
        let retryAfter = response?.value(forHTTPHeaderField: "Retry-After")
        let identifier = dataTask.taskIdentifier
        state.withLock { state in
            state.pending[identifier]?.status = status
            state.pending[identifier]?.retryAfter = retryAfter
        }
        guard response.map({ $0.expectedContentLength <= Int64(body_bytes_max) }) ?? true else {
            completionHandler(.cancel)
            return finish(dataTask, .tooLarge)
        }
        completionHandler(.allow)
    }

    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let identifier = dataTask.taskIdentifier
        let limit = body_bytes_max
        let isTooLarge = state.withLock { state in
            guard let held = state.pending[identifier]?.body.count else { return false }
            guard data.count <= limit - held else { return true }
            state.pending[identifier]?.body.append(contentsOf: data)
            return false
        }
        if isTooLarge { finish(dataTask, .tooLarge) }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let identifier = task.taskIdentifier
        if let error {
            let code = (error as? URLError)?.code
            return finish(task, code == .timedOut ? .timedOut : .unreachable(error.localizedDescription))
        }
        let status = (task.response as? HTTPURLResponse)?.statusCode ?? 0
        let response = state.withLock { state in
            state.pending[identifier].map {
                RoadResponse(
                    status: $0.status == 0 ? status : $0.status, retryAfter: $0.retryAfter, body: $0.body)
            }
        }
        if let response { finish(task, .response(response)) }
    }
}
