import Testing
import Wire

@testable import FleetCore
@testable import Forecast

@Suite struct `Paths of open routes` {
    private func desks(after script: Script) -> Desks {
        var world = World(shards: 2)
        for frame in script.frames { world.take(frame) }
        world.flush()
        return world.processor.desks
    }

    private static let path =
        "\"path\":{\"type\":\"LineString\",\"coordinates\":[[121.5,25],[121.5,25.01],[121.5,25.03]]}"

    private func begun() -> Script {
        var script = Script()
        script.order("O1", at: 3000, received: 1)
        script.order("O2", at: 3000, received: 1)
        script.route("R2", "V2", ["O2"], received: 2)
        script.route("R1", "V1", ["O1"], Self.path, received: 3)
        return script
    }

    @Test func `a route with a path is listed, one without is not`() throws {
        let desks = self.desks(after: begun())
        let catalogue = try #require(desks.routeCatalogues.first)
        #expect(desks.routeCatalogues.count == 1 && !catalogue.fleet.isEmpty)
        let lines = catalogue.lines(points_max: 200)
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        #expect(line.route == Array("R1".utf8) && line.vehicle == Array("V1".utf8))
        #expect(line.positions_e7 == [1_215_000_000, 250_000_000, 1_215_000_000, 250_300_000])
        let text = String(decoding: catalogue.featureCollection(points_max: 200, bytes_max: 10_000), as: UTF8.self)
        #expect(
            text == """
                {"type":"FeatureCollection","features":[{"type":"Feature","id":"R1","properties":{"vehicle":"V1"},\
                "geometry":{"type":"LineString","coordinates":[[121.5,25],[121.5,25.03]]}}]}
                """)
        #expect(catalogue.featureCollection(points_max: 200, bytes_max: 60).count < 60)
    }

    @Test func `it goes when the route is deleted, cancelled or served, and the version tells`() throws {
        let before = desks(after: begun())
        for end in ["deleted", "cancelled", "served"] {
            var script = begun()
            switch end {
            case "deleted": script.send("dispatch/routes/R1", "", received: 4)
            case "cancelled": script.route("R1", "V1", ["O1"], Self.path + ",\"status\":\"cancelled\"", received: 4)
            default: script.driver("V1", "delivered", at: 5, "\"stop\":\"O1\"")
            }
            let after = desks(after: script)
            #expect(after.routeCatalogues.first?.lines(points_max: 9).isEmpty == true, "\(end)")
            #expect(after.pathsVersion != before.pathsVersion, "\(end)")
        }
    }

    @Test func `errors of forecasts are counted where a vehicle arrives`() throws {
        var world = World()
        for frame in OrdinaryDay().script.frames { world.take(frame) }
        world.flush()
        let known = world.counters.etaErrors.byHorizon
        #expect(known.count == ETAErrors.horizons.count)
        #expect(known.reduce(0) { $0 + $1.count } > 0)
        for horizon in known {
            #expect(horizon.afterP90 <= horizon.count && horizon.sum_ms >= 0)
            #expect(horizon.counts.count == ETAErrors.bounds_s.count + 1)
        }
    }
}

@Suite struct `Errors of forecasts` {
    /// A forecast of the arrival at 0 that was so many minutes ahead, and off by so many seconds.
    private func errors(_ forecasts: [(minutes: Int64, error_s: Int64)], p90_s: Int64 = 0) -> ETAErrors {
        var log = PredictionLog()
        for (minutes, error_s) in forecasts {
            log.record(
                StopForecast(
                    stop: 0, p50_ms: -error_s * 1000, p90_ms: p90_s * 1000, raw_ms: 0, uncertain_s: 0,
                    hasStopsBefore: false, isThroughClosure: false),
                made_ms: -minutes * 60_000)
        }
        var errors = ETAErrors()
        errors.count(log, arrived_ms: 0)
        return errors
    }

    @Test func `each is counted under its horizon and its size, early or late`() {
        let errors = errors([(90, -4000), (60, 30), (20, 31), (10, -30), (4, 60)]).byHorizon
        #expect(errors.map(\.count) == [1, 1, 1, 0, 2])
        #expect(errors[0].counts[1] == 1 && errors[1].counts[0] == 1 && errors[2].counts[1] == 1)
        #expect(errors[4].counts[0] == 1 && errors[4].counts[ETAErrors.bounds_s.count] == 1)
        #expect(errors[4].sum_ms == 4_030_000)
    }

    @Test func `arrivals after P90 are counted, and a forecast of the same moment is none`() {
        #expect(errors([(4, 0)], p90_s: -1).byHorizon[0].afterP90 == 1)
        #expect(errors([(4, 0)], p90_s: 0).byHorizon[0].afterP90 == 0)
        #expect(errors([(0, 0)]) == ETAErrors())
    }

    @Test func `sums do not depend on how they are added up`() {
        let parts = [errors([(4, 10)]), ETAErrors(), errors([(40, 100), (4, 1)]), errors([(70, -7200)])]
        var forwards = ETAErrors()
        var backwards = ETAErrors()
        for part in parts { forwards += part }
        for part in parts.reversed() { backwards += part }
        #expect(forwards == backwards && forwards.byHorizon.reduce(0) { $0 + $1.count } == 4)
        forwards.reset()
        #expect(forwards == ETAErrors())
    }
}
