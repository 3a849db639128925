import FleetCore
import Testing

@testable import FleetService

@Suite struct `The road router of the configuration` {
    private let folder: ConfigurationFolder

    init() throws { folder = try ConfigurationFolder() }

    @Test func `is none where none is named`() throws {
        #expect(RoadOptions(Configuration.default.router) == nil)
        #expect(RoadOptions(try folder.load("{router: {kind: 'valhalla', profile: 'x'}}").configuration.router) == nil)
    }

    @Test func `is taken over in the units that are reckoned with`() throws {
        let text = """
            {router: {url: "https://roads.example/osrm//", timeout_ms: 500, requests_per_day: 7, concurrency: 2, queue_max: 3,
            wait_s: 4, response_kib: 16, cache_entries: 0, cache_mib: 2, cache_ttl_s: 5, breaker_failures: 6, breaker_open_s: 8}}
            """
        var expected = RoadOptions()
        expected.url = "https://roads.example/osrm"
        expected.timeout_ms = 500
        expected.requestsPerDay = 7
        expected.concurrency = 2
        expected.queue_max = 3
        expected.wait_ms = 4000
        expected.response_bytes_max = 16_384
        expected.cacheEntries = 0
        expected.cache_bytes_max = 2 << 20
        expected.cacheAge_ms = 5000
        expected.breakerFailures = 6
        expected.breakerOpen_ms = 8000
        #expect(RoadOptions(try folder.load(text).configuration.router) == expected)
    }

    @Test func `what is not said is the built-in value, and each kind has its own profile`() throws {
        var expected = RoadOptions()
        expected.url = "http://r"
        #expect(RoadOptions(try folder.load("{router: {url: 'http://r'}}").configuration.router) == expected)
        expected.kind = .valhalla
        expected.profile = "auto"
        let valhalla = "{router: {url: 'http://r', kind: 'valhalla'}}"
        #expect(RoadOptions(try folder.load(valhalla).configuration.router) == expected)
    }

    @Test(arguments: [
        ("url: 'roads.example'", "router.url: \"roads.example\" has no scheme"),
        ("url: 'ftp://roads.example'", "router.url: \"ftp://roads.example\" is neither http nor https"),
        ("url: 'http://'", "is no URL"), ("url: 'http://a b'", "is no URL"), ("url: 'http://r/\\u8def'", "is no URL"),
        ("url: 'http://u:p@r'", "holds a user or password"), ("url: 'http://r/?key=1'", "has a query"),
        ("url: 'http://r/#x'", "has a query or fragment"), ("url: 'http://r:0'", "port 0 is out of range"),
        ("url: 'http://r:70000'", "70000"), ("url: 5", "router.url: is 5"),
        ("kind: 'google'", "router.kind"), ("profile: 'a/b'", "router.profile: \"a/b\" is no profile"),
        ("timeout_ms: 49", "router.timeout_ms: 49 is out of range"), ("requests_per_day: 0", "out of range"),
        ("concurrency: 1.5", "router.concurrency"), ("cache_ttl_s: 0", "router.cache_ttl_s"),
        ("requests: 5", "there is no such key"),
    ])
    func `what is wrong is told with its place`(member: String, words: String) throws {
        let errors = try folder.errors("{\n  router: {\(member)},\n}")
        #expect(errors.count == 1 && errors[0].hasPrefix("F:2:"), "\(errors)")
        #expect(errors.first?.contains(words) == true, "\(errors)")
    }

    @Test func `a costing that Valhalla does not know is told`() throws {
        let errors = try folder.errors("{router: {url: 'http://r', kind: 'valhalla', profile: 'truk'}}")
        #expect(
            errors == [
                "F:1:55: router.profile: \"truk\" is none of Valhalla's costings; did you mean \"truck\"?"
            ])
        #expect(try folder.errors("{router: {url: 'http://r', kind: 'valhalla', profile: 'driving'}}").count == 1)
        #expect(try folder.errors("{router: {url: 'http://r', kind: 'osrm', profile: 'mine_2'}}").isEmpty)
    }
}
