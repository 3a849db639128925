import FleetCore
import Foundation
import Geo
import Signing
import Store
import Window

/// The HTTP window of a running service: what it shows, the thread that serves it, and what goes into it.
struct WindowHost: Sendable {
    let inbox: FleetInbox
    private let server: WindowServer
    let vehicles_max: Int

    /// The most bytes of a fleet's geofences that are shown.
    private static let geofences_bytes_max = 32 << 20
    /// The same for the paths of its open routes, and the most points of one.
    private static let routes_bytes_max = 16 << 20
    private static let routePoints_max = 200

    /// Opens the window; nil where none is configured.
    static func open(
        _ configuration: Configuration, keys: LinkKeys?, board: StatusBoard,
        status: @escaping @Sendable () -> ServiceStatus
    ) throws(WindowError) -> WindowHost? {
        guard let address = ListenAddress(configuration.window.listen) else { return nil }
        return try WindowHost(configuration, address, keys, board, status)
    }

    private init(
        _ configuration: Configuration, _ address: ListenAddress, _ keys: LinkKeys?, _ board: StatusBoard,
        _ status: @escaping @Sendable () -> ServiceStatus
    ) throws(WindowError) {
        let window = configuration.window
        vehicles_max = window.vehiclesMax
        let wakeUp = EventSignal()
        inbox = FleetInbox(wakeUp: wakeUp)
        var options = Site.Options()
        options.topicRoot = configuration.topicRoot
        options.tokens = window.tokenFile.isEmpty ? nil : try BearerTokens(file: window.tokenFile)
        options.links = keys.map {
            let zone = TimeZones.rules(named: configuration.rules.timeZone) ?? TimeZoneRules(fixedOffset_s: 0)
            return Site.CustomerLinks(keys: $0, localTime: zone)
        }
        options.tiles = window.tiles
        options.tilesAttribution = window.tilesAttribution
        options.vehicles_max = window.vehiclesMax
        options.trailPoints_max = window.trailPoints
        options.epoch = UInt64(Date().timeIntervalSince1970 * 1000)
        let site = Site(
            options, inbox: inbox,
            probes: WindowProbes(
                readiness: { Self.readiness(status(), board.measured, lag_s_max: window.readyLag_s) },
                metrics: { MetricsPage.append(status(), board.counters, board.measured, to: &$0) },
                status: { status().json }))
        var limits = HTTPLimits()
        limits.connections_max = window.connectionsMax
        limits.connectionsPerAddress_max = window.connectionsPerAddress
        server = try Self.listen(address, limits, wakeUp, site, otherwiseAnywhere: window.mayUseAnotherPort)
        site.connect { [weak server] in server?.figures ?? WindowServerFigures() }
    }

    private static func listen(
        _ address: ListenAddress, _ limits: HTTPLimits, _ wakeUp: EventSignal, _ site: Site, otherwiseAnywhere: Bool
    ) throws(WindowError) -> WindowServer {
        do throws(WindowError) {
            return try WindowServer(address, limits: limits, wakeUp: wakeUp, content: site)
        } catch {
            guard otherwiseAnywhere, let anywhere = address.with(port: 0) else { throw error }
            return try WindowServer(anywhere, limits: limits, wakeUp: wakeUp, content: site)
        }
    }

    /// `http://127.0.0.1:8080`
    var url: String { "http://\(server.address)" }

    func stop() { server.stop() }

    /// Committed entries of the outbox: the events among them are shown.
    func show(_ entries: [OutboxEntry]) {
        for entry in entries where entry.contentType == "application/cloudevents+json" {
            inbox.putEvent(topic: entry.topic, payload: entry.payload)
        }
    }

    /// The geofences changed.
    func show(_ catalogues: [GeofenceCatalogue]) {
        for catalogue in catalogues {
            inbox.putGeofences(
                fleet: catalogue.fleet,
                featureCollection: catalogue.featureCollection(bytes_max: Self.geofences_bytes_max))
        }
    }

    /// The paths of open routes changed.
    func show(_ catalogues: [RouteCatalogue]) {
        for catalogue in catalogues {
            inbox.putRoutes(
                fleet: catalogue.fleet,
                featureCollection: catalogue.featureCollection(
                    points_max: Self.routePoints_max, bytes_max: Self.routes_bytes_max))
        }
    }

    /// What has to be so before the process does its work.
    static func readiness(
        _ status: ServiceStatus, _ measured: ServiceMetrics, lag_s_max: Double
    ) -> [ReadinessCheck] {
        let isRunning = status.state == "running"
        let storeStates = ["store_full", "store_busy", "failed"]
        let isStoreWritable = !storeStates.contains(status.state)
        let lag_s = measured.currentLag_s(now_s: status.now.timeIntervalSince1970)
        return [
            ReadinessCheck(
                "running", isPassed: isRunning,
                reason: isRunning ? "" : status.reason.isEmpty ? status.state : "\(status.state): \(status.reason)"),
            ReadinessCheck(
                "broker", isPassed: status.broker.isConnected,
                reason: status.broker.isConnected
                    ? "" : status.broker.lastError.isEmpty ? "not connected yet" : status.broker.lastError),
            ReadinessCheck("store", isPassed: isStoreWritable, reason: isStoreWritable ? "" : status.reason),
            ReadinessCheck(
                "lag", isPassed: lag_s <= lag_s_max,
                reason: lag_s <= lag_s_max
                    ? "" : String(format: "%.1f s behind, more than %.1f s", lag_s, lag_s_max)),
        ]
    }
}
