import Foundation
import FoundationNetworking
import Locks

/// What a server answered.
struct HTTPAnswer: Sendable, Equatable {
    var status: Int
    var body: [UInt8] = []
    var retryAfter: String?
}

/// Why there is no answer.
struct HTTPFailure: Error, Sendable, Equatable {
    var reason: String
    /// The server cannot have got the request: there was no connection.
    var isUnsent: Bool
}

/// HTTP calls by Foundation's URLSession: no cache, no cookies, no redirections (they would take the credentials along),
/// answers of bounded size.
///
/// Completions run on the session's own serial queue, one after another, and must not block.
final class HTTPClient: NSObject, Sendable {
    typealias Completion = @Sendable (Result<HTTPAnswer, HTTPFailure>) -> Void

    /// The most bytes of an answer; what is longer is a failure.
    static let answer_max = 4 << 20

    private struct Call {
        var body: [UInt8] = []
        var isTooLong = false
        let completion: Completion
    }

    private let calls = Guarded<[Int: Call]>([:])
    private let session = Guarded<URLSession?>(nil)

    /// - Parameter timeout_s: for a whole call.
    init(timeout_s: Double, connections: Int) {
        super.init()
        let configuration = URLSessionConfiguration.ephemeral
        configuration.timeoutIntervalForRequest = timeout_s
        configuration.timeoutIntervalForResource = timeout_s
        configuration.httpMaximumConnectionsPerHost = connections
        configuration.httpShouldSetCookies = false
        configuration.urlCache = nil
        let queue = OperationQueue()
        queue.maxConcurrentOperationCount = 1
        let session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
        self.session.withLock { $0 = session }
    }

    /// Begins a call; `completion` is called once.
    func send(_ request: URLRequest, completion: @escaping Completion) {
        let isStarted = session.withLock { session in
            guard let session else { return false }
            let task = session.dataTask(with: request)
            calls.withLock { $0[task.taskIdentifier] = Call(completion: completion) }
            task.resume()
            return true
        }
        if !isStarted { completion(.failure(HTTPFailure(reason: "the client is closed", isUnsent: true))) }
    }

    /// Breaks off what is under way. The session holds its delegate until then.
    func close() {
        session.withLock { session in
            session?.invalidateAndCancel()
            session = nil
        }
    }

    private static func failure(_ error: any Error) -> HTTPFailure {
        let unsent: [URLError.Code] = [
            .cannotConnectToHost, .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet, .badURL, .unsupportedURL,
            .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid,
        ]
        let code = (error as? URLError)?.code
        return HTTPFailure(
            reason: shortened(error.localizedDescription, to: 200), isUnsent: code.map(unsent.contains) ?? false)
    }
}

extension HTTPClient: URLSessionDataDelegate {
    func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let isTooLong = calls.withLock { calls in
            guard var call = calls.removeValue(forKey: dataTask.taskIdentifier) else { return false }
            if call.body.count + data.count > Self.answer_max { call.isTooLong = true } else { call.body += data }
            calls[dataTask.taskIdentifier] = call
            return call.isTooLong
        }
        if isTooLong { dataTask.cancel() }
    }

    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }

    func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        let found = calls.withLock { calls -> (body: [UInt8], isTooLong: Bool, completion: Completion)? in
            calls.removeValue(forKey: task.taskIdentifier).map { ($0.body, $0.isTooLong, $0.completion) }
        }
        guard let found else { return }
        if found.isTooLong {
            found.completion(.failure(HTTPFailure(reason: "the answer is too long", isUnsent: false)))
        } else if let error {
            found.completion(.failure(Self.failure(error)))
        } else if let response = task.response as? HTTPURLResponse {
            let retryAfter = response.value(forHTTPHeaderField: "Retry-After")
            found.completion(
                .success(HTTPAnswer(status: response.statusCode, body: found.body, retryAfter: retryAfter)))
        } else {
            found.completion(.failure(HTTPFailure(reason: "the answer is not HTTP", isUnsent: false)))
        }
    }
}
