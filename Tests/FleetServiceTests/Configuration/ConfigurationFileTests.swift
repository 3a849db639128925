import Foundation
import Testing

@testable import FleetService

@Suite struct `Configuration file` {
    let folder: ConfigurationFolder

    init() throws {
        folder = try ConfigurationFolder()
    }

    @Test func `values of all types are taken over`() throws {
        let configuration = try folder.load(
            """
            // comment
            {
                'topic_root': "taiwan/gas", /* another */
                mqtt: {host: 'broker.example', port: 0x22B3, protocol: "3.1.1", reconnect_max_s: .5, tls: {enabled: false}},
                rules: {registered_only: true, max_speed_kmh: 1e2, time_zone: "UTC",},
                log: {level: "warning", format: "json"},
                fleets: [{id: "taipei", geofences: "fences"}, {id: "+"}],
            }
            """
        ).configuration
        #expect(configuration.topicRoot == "taiwan/gas")
        #expect(configuration.mqtt.host == "broker.example")
        #expect(configuration.mqtt.port == 8883)
        #expect(configuration.mqtt.version == .v3_1_1)
        #expect(configuration.mqtt.reconnectMax_s == 0.5)
        #expect(configuration.rules.registeredOnly)
        #expect(configuration.rules.maxSpeed_kmh == 100)
        #expect(configuration.rules.timeZone == "UTC")
        #expect(configuration.log.level == .warning)
        #expect(configuration.log.format == .json)
        #expect(
            configuration.fleets == [
                .init(id: "taipei", geofences: folder.path + "/Config/fences"), .init(id: "+", geofences: ""),
            ])
        #expect(configuration.fleet(named: "taipei")?.id == "taipei")
        #expect(configuration.fleet(named: "kaohsiung")?.id == "+")
        #expect(configuration.engine == Configuration.default.engine)
    }

    @Test func `an empty object is the defaults`() throws {
        var expected = Configuration.default
        expected.store.path = folder.path + "/fleetstream.sqlite"
        // There is none beside the file.
        expected.rulesFile = ""
        expected.smsFolder = ""
        expected.smsBridge.store = folder.path + "/sms-bridge.sqlite"
        expected.fleets = [.init(id: "+", geofences: folder.path + "/Geofences")]
        #expect(try folder.load("{}").configuration == expected)
    }

    @Test func `without a file the defaults mean what they mean in the shipped file`() throws {
        let (configuration, origins) = try folder.loadConventional()
        #expect(configuration == (try folder.load("{}").configuration))
        #expect(origins.file == nil)
        #expect(origins["mqtt.port"] == .builtIn)
    }

    @Test func `every key misspelt by one letter is refused, and the right one named`() throws {
        for setting in Setting.all where !setting.key.hasPrefix("fleets") {
            let parts = setting.key.split(separator: ".").map(String.init)
            let misspelt = parts.dropLast() + [parts[parts.count - 1] + "x"]
            let text = misspelt.map { "{\($0): " }.joined() + "1" + String(repeating: "}", count: parts.count)
            let column = misspelt.dropLast().reduce(2) { $0 + $1.count + 3 }
            #expect(
                try folder.errors(text) == [
                    "F:1:\(column): \(misspelt.joined(separator: ".")): there is no such key; did you mean \(setting.key)?"
                ])
        }
    }

    @Test func `a misspelt group names the nearest`() throws {
        #expect(
            try folder.errors("{\n  mqqt: {port: 1}\n}") == ["F:2:3: mqqt: there is no such key; did you mean mqtt?"])
    }

    @Test func `a key of another group is found`() throws {
        #expect(
            try folder.errors("{port: 1, mqtt: {batch_kib: 64}}") == [
                "F:1:2: port: there is no such key; did you mean mqtt.port?",
                "F:1:18: mqtt.batch_kib: there is no such key; did you mean engine.batch_kib?",
            ])
    }

    @Test func `a key that resembles nothing gets the list`() throws {
        #expect(
            try folder.errors("{publisher: {colour: 1}}") == [
                "F:1:14: publisher.colour: there is no such key; the keys here are window"
            ])
    }

    @Test func `a dotted key is explained`() throws {
        #expect(
            try folder.errors("{\"mqtt.tls.enabled\": true}") == [
                "F:1:2: mqtt.tls.enabled: there is no such key; "
                    + "a dot is no part of a key: write mqtt: { tls: { enabled: …}}"
            ])
    }

    @Test func `all errors come at once, in the order of the file`() throws {
        let text = """
            {
                topic_root: "a/#",
                mqtt: {
                    // é and 台 count as one column each
                    /* 台北 */ port: 70000,
                    hots: 'x',
                    protocol: 5,
                    tls: true,
                    keep_alive_s: 60.5,
                },
                'store': "here",
                rules: {max_speed_kmh: "fast", time_zone: "Asia/Tapei", registered_only: null},
                log: {level: "warn"},
                engine: {shards: -1, batch_messages: 1e400},
            }
            """
        #expect(
            try folder.errors(text) == [
                "F:2:17: topic_root: \"a/#\" has a wildcard; give plain topic levels",
                "F:5:24: mqtt.port: 70000 is out of range; give a whole number from 1 to 65535 (the broker's TCP port)",
                "F:6:9: mqtt.hots: there is no such key; did you mean mqtt.host?",
                "F:7:19: mqtt.protocol: is 5; give one of \"5\", \"3.1.1\" (the version of MQTT)",
                "F:8:14: mqtt.tls: is true; put braces around its settings "
                    + "(enabled, ca_file, certificate_file, key_file)",
                "F:9:23: mqtt.keep_alive_s: 60.5 is not a whole number; "
                    + "give a whole number from 5 to 65535 (seconds between signs of life)",
                "F:11:14: store: is \"here\"; put braces around its settings (path, journal_age_days, journal_size_mib, "
                    + "dead_letter_age_days, dead_letters_max, snapshot_interval_s, snapshot_every_messages)",
                "F:12:28: rules.max_speed_kmh: is \"fast\"; "
                    + "give a number from 1 to 2000 (km/h that a vehicle can reach)",
                "F:12:47: rules.time_zone: \"Asia/Tapei\" is no time zone; did you mean \"Asia/Taipei\"?",
                "F:12:78: rules.registered_only: is null; give true or false (whether unknown vehicles are refused)",
                "F:13:18: log.level: \"warn\" is unknown; give one of \"debug\", \"info\", \"warning\", \"error\" "
                    + "(the least important messages that are written)",
                "F:14:22: engine.shards: -1 is out of range; "
                    + "give a whole number from 0 to 1024 (parallel parts; 0: as many as cores)",
                "F:14:42: engine.batch_messages: is a number out of all range or a text with an unknown escape; "
                    + "give a whole number from 1 to 1000000 (most messages in a batch)",
            ])
    }

    @Test func `numbers at the ends of their range are taken, those beyond are not`() throws {
        for setting in Setting.all {
            let ends: (Double, Double)
            switch setting.kind {
            case .integer(_, let range): ends = (Double(range.lowerBound), Double(range.upperBound))
            case .number(_, let range): ends = (range.lowerBound, range.upperBound)
            default: continue
            }
            // The partner of a pair that is compared must not be in the way.
            let partner =
                switch setting.key {
                case "mqtt.reconnect_initial_s": ["mqtt.reconnect_max_s": 3600.0]
                case "sms_bridge.retry_initial_s": ["sms_bridge.retry_max_s": 3600.0]
                default: ["mqtt.reconnect_initial_s": 0.01, "sms_bridge.retry_initial_s": 0.01]
                }
            func errors(_ value: Double) throws -> [String] {
                let overrides = (partner.merging([setting.key: value]) { $1 }).map {
                    ConfigurationOverride(key: $0.key, value: JSON5Value.shown($0.value))
                }
                return try folder.errors("{}", overrides: overrides)
            }
            #expect(try errors(ends.0) == [], "\(setting.key)")
            #expect(try errors(ends.1) == [], "\(setting.key)")
            #expect(try errors(ends.0 - 1).count == 1, "\(setting.key)")
            #expect(try errors(ends.1 + 1).count == 1, "\(setting.key)")
        }
    }

    @Test func `not numbers are out of range`() throws {
        #expect(
            try folder.errors("{rules: {max_speed_kmh: NaN, assumed_accuracy_m: -Infinity}}") == [
                "F:1:25: rules.max_speed_kmh: nan is out of range; "
                    + "give a number from 1 to 2000 (km/h that a vehicle can reach)",
                "F:1:50: rules.assumed_accuracy_m: -inf is out of range; "
                    + "give a number from 0 to 10000 (metres of error of a fix without an accuracy)",
            ])
    }

    @Test func `a key given twice is refused`() throws {
        #expect(
            try folder.errors("{mqtt: {port: 1,\n 'port': 2}, mqtt: {}}") == [
                "F:2:2: mqtt.port: the key was given on line 1 already; remove one of the two",
                "F:2:14: mqtt: the key was given on line 1 already; remove one of the two",
            ])
    }

    @Test func `fleets are checked one by one`() throws {
        let text = """
            {fleets: [
              {id: "a/b", geofences: "x"},
              {id: "taipei", geofence: "x"},
              {id: "taipei", geofences: ["x"]},
              {geofences: ""},
              "all",
              {id: "+"}, {id: "+"},
            ]}
            """
        #expect(
            try folder.errors(text) == [
                "F:2:8: fleets[0].id: \"a/b\" cannot be a level of a topic; give a name without / + #, or \"+\" for any",
                "F:3:18: fleets[1].geofence: there is no such key; did you mean fleets[1].geofences?",
                "F:4:29: fleets[2].geofences: is an array; "
                    + "give a path in quotes (a folder of GeoJSON files, or one; empty for none)",
                "F:5:3: fleets[3].id: is missing; give a fleet's name, or \"+\" for any",
                "F:6:3: fleets[4]: is \"all\"; give {id: …, geofences: …}",
                "F:7:19: fleets[6].id: \"+\" is the id of fleets[5] too; remove one of the two",
            ])
        #expect(
            try folder.errors("{fleets: []}") == [
                "F:1:10: fleets: is empty; give a list such as [{id: \"+\", geofences: \"../Geofences\"}]"
            ])
    }

    @Test(arguments: [
        ("", "F:1:1: the file is empty; write at least {} into it"),
        ("[]", "F:1:1: the document is an array; put braces around the settings"),
        (
            "{mqtt: {port: 1883}",
            "F:1:20: the end of the text where ',' or '}' should be; is a comma missing before it?"
        ),
        ("{\n a: 1\n b: 2}", "F:3:2: 'b' where ',' or '}' should be; is a comma missing before it?"),
        ("{a = 1}", "F:1:4: '=' where ':' should follow the key a; write a: value"),
        ("{log: \"x\n\"}", "F:1:7: the text that starts here does not end on its line; close it with \""),
        ("{a: 'x", "F:1:5: the text that starts here does not end; close it with '"),
        ("{} /* x", "F:1:4: the comment that starts here does not end; close it with */"),
        ("{} {}", "F:1:4: '{' after the end of the document; remove what follows the last brace"),
        ("{a: 1 / 2}", "F:1:7: '/' outside a text; a comment is // to the end of the line, or /* … */"),
        ("{a: yes}", "F:1:5: yes is not a value; texts need quotes, numbers no leading zero"),
        ("{台: @}", "F:1:5: '@' where a value should be; texts need quotes"),
        ("{a:\u{A0}1}", "F:1:4: the character U+00A0 where a value should be; use plain spaces"),
        ("{log: '\\u12'}", "F:1:8: the escape here is not complete; \\u needs four hexadecimal digits"),
    ])
    func `what is not JSON5 is shown with its place`(text: String, expected: String) throws {
        #expect(try folder.errors(text).first == expected)
    }

    @Test func `deep nesting ends in an error`() throws {
        let text = String(repeating: "{a:", count: 100_000)
        #expect(try folder.errors(text).count == 1)
    }

    @Test func `bytes that are not UTF-8 are located`() throws {
        let bytes = Array("{\n台: '".utf8) + [0xFF] + Array("'}".utf8)
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path + "/Config/fleetstream.json5"))
        #expect(throws: ConfigurationErrors.self) { try folder.loadConventional() }
        do {
            _ = try folder.loadConventional()
        } catch let errors as ConfigurationErrors {
            #expect(
                errors.description
                    == "Config/fleetstream.json5:2:5: the byte here is not UTF-8; save the file as UTF-8")
        }
    }

    @Test func `a missing file says who asked for it`() throws {
        func message(_ load: () throws -> Void) -> String {
            do { try load() } catch { return "\(error)" }
            return "loaded"
        }
        #expect(
            message { _ = try folder.loadConventional(path: "no.json5") }
                == "no.json5: cannot be opened: no such file or directory (--config names it); "
                + "give a configuration file that can be read")
        #expect(
            message { _ = try folder.loadConventional(environment: ["FLEETSTREAM_CONFIG": "Config"]) }
                == "Config: cannot be read: is a directory (FLEETSTREAM_CONFIG names it); "
                + "give a configuration file that can be read")
    }

    @Test func `a file of endless length is refused`() throws {
        #expect(throws: ConfigurationErrors.self) { try folder.loadConventional(path: "/dev/zero") }
    }

    @Test func `relative paths start at the file's folder, also through a symbolic link`() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/real/conf", withIntermediateDirectories: true)
        try folder.write(
            "{store: {path: '../s.sqlite'}, fleets: [{id: '+', geofences: './f'}]}", to: "real/conf/c.json5")
        let direct = try folder.loadConventional(path: "real/conf/c.json5").configuration
        #expect(direct.store.path == folder.path + "/real/s.sqlite")
        #expect(direct.fleets[0].geofences == folder.path + "/real/conf/f")
        // linked/.. is real, not the folder of the link.
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/linked", withDestinationPath: folder.path + "/real/conf")
        let linked = try folder.loadConventional(path: folder.path + "/linked/c.json5").configuration
        #expect(linked.store.path == folder.path + "/linked/../s.sqlite")
    }

    @Test func `certificates are looked for when encryption is on`() throws {
        let text = "{mqtt: {tls: {enabled: ENABLED, ca_file: 'ca.pem', key_file: 'c.key'}}}"
        #expect(try folder.errors(text.replacing("ENABLED", with: "false")) == [])
        let missing = "cannot be read: no such file or directory; name a file that this user may read"
        #expect(
            try folder.errors(text.replacing("ENABLED", with: "true")) == [
                "F:1:39: mqtt.tls.ca_file: \(folder.path)/Config/ca.pem \(missing)",
                "F:1:59: mqtt.tls.key_file: \(folder.path)/Config/c.key \(missing)",
                "F:1:59: mqtt.tls.certificate_file: is empty although mqtt.tls.key_file is given; "
                    + "a client's certificate needs its key: give both or neither",
            ])
    }

    @Test func `a socket path that Linux cannot bind is refused`() throws {
        let long = String(repeating: "x", count: 100)
        #expect(try folder.errors("{status: {socket: '/tmp/\(long)'}}") == [])
        #expect(try folder.errors("{status: {socket: '/tmp/\(long)abc'}}").count == 1)
        let errors = try folder.errors("{store: {path: '/tmp/\(long)/s'}}")
        #expect(errors.count == 1)
        #expect(errors[0].hasSuffix("set status.socket to a shorter path"))
    }

    @Test(arguments: [
        ("mqtt.host", "'tcp://x'", "is a URL"), ("mqtt.host", "'x:1883'", "has a port in it"),
        ("mqtt.host", "''", "is empty"), ("mqtt.host", "'a b'", "is not a host"),
        ("mqtt.client_id", "''", "is empty"), ("mqtt.client_id", "'a\\u0007'", "has a control character"),
        ("topic_root", "'/a'", "has an empty level"), ("topic_root", "'$SYS'", "begins with $"),
        ("rules.time_zone", "'CST'", "is no time zone"), ("store.path", "''", "is empty"),
        ("fleets", "[{id: ''}]", "is empty"),
    ])
    func `texts are checked`(key: String, value: String, problem: String) throws {
        let parts = key.split(separator: ".")
        let text = parts.map { "{\($0): " }.joined() + value + String(repeating: "}", count: parts.count)
        let errors = try folder.errors(text)
        #expect(errors.count == 1)
        #expect(errors.first?.contains(problem) == true, "\(errors)")
    }

    @Test(arguments: ["::1", "fe80::1%eth0", "broker", "10.0.0.1", "broker.example."])
    func `hosts of all kinds are taken`(host: String) throws {
        #expect(try folder.load("{mqtt: {host: '\(host)'}}").configuration.mqtt.host == host)
    }
}
