import FleetCore

/// Decides what is asked of the router and when, and who gets which answer. It does no I/O and knows no clock: whoever owns
/// it does what its actions say, and tells it what came of that.
///
/// Every question gets exactly one reply: from the cache, with an equal question, from the router, or a reason why not.
struct RoadMachine: Sendable {
    /// A request, waiting or under way, and the questions that it is for.
    private struct Job: Sendable {
        let key: RoadKey
        var topics: [[UInt8]]
        let asked_ms: Int64
        var attempts = 0
        /// When it went out; nil while it waits.
        var sent_ms: Int64?
    }

    let options: RoadOptions
    private var jobs: [Int: Job] = [:]
    private var jobByKey: [RoadKey: Int] = [:]
    /// Those that wait, who comes next first: at most `queue_max`, so that removing the first is cheap.
    private var queue: [Int] = []
    private var nextJob = 0
    private var underWay = 0
    private var budget: RoadBudget
    private(set) var cache: RoadCache
    private(set) var breaker: RoadBreaker
    private var pausedUntil_ms = Int64.min
    private var backOff_ms: Int64
    private var figures = RoadStatistics()
    private var latencies = RoadLatencies()

    init(_ options: RoadOptions) {
        self.options = options
        budget = RoadBudget(perDay: options.requestsPerDay)
        cache = RoadCache(entries_max: options.cacheEntries, bytes_max: options.cache_bytes_max)
        breaker = RoadBreaker(failures_max: options.breakerFailures, open_ms: options.breakerOpen_ms)
        backOff_ms = options.backOff_ms
    }

    // MARK: - What happens

    /// Somebody asks.
    mutating func ask(_ question: RoadQuestion, at now: Moment) -> [Action] {
        var actions: [Action] = []
        figures.questions += 1
        guard question.points.count >= RoadQuestion.points_min, question.points.count <= RoadQuestion.points_max,
            question.points.allSatisfy(\.isValid)
        else {
            refuse([question.topic], RoadFailure(.refused, "the points are not 2 to 100 places of the earth"), &actions)
            return actions
        }
        let key = RoadKey(question.points)
        if let kept = cache.reply(for: key, at: now.steady_ms) {
            figures.cacheHits += 1
            reply([question.topic], kept, &actions)
        } else if let number = jobByKey[key] {
            share(question.topic, with: number, &actions)
        } else {
            enqueue(key, question.topic, at: now, &actions)
        }
        return actions
    }

    private mutating func share(_ topic: [UInt8], with number: Int, _ actions: inout [Action]) {
        guard let job = jobs[number], job.topics.count < RoadOptions.sharers_max else {
            return refuse([topic], RoadFailure(.refused, "too many equal questions wait already"), &actions)
        }
        figures.shared += 1
        jobs[number]?.topics.append(topic)
    }

    private mutating func enqueue(_ key: RoadKey, _ topic: [UInt8], at now: Moment, _ actions: inout [Action]) {
        let number = nextJob
        nextJob += 1
        jobs[number] = Job(key: key, topics: [topic], asked_ms: now.steady_ms)
        jobByKey[key] = number
        queue.append(number)
        dispatch(at: now, &actions)
        if queue.count > options.queue_max {
            drop(queue.removeFirst(), RoadFailure(.refused, "more than \(options.queue_max) wait"), &actions)
        }
    }

    /// A request came to its end. Nothing happens where the number is unknown.
    mutating func finished(_ number: Int, _ outcome: Outcome, at now: Moment) -> [Action] {
        guard var job = jobs[number], let sent_ms = job.sent_ms else { return [] }
        var actions: [Action] = []
        underWay -= 1
        switch outcome {
        case .answer(let answer):
            works()
            latencies.add(Double(now.steady_ms - sent_ms))
            settle(number, .answer(answer), keepFor_ms: options.cacheAge_ms, at: now, &actions)
        case .no(let failure):
            works()
            let isLasting = failure.reason == .noRoute
            settle(
                number, .failure(failure),
                keepFor_ms: isLasting ? min(RoadOptions.noRouteAge_ms, options.cacheAge_ms) : 0, at: now, &actions)
        case .fault(let failure):
            figures.lastError = String(decoding: failure.detail, as: UTF8.self)
            breaker.failed(at: now.steady_ms)
            settle(number, .failure(failure), keepFor_ms: 0, at: now, &actions)
        case .putOff(let retryAfter_ms, let detail):
            figures.putOff += 1
            figures.lastError = detail
            breaker.putOff()
            pause(retryAfter_ms, at: now)
            if job.attempts < RoadOptions.attempts_max, queue.count < options.queue_max {
                job.sent_ms = nil
                jobs[number] = job
                queue.insert(number, at: 0)
            } else {
                settle(number, .failure(RoadFailure(.refused, detail)), keepFor_ms: 0, at: now, &actions)
            }
        }
        expire(at: now, &actions)
        dispatch(at: now, &actions)
        return actions
    }

    /// Time has passed: to be called at `nextWake_ms`, and as often as one likes.
    mutating func wake(at now: Moment) -> [Action] {
        var actions: [Action] = []
        expire(at: now, &actions)
        dispatch(at: now, &actions)
        return actions
    }

    /// When `wake` has something to do that no `finished` will see to; nil where nothing waits.
    var nextWake_ms: Int64? {
        guard let first = queue.first, let job = jobs[first] else { return nil }
        let expiry_ms = job.asked_ms + options.wait_ms
        let mayBeSentLater = underWay < options.concurrency && pausedUntil_ms != .min
        guard mayBeSentLater else { return expiry_ms }
        return min(expiry_ms, pausedUntil_ms)
    }

    // MARK: - What follows

