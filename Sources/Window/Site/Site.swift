import Locks
import Wire

/// Where is what: the window's paths. Only the server's thread calls it.
///
/// `@unchecked`: the view and what else is not Sendable is touched by that thread alone.
package final class Site: WindowContent, @unchecked Sendable {
    package struct Options: Sendable {
        package var topicRoot = "fleets"
        /// Nil: whoever reaches the address may look.
        package var tokens: BearerTokens?
        /// `https://tile.example.org/{z}/{x}/{y}.png`; empty: the map has no ground.
        package var tiles = ""
        package var tilesAttribution = ""
        package var vehicles_max = 50_000
        package var trailPoints_max = 60
        /// Tells the streams of this process from those of one before.
        package var epoch: UInt64 = 0
        /// Nil: there are no customers' links.
        package var links: CustomerLinks?
        package var now_ms: @Sendable () -> Int64 = Site.clock_ms

        package init() {}
    }

    let options: Options
    let probes: WindowProbes
    let view: FleetView
    let shared = SharedPieces()
    let page: Page
    /// Set once, after the server is there: its figures go into the metrics.
    private let server = Guarded<(@Sendable () -> WindowServerFigures)?>(nil)

    package init(_ options: Options, inbox: FleetInbox, probes: WindowProbes) {
        self.options = options
        self.probes = probes
        var limits = FleetStore.Limits()
        limits.vehicles_max = options.vehicles_max
        limits.trailPoints_max = options.trailPoints_max
        view = FleetView(topicRoot: options.topicRoot, limits: limits, epoch: options.epoch, inbox: inbox)
        page = Page(options)
    }

    package func connect(to figures: @escaping @Sendable () -> WindowServerFigures) {
        server.withLock { $0 = figures }
    }

    var serverFigures: WindowServerFigures { server.withLock { $0 }?() ?? WindowServerFigures() }

    package func tick() { view.update() }

    package func respond(to request: HTTPRequest) -> HTTPResponse {
        if let links = options.links, isCustomers(request) { return customerAnswer(request, links) }
        do throws(HTTPRefusal) {
            try checkHost(request)
            return try route(request)
        } catch {
            return HTTPResponse(error)
        }
    }

    /// Without tokens the window serves whoever is on this machine. A page from elsewhere, whose name was made to stand for
    /// this address, is not that, though its browser is: the name in its requests tells.
    private func checkHost(_ request: HTTPRequest) throws(HTTPRefusal) {
        guard options.tokens == nil, let host = request.header("host") else { return }
        let text = String(decoding: host, as: UTF8.self)
        var name = Substring(text)
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") { name = text[..<colon] }
        let isLoopback =
            name.utf8.equalsIgnoringCase("localhost") || name == "[::1]"
            || ListenAddress("\(name):0")?.isLoopback == true
        guard isLoopback else {
            throw HTTPRefusal(.misdirectedRequest, "without window.token_file only localhost is served")
        }
    }

    private func route(_ request: HTTPRequest) throws(HTTPRefusal) -> HTTPResponse {
        let path = request.path
        switch path.first ?? "" {
        case "healthz" where path.count == 1: return HTTPResponse(json: Array("{\"status\":\"ok\"}\n".utf8))
        case "readyz" where path.count == 1: return readiness()
        case "metrics" where path.count == 1:
            try requireEverything(request)
            return metrics()
        case "stream" where path.count == 1: return try stream(request)
        case "geofences.geojson" where path.count == 1: return try geofences(request)
        case "routes.geojson" where path.count == 1: return try routes(request)
        case "api": return try query(request, Array(path.dropFirst()))
        default:
            if let part = page.part(path) { return part }
            throw HTTPRefusal(.notFound, "there is nothing here")
        }
    }

    // MARK: - Who sees what

    func scope(_ request: HTTPRequest) throws(HTTPRefusal) -> BearerTokens.Scope {
        guard let tokens = options.tokens else { return .everything }
        guard let scope = tokens.scope(authorization: request.header("authorization")) else {
            throw HTTPRefusal(.unauthorized, "a bearer token is needed")
        }
        return scope
    }

    private func requireEverything(_ request: HTTPRequest) throws(HTTPRefusal) {
        guard try scope(request) == .everything else {
            throw HTTPRefusal(.forbidden, "this token is for one fleet")
        }
    }

    /// The fleets that a request may see.
    func visibleFleets(_ request: HTTPRequest) throws(HTTPRefusal) -> [FleetStore] {
        view.update()
        switch try scope(request) {
        case .everything: return view.fleets
        case .fleet(let name): return view.fleet(name).map { [$0] } ?? []
        }
    }

    /// The fleet that a request is about: the one it names, or the only one there is. A fleet that may not be seen is as
    /// one that is not there.
    func fleet(_ request: HTTPRequest) throws(HTTPRefusal) -> FleetStore {
        let visible = try visibleFleets(request)
        if let name = request.parameter("fleet") {
            guard let found = visible.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                throw HTTPRefusal(.notFound, "there is no such fleet")
            }
            return found
        }
        guard let first = visible.first else { throw HTTPRefusal(.notFound, "there is no fleet yet") }
        guard visible.count == 1 else {
            throw HTTPRefusal(.badRequest, "there are several fleets: say which by ?fleet=")
        }
        return first
    }

    // MARK: - Streams and files

    private func stream(_ request: HTTPRequest) throws(HTTPRefusal) -> HTTPResponse {
        let store = try fleet(request)
        let lastID = request.header("last-event-id") ?? request.parameter("last_event_id").map { Array($0.utf8) }
        return HTTPResponse(
            stream: StreamFeed(store, shared, epoch: options.epoch, from: lastID), "text/event-stream; charset=utf-8")
    }

    private func geofences(_ request: HTTPRequest) throws(HTTPRefusal) -> HTTPResponse {
        let store = try fleet(request)
        var response = HTTPResponse(.ok, "application/geo+json; charset=utf-8", store.geofences)
        response.caching = .tagged("\(options.epoch)-\(store.geofencesVersion)")
        return response
    }

    private func routes(_ request: HTTPRequest) throws(HTTPRefusal) -> HTTPResponse {
        let store = try fleet(request)
        var response = HTTPResponse(.ok, "application/geo+json; charset=utf-8", store.routes)
        response.caching = .tagged("\(options.epoch)-r\(store.routesVersion)")
        return response
    }

    // MARK: - Health

    private func readiness() -> HTTPResponse {
        let checks = probes.readiness()
        let isReady = checks.allSatisfy(\.isPassed)
        var body: [UInt8] = []
        body.append(ascii: isReady ? "{\"status\":\"ready\",\"checks\":{" : "{\"status\":\"not_ready\",\"checks\":{")
        for (index, check) in checks.enumerated() {
            if index > 0 { body.append(ascii: ",") }
            body.appendJSON(string: "\(check.name)")
            body.append(ascii: check.isPassed ? ":{\"ok\":true" : ":{\"ok\":false")
            if !check.reason.isEmpty {
                body.append(ascii: ",\"reason\":")
                body.appendJSON(string: check.reason)
            }
            body.append(ascii: "}")
        }
        body.append(ascii: "}}\n")
        return HTTPResponse(isReady ? .ok : .serviceUnavailable, HTTPResponse.json, body)
    }

    private func metrics() -> HTTPResponse {
        view.update()
        var text = MetricsText()
        probes.metrics(&text)
        appendFamilies(to: &text)
        return HTTPResponse(.ok, MetricsText.contentType, text.bytes)
    }
}
