import FleetCore
import Telemetry
import Testing

@testable import FleetService

@Suite struct `Adapters of the configuration` {
    @Test func `are read with everything that they may have`() throws {
        let folder = try ConfigurationFolder()
        try folder.write(#"{"352093081234567": "truck-7", "352093087654321": "truck-8"}"#, to: "Config/devices.json")
        let (configuration, origins) = try folder.load(
            """
            {adapters: [
              {topic: "owntracks/+/+/#", format: "owntracks", fleet: "acme", topic_level: 3, devices: {"phone-7": "truck-7"}},
              {topic: "traccar", format: "traccar", fleet: "acme", from_payload: true, devices: "devices.json"},
              {topic: "v1/devices/me/telemetry", format: "thingsboard", fleet: "beta", vehicle: "truck-1", from_payload: false},
            ]}
            """)
        let adapters = configuration.adapters
        #expect(adapters.map(\.pattern.text) == ["owntracks/+/+/#", "traccar", "v1/devices/me/telemetry"])
        #expect(adapters.map(\.format) == [.owntracks, .traccar, .thingsboard])
        #expect(adapters.map(\.source) == [.level(3), .payload, .fixed("truck-1")])
        #expect(adapters.map(\.fleet) == ["acme", "acme", "beta"])
        #expect(adapters.map(\.devices.count) == [1, 2, 0])
        #expect(adapters[1].devices[Array("352093087654321".utf8)] == Array("truck-8".utf8))
        #expect("\(origins["adapters[1].topic"])" == "Config/fleetstream.json5:3:11")
        let filters = configuration.subscriptions.map(\.filter)
        #expect(filters.suffix(3) == ["owntracks/+/+/#", "traccar", "v1/devices/me/telemetry"])
        #expect(configuration.subscriptions.allSatisfy { $0.qos == 1 })
        #expect(Adapters(json: Adapters(adapters).json().span) == Adapters(adapters), "what is journaled is the same")
    }

    @Test func `come from a variable or a flag too`() throws {
        let folder = try ConfigurationFolder()
        let list = #"[{topic: "t/+", format: "native", fleet: "acme", topic_level: 2}]"#
        let override = ConfigurationOverride(key: "adapters", value: list)
        #expect(try folder.load("{}", overrides: [override]).configuration.adapters.count == 1)
        #expect(
            try folder.errors("{}", environment: ["FLEETSTREAM_ADAPTERS": "[{"]) == [
                "FLEETSTREAM_ADAPTERS: adapters: \"[{\" is not JSON5; give a list such as "
                    + ConfigurationReader.adapterExample
            ])
    }