    private mutating func works() {
        breaker.succeeded()
        backOff_ms = options.backOff_ms
    }

    /// No shorter than our own back-off, whatever the router says: it would be asked again at once. Requests that were under
    /// way together are put off together, and count as one.
    private mutating func pause(_ retryAfter_ms: Int64?, at now: Moment) {
        let isFirst = pausedUntil_ms <= now.steady_ms
        let pause_ms = max(min(retryAfter_ms ?? 0, RoadOptions.retryAfter_ms_max), isFirst ? backOff_ms : 0)
        if isFirst { backOff_ms = min(backOff_ms * 2, options.backOff_ms_max) }
        pausedUntil_ms = max(pausedUntil_ms, now.steady_ms + pause_ms)
    }

    /// Sends what may go out, and answers what need not wait any longer.
    private mutating func dispatch(at now: Moment, _ actions: inout [Action]) {
        if pausedUntil_ms <= now.steady_ms { pausedUntil_ms = .min }
        while let first = queue.first {
            if breaker.isOpen(at: now.steady_ms) {
                let failure = RoadFailure(.circuitOpen, "the router failed: \(figures.lastError)")
                return dropAll(failure, &actions)
            }
            if !budget.hasLeft(at: now.utc_ms) {
                let failure = RoadFailure(.budget, "\(options.requestsPerDay) requests were made this day (UTC)")
                return dropAll(failure, &actions)
            }
            guard underWay < options.concurrency, pausedUntil_ms == .min, breaker.admit(at: now.steady_ms) else {
                return
            }
            queue.removeFirst()
            send(first, at: now, &actions)
        }
    }

    private mutating func send(_ number: Int, at now: Moment, _ actions: inout [Action]) {
        guard var job = jobs[number] else { fatalError("RoadMachine: a request waits that is not there") }
        budget.spend(at: now.utc_ms)
        underWay += 1
        figures.requests += 1
        job.attempts += 1
        job.sent_ms = now.steady_ms
        jobs[number] = job
        actions.append(.send(job: number, points: job.key.points))
    }

    /// Lets go who has waited too long.
    private mutating func expire(at now: Moment, _ actions: inout [Action]) {
        while let first = queue.first, let job = jobs[first], job.asked_ms + options.wait_ms <= now.steady_ms {
            queue.removeFirst()
            let isPaused = pausedUntil_ms > now.steady_ms
            let failure =
                isPaused
                ? RoadFailure(.refused, "the router wants a pause: \(figures.lastError)")
                : RoadFailure(.timeout, "no turn came within \(options.wait_ms) ms")
            drop(first, failure, &actions)
        }
    }

    private mutating func dropAll(_ failure: RoadFailure, _ actions: inout [Action]) {
        let dropped = queue
        queue = []
        for number in dropped { drop(number, failure, &actions) }
    }

    private mutating func drop(_ number: Int, _ failure: RoadFailure, _ actions: inout [Action]) {
        guard let job = jobs.removeValue(forKey: number) else { return }
        jobByKey[job.key] = nil
        refuse(job.topics, failure, &actions)
    }

    /// Replies to all who asked, and keeps the reply for so long, where it is worth it.
    private mutating func settle(
        _ number: Int, _ answer: RoadReply, keepFor_ms: Int64, at now: Moment, _ actions: inout [Action]
    ) {
        guard let job = jobs.removeValue(forKey: number) else { return }
        jobByKey[job.key] = nil
        let payload = answer.json()
        let kept = RoadCache.Reply(payload: payload, failure: answer.failure)
        if keepFor_ms > 0 { cache.insert(kept, for: job.key, expires_ms: now.steady_ms + keepFor_ms) }
        reply(job.topics, kept, &actions)
    }

    private mutating func refuse(_ topics: [[UInt8]], _ failure: RoadFailure, _ actions: inout [Action]) {
        let payload = RoadReply.failure(failure).json()
        reply(topics, RoadCache.Reply(payload: payload, failure: failure.reason), &actions)
    }

    private mutating func reply(_ topics: [[UInt8]], _ reply: RoadCache.Reply, _ actions: inout [Action]) {
        if let failure = reply.failure {
            figures.failures[failure.name.description, default: 0] += Int64(topics.count)
        } else {
            figures.answers += Int64(topics.count)
        }
        for topic in topics { actions.append(.reply(topic: topic, payload: reply.payload)) }
    }

    // MARK: - Looked at

    /// The figures of this moment.
    func statistics(at now: Moment) -> RoadStatistics {
        var figures = figures
        figures.cacheEntries = cache.count
        figures.cacheBytes = cache.bytes
        figures.requestsToday = budget.spent(at: now.utc_ms)
        figures.requestsPerDay = options.requestsPerDay
        figures.waiting = queue.count
        figures.underWay = underWay
        figures.breaker = breaker.name
        figures.breakerOpenings = breaker.openings
        (figures.latency_ms_p50, figures.latency_ms_p99) = latencies.percentiles
        return figures
    }

    /// Stops where the parts do not agree. For tests; linear.
    func checkInvariants() {
        cache.checkInvariants()
        precondition(jobs.count == queue.count + underWay && jobs.count == jobByKey.count, "jobs are lost")
        for number in queue { precondition(jobs[number] != nil, "a request waits that is not there") }
        for (key, number) in jobByKey { precondition(jobs[number]?.key == key, "a key leads nowhere") }
        precondition(queue.count <= options.queue_max && underWay <= options.concurrency, "over the limits")
    }
}

extension RoadReply {
    /// Why there is no answer; nil where there is one.
    fileprivate var failure: RoadFailure.Reason? {
        if case .failure(let failure) = self { failure.reason } else { nil }
    }
}
