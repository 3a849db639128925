// swift-tools-version: 6.2
import PackageDescription

/// Upcoming language features that every target is written for, and warnings that stop the build.
let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
    .treatAllWarnings(as: .error),
]

/// The modules on the path of a message: their functions are called per message from other modules, so the optimiser
/// may see across the boundary (0.5 ns a call instead of 5).
let hot: [SwiftSetting] = common + [.unsafeFlags(["-cross-module-optimization"], .when(configuration: .release))]

let package = Package(
    name: "fleetstream",
    products: [
        .executable(name: "fleetstream", targets: ["fleetstream"]),
        .executable(name: "fleetsim", targets: ["fleetsim"]),
        .executable(name: "fleetbench", targets: ["fleetbench"]),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .target(name: "CMosquitto", linkerSettings: [.linkedLibrary("mosquitto")]),
        .target(name: "CPlatform"),
        .target(name: "Wire", swiftSettings: hot),
        .target(name: "Geo", dependencies: ["CPlatform", "Wire"], swiftSettings: hot),
        .target(name: "Telemetry", dependencies: ["Geo", "Wire"], swiftSettings: hot),
        .target(name: "Forecast", dependencies: ["Geo", "Wire"], swiftSettings: hot),
        .target(
            name: "FleetCore", dependencies: ["CPlatform", "Forecast", "Geo", "Telemetry", "Wire"], swiftSettings: hot),
        .target(name: "Locks", swiftSettings: common),
        .target(name: "Signing", dependencies: ["COpenSSL", "Wire"], swiftSettings: common),
        .target(name: "Store", dependencies: ["CSQLite", "Locks", "Wire"], swiftSettings: common),
        .target(
            name: "MQTTTransport", dependencies: ["CMosquitto", "CPlatform", "Locks", "Wire"], swiftSettings: common),
        .target(
            name: "Window", dependencies: ["CPlatform", "Geo", "Locks", "Signing", "Wire"],
            exclude: ["Page/parts", "Page/embed.py"], swiftSettings: common),
        .target(
            name: "FleetService",
            dependencies: [
                "CPlatform", "FleetCore", "Forecast", "Geo", "Locks", "MQTTTransport", "Signing", "Store", "Telemetry",
                "Window", "Wire",
            ],
            swiftSettings: common),
        .executableTarget(
            name: "fleetstream", dependencies: ["FleetService"], swiftSettings: common),
        .target(
            name: "FleetSimulation", dependencies: ["Geo", "Locks", "MQTTTransport", "Wire"],
            path: "Simulators/FleetSimulation", swiftSettings: common),
        .executableTarget(
            name: "fleetsim", dependencies: ["FleetSimulation"], path: "Simulators/fleetsim", swiftSettings: common),
        .target(name: "CAllocationCount", path: "Simulators/CAllocationCount"),
        .target(
            name: "CLoadClients", dependencies: ["CMosquitto"], path: "Simulators/CLoadClients",
            linkerSettings: [.linkedLibrary("mosquitto")]),
        .target(
            name: "FleetBenchCases",
            dependencies: [
                "CAllocationCount", "CLoadClients", "CPlatform", "FleetCore", "FleetService", "Forecast", "Geo",
                "Locks", "MQTTTransport", "Store", "Telemetry", "Wire",
            ],
            path: "Simulators/FleetBenchCases",
            swiftSettings: hot),
        .executableTarget(
            name: "fleetbench", dependencies: ["FleetBenchCases"], path: "Simulators/fleetbench", swiftSettings: common),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
        .target(
            name: "BrokerHarness", dependencies: ["MQTTTransport"], path: "Tests/BrokerHarness", swiftSettings: common),
        .testTarget(name: "WireTests", dependencies: ["Wire", "TestSupport"], swiftSettings: common),
        .testTarget(name: "GeoTests", dependencies: ["Geo", "Wire", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "TelemetryTests", dependencies: ["Telemetry", "Geo", "Wire", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "ForecastTests", dependencies: ["Forecast", "Geo", "Wire", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "FleetCoreTests",
            dependencies: ["FleetCore", "Forecast", "Telemetry", "Geo", "Wire", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "SchemaTests", dependencies: ["TestSupport"], exclude: ["check_schemas.py"], swiftSettings: common),
        .testTarget(
            name: "SigningTests", dependencies: ["Signing", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "StoreTests", dependencies: ["CSQLite", "Store", "Wire", "TestSupport"], swiftSettings: common),
        .testTarget(
            name: "MQTTTransportTests",
            dependencies: ["Locks", "MQTTTransport", "BrokerHarness", "Wire", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "WindowTests", dependencies: ["Window", "Geo", "Locks", "Signing", "Wire", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "FleetServiceTests",
            dependencies: [
                "FleetService", "FleetCore", "Forecast", "Locks", "MQTTTransport", "Signing", "Store", "Geo", "Window",
                "Wire", "TestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "FleetSimulationTests", dependencies: ["FleetSimulation", "BrokerHarness", "Wire", "TestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "FleetBenchTests",
            dependencies: [
                "CLoadClients", "FleetBenchCases", "FleetCore", "Geo", "TestSupport", "fleetbench", "fleetstream",
            ],
            swiftSettings: common),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "BrokerHarness", "FleetCore", "FleetService", "Locks", "MQTTTransport", "Wire", "fleetstream",
                "fleetsim",
                "TestSupport",
            ],
            exclude: ["Dispatch/Golden", "SMS/twilio_server.py", "Window/browser.py"],
            swiftSettings: common),
    ],
    swiftLanguageModes: [.v6]
)
