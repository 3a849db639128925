import CPlatform
import Glibc

/// What one connection goes through: request, answer, the next request; or a stream; and the end.
extension ServerLoop {
    func handle(_ connection: Connection, _ events: UInt32, _ now_ms: Int64) {
        if events & EPOLLERR.rawValue != 0 { return close(connection) }
        if events & EPOLLOUT.rawValue != 0, !send(connection, now_ms) { return }
        if events & (EPOLLIN.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue) != 0 { receive(connection, now_ms) }
    }

    private func receive(_ connection: Connection, _ now_ms: Int64) {
        let count = recv(connection.descriptor, &scratch, scratch.count, Int32(MSG_DONTWAIT))
        if count < 0 {
            if errno != EAGAIN, errno != EINTR { close(connection) }
            return
        }
        switch connection.state {
        case .reading:
            if count == 0 { return close(connection) }
            connection.input.append(contentsOf: scratch[..<count])
            work(connection, now_ms)
        case .writing:
            // Nothing is read while an answer goes out; only a broken connection comes here.
            if count == 0 { close(connection) }
        case .streaming:
            // Whoever follows a stream has nothing more to say.
            close(connection)
        case .draining:
            connection.drained_bytes += count
            if count == 0 || connection.drained_bytes > 262_144 { close(connection) }
        }
    }

    /// Reads the requests that have come, one after another: the next when the answer to the last is out.
    func work(_ connection: Connection, _ now_ms: Int64) {
        // An answer that is out at once comes back here: the loop below goes on with the next request.
        guard !connection.isWorking else { return }
        connection.isWorking = true
        defer { connection.isWorking = false }
        while case .reading = connection.state {
            let wasInside = connection.isInsideRequest
            let progress = connection.parser.parse(connection.input, &connection.inputPosition)
            connection.isInsideRequest = connection.parser.isInsideRequest
            if connection.isInsideRequest, !wasInside { connection.since_ms = now_ms }
            if connection.inputPosition == connection.input.count {
                connection.input.removeAll(keepingCapacity: true)
                connection.inputPosition = 0
            }
            switch progress {
            case .needsMore: return updateInterest(connection)
            case .refused(let refusal): return refuse(connection, refusal, now_ms)
            case .request(let request):
                connection.isInsideRequest = false
                answer(connection, request, now_ms)
            }
        }
    }

    private func answer(_ connection: Connection, _ request: HTTPRequest, _ now_ms: Int64) {
        connection.requests += 1
        let response = server.content.respond(to: request)
        var closes = !request.keepsAlive || connection.requests >= limits.requestsPerConnection_max
        var stream: (any ResponseStream)?
        if case .stream(let body) = response.body {
            closes = true
            if request.method == .get { stream = body }
        }
        count(response.status)
        let (head, body) = response.encoded(for: request, closes: closes)
        connection.output.append(head)
        connection.output.append(body)
        connection.closesAfterOutput = closes
        connection.state = stream.map { .streaming($0) } ?? .writing
        begin(connection, now_ms)
        if stream != nil { return feed(connection, now_ms) }
        _ = send(connection, now_ms)
    }

    /// Answers what cannot be answered, and closes.
    func refuse(_ connection: Connection, _ refusal: HTTPRefusal, _ now_ms: Int64) {
        count(refusal.status)
        let (head, body) = HTTPResponse(refusal).encoded(for: nil, closes: true)
        connection.output.append(head)
        connection.output.append(body)
        connection.closesAfterOutput = true
        connection.state = .writing
        begin(connection, now_ms)
        _ = send(connection, now_ms)
    }

    private func begin(_ connection: Connection, _ now_ms: Int64) {
        connection.since_ms = now_ms
        connection.progress_ms = now_ms
        let bytes = connection.output.pending_bytes + (connection.isStreaming ? limits.streamBuffer_bytes : 0)
        connection.allowance_ms = limits.response_ms + Int64(bytes / limits.bytesPerSecond_min) * 1_000
    }

    /// Sends what is ready; false where the connection is gone. What follows an answer that is out, follows.
    private func send(_ connection: Connection, _ now_ms: Int64) -> Bool {
        switch connection.output.send(to: connection.descriptor) {
        case .failed:
            close(connection)
            return false
        case .sent(let bytes):
            if bytes > 0 { connection.progress_ms = now_ms }
        }
        guard connection.output.isEmpty else {
            updateInterest(connection)
            return true
        }
        switch connection.state {
        case .writing where connection.closesAfterOutput:
            connection.state = .draining
            connection.since_ms = now_ms
            shutdown(connection.descriptor, Int32(SHUT_WR))
            updateInterest(connection)
        case .writing:
            connection.state = .reading
            connection.since_ms = now_ms
            work(connection, now_ms)
            return connections[connection.serial] != nil
        case .streaming:
            connection.since_ms = now_ms
            updateInterest(connection)
        case .reading, .draining:
            updateInterest(connection)
        }
        return true
    }

    /// Gives a stream's reader what is new, but nothing while something is still on its way: a slow one is told less
    /// often, not more and more.
    func feed(_ connection: Connection, _ now_ms: Int64) {
        guard case .streaming(let stream) = connection.state else { return }
        // A snapshot comes in several pieces; the others have their turn in between.
        for _ in 0..<8 {
            if connection.output.pending_bytes > limits.streamBuffer_bytes { break }
            var piece: [UInt8] = []
            let goesOn = stream.fill(&piece, room: limits.streamBuffer_bytes, now_ms: now_ms)
            if connection.output.isEmpty { connection.since_ms = now_ms }
            let isMuch = piece.count >= limits.streamBuffer_bytes / 2
            connection.output.append(piece)
            guard send(connection, now_ms) else { return }
            if !goesOn {
                connection.closesAfterOutput = true
                connection.state = .writing
                _ = send(connection, now_ms)
                return
            }
            if !isMuch || !connection.output.isEmpty { break }
        }
    }

    private func count(_ status: HTTPStatus) {
        if let index = HTTPStatus.allCases.firstIndex(of: status) { figures.responses[index] += 1 }
    }
}