    @Test(arguments: [
        (
            #"topic: "a/+", format: "owntraks", fleet: "x", topic_level: 2"#,
            #"F:1:36: adapters[0].format: "owntraks" is unknown; did you mean "owntracks"?"#
        ),
        (
            #"topic: "a/+", format: "owntracks", fleet: "x", topic_level: 3"#,
            "F:1:74: adapters[0].topic_level: 3 is more than the topic has, 2; the first level is 1"
        ),
        (
            #"topic: "a/+", format: "owntracks", fleet: "x", topic_level: 1"#,
            "F:1:74: adapters[0].topic_level: level 1 is the same in every topic that matches; "
                + #"give the level of a wildcard, or the one vehicle as vehicle: "…""#
        ),
        (
            #"topic: "a/+", format: "owntracks", fleet: "x", topic_level: 0"#,
            "F:1:74: adapters[0].topic_level: is 0; "
                + "give the number of the topic's level that is the vehicle's id; the first is 1"
        ),
        (
            #"topic: "a/+x", format: "owntracks", fleet: "x", topic_level: 2"#,
            #"F:1:21: adapters[0].topic: "a/+x" has a wildcard that is only a part of a level, "#
                + "so that it never matches; let + or # be a level alone"
        ),
        (
            #"topic: "a/#/b", format: "owntracks", fleet: "x", topic_level: 2"#,
            #"F:1:21: adapters[0].topic: "a/#/b" has levels behind #, so that it never matches; end it with the #"#
        ),
        (
            #"topic: "a/+", format: "owntracks", fleet: "x""#,
            "F:1:13: adapters[0].topic_level: is missing; "
                + #"say how the vehicle is found: topic_level: N, from_payload: true, or vehicle: "…""#
        ),
        (
            #"topic: "a/+", format: "owntracks", fleet: "x", vehicle: "v", topic_level: 2"#,
            "F:1:70: adapters[0].vehicle: is given beside topic_level; "
                + "keep one of them: they tell how the vehicle is found"
        ),
        (
            #"topic: "a/+", format: "status", fleet: "x", from_payload: true"#,
            "F:1:72: adapters[0].from_payload: a status names no vehicle; "
                + #"give topic_level: N or vehicle: "…""#
        ),
        (
            #"topic: "a/+", format: "native", topic_level: 2"#,
            "F:1:13: adapters[0].fleet: is missing; give the fleet that the vehicles belong to"
        ),
        (
            #"topic: "a/+", format: "native", fleet: "+", topic_level: 2"#,
            #"F:1:53: adapters[0].fleet: "+" cannot be a level of a topic; "#
                + "give the fleet's name: 1 to 128 bytes without / + #"
        ),
        (
            #"topic: "a/+", format: "native", fleet: "x", level: 2"#,
            "F:1:58: adapters[0].level: there is no such key; the keys here are "
                + "topic, format, fleet, topic_level, from_payload, vehicle, devices"
        ),
        (
            #"topic: "a/+", format: "native", fleet: "x", topic_level: 2, devices: {d: "a/b"}"#,
            #"F:1:83: adapters[0].devices: the vehicle of "d" "a/b" cannot be a level of a topic; "#
                + "give the vehicle's id: 1 to 128 bytes without / + #"
        ),
        (
            #"topic: "fleets/+/gps", format: "native", fleet: "x", topic_level: 2"#,
            #"F:1:21: adapters[0].topic: "fleets/+/gps" takes in topics below "fleets", which are our own; "#
                + "name the first level of the trackers' topics, or change topic_root"
        ),
        (
            ##"topic: "#", format: "native", fleet: "x", topic_level: 2"##,
            ##"F:1:21: adapters[0].topic: "#" takes in topics below "fleets", which are our own; "##
                + "name the first level of the trackers' topics, or change topic_root"
        ),
    ])
    func `are refused with place and advice`(_ members: String, _ expected: String) throws {
        let folder = try ConfigurationFolder()
        #expect(try folder.errors("{adapters: [{\(members)}]}") == [expected])
    }

    @Test func `may not take in the same topics, nor serve a fleet that is none`() throws {
        let folder = try ConfigurationFolder()
        let text = """
            {fleets: [{id: "acme", geofences: ""}], adapters: [
              {topic: "a/+/c", format: "native", fleet: "acme", topic_level: 2},
              {topic: "a/b/#", format: "owntracks", fleet: "acne", topic_level: 4},
              {topic: "+/data", format: "teltonika", fleet: "acme", topic_level: 1},
            ]}
            """
        #expect(
            try folder.errors(text)
                == [
                    #"F:3:11: adapters[1].topic: "a/b/#" and "a/+/c" of adapters[0] take in the same topics; "#
                        + "make one of them narrower, so that a message has one meaning",
                    #"F:3:48: adapters[1].fleet: "acne" is none of the fleets; did you mean "acme"?"#,
                    #"F:4:11: adapters[2].topic: "+/data" and "a/b/#" of adapters[1] take in the same topics; "#
                        + "make one of them narrower, so that a message has one meaning",
                ].filter { !$0.contains("+/data") })
    }

    @Test(arguments: [
        ("[]", "1:1", "is no object"), ("{\"a\": 5}", "1:7", "no vehicle's id"),
        ("{\"a\": \"b\",\n \"a\": \"c\"}", "2:2", "twice"),
        ("{\"a\": \"b/c\"}", "1:7", "no vehicle's id"), ("{\"a\": ", "1:7", "ends within a value"),
    ])
    func `a file of devices is checked with its own places`(_ content: String, _ place: String, _ problem: String)
        throws
    {
        let folder = try ConfigurationFolder()
        try folder.write(content, to: "Config/devices.json")
        let errors = try folder.errors(
            #"{adapters: [{topic: "a/+", format: "native", fleet: "x", topic_level: 2, devices: "devices.json"}]}"#)
        #expect(errors.count == 1)
        #expect(
            errors.first?.hasPrefix("\(folder.path)/Config/devices.json:\(place): adapters[0].devices:") == true,
            "\(errors)")
        #expect(errors.first?.contains(problem) == true, "\(errors)")
    }

    @Test func `a file of devices that is not there is told at the place that names it`() throws {
        let folder = try ConfigurationFolder()
        let errors = try folder.errors(
            #"{adapters: [{topic: "a/+", format: "native", fleet: "x", topic_level: 2, devices: "none.json"}]}"#)
        #expect(
            errors.count == 1 && errors[0].hasPrefix("F:1:83: adapters[0].devices: \(folder.path)/Config/none.json"))
    }
}
