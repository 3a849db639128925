import Foundation
import Testing

@testable import FleetService

@Suite struct `Configuration from environment and flags` {
    let folder: ConfigurationFolder

    init() throws {
        folder = try ConfigurationFolder()
    }

    @Test func `flags go before the environment, the environment before the file`() throws {
        let file = "{mqtt: {port: 1, host: 'file', keep_alive_s: 10}}"
        let environment = ["FLEETSTREAM_MQTT_PORT": "2", "FLEETSTREAM_MQTT_HOST": "environment", "OTHER": "x"]
        let overrides = [
            ConfigurationOverride(key: "mqtt.port", value: "3"), ConfigurationOverride(key: "mqtt.port", value: "4"),
        ]
        let (configuration, origins) = try folder.load(file, environment: environment, overrides: overrides)
        #expect(configuration.mqtt.port == 4)
        #expect(configuration.mqtt.host == "environment")
        #expect(configuration.mqtt.keepAlive_s == 10)
        #expect(origins["mqtt.port"] == .flag("--set"))
        #expect(origins["mqtt.host"] == .environment(variable: "FLEETSTREAM_MQTT_HOST"))
        #expect(origins["mqtt.keep_alive_s"] == .file(path: "Config/fleetstream.json5", line: 1, column: 46))
        #expect(origins["mqtt.client_id"] == .builtIn)
    }

    @Test func `every setting has a variable of its own, and takes its default from it`() throws {
        #expect(Set(Setting.all.map(\.variable)).count == Setting.all.count)
        var environment: [String: String] = [:]
        for setting in Setting.all {
            switch setting.value(in: .default) {
            case .bool(let flag): environment[setting.variable] = "\(flag)"
            case .number(let number): environment[setting.variable] = "\(number)"
            case .string(let text): environment[setting.variable] = text
            default:
                let fleets = "[{id: '+', geofences: '../Geofences'}]"
                environment[setting.variable] = setting.key == "fleets" ? fleets : "[]"
            }
        }
        let (configuration, origins) = try folder.load("{}", environment: environment)
        var expected = Configuration.default
        // Paths of the environment start at the working directory.
        let parent = URL(fileURLWithPath: folder.path).deletingLastPathComponent().path
        expected.store.path = parent + "/fleetstream.sqlite"
        expected.fleets[0].geofences = parent + "/Geofences"
        expected.rulesFile = folder.path + "/rules.json5"
        expected.smsFolder = folder.path + "/sms"
        expected.smsBridge.store = parent + "/sms-bridge.sqlite"
        #expect(configuration == expected)
        for setting in Setting.all { #expect(origins[setting.key] == .environment(variable: setting.variable)) }
    }

    @Test func `errors name the variable or the flag`() throws {
        let environment = [
            "FLEETSTREAM_MQTT_PORT": "many", "FLEETSTREAM_RULES_REGISTERED_ONLY": "yes",
            "FLEETSTREAM_FLEETS": "[{id: '#', geofence: ''}]", "FLEETSTREAM_ENGINE_SHARDS": "",
        ]
        let overrides = [
            ConfigurationOverride(key: "mqtt.prot", value: "1"), ConfigurationOverride(key: "mqtt", value: "1"),
            ConfigurationOverride(key: "fleets", value: "taipei"),
            ConfigurationOverride(key: "log.level", value: "inof", flag: "--log-level"),
        ]
        #expect(
            try folder.errors("{mqtt: {port: 0}}", environment: environment, overrides: overrides) == [
                "F:1:15: mqtt.port: 0 is out of range; give a whole number from 1 to 65535 (the broker's TCP port)",
                "FLEETSTREAM_ENGINE_SHARDS: engine.shards: is \"\"; "
                    + "give a whole number from 0 to 1024 (parallel parts; 0: as many as cores)",
                "FLEETSTREAM_FLEETS: fleets[0].geofence: there is no such key; did you mean fleets[0].geofences?",
                "FLEETSTREAM_FLEETS: fleets[0].id: \"#\" cannot be a level of a topic; "
                    + "give a name without / + #, or \"+\" for any",
                "FLEETSTREAM_MQTT_PORT: mqtt.port: is \"many\"; "
                    + "give a whole number from 1 to 65535 (the broker's TCP port)",
                "FLEETSTREAM_RULES_REGISTERED_ONLY: rules.registered_only: is \"yes\"; "
                    + "give true or false (whether unknown vehicles are refused)",
                "--set: mqtt.prot: there is no such key; did you mean mqtt.port?",
                "--set: mqtt: is a group of settings; set one of them, such as mqtt.host",
                "--set: fleets: \"taipei\" is not JSON5; "
                    + "give a list such as [{id: \"+\", geofences: \"Geofences\"}]",
                "--log-level: log.level: \"inof\" is unknown; did you mean \"info\"?",
            ])
    }

    @Test func `a misspelt variable is refused, a platform's is left alone`() throws {
        #expect(
            try folder.errors("{}", environment: ["FLEETSTREAM_MQTT_HOTS": "x"]) == [
                "FLEETSTREAM_MQTT_HOTS: there is no such variable; did you mean FLEETSTREAM_MQTT_HOST?"
            ])
        // What Kubernetes sets for a service called fleetstream.
        let platform = ["FLEETSTREAM_SERVICE_HOST": "10.0.0.1", "FLEETSTREAM_PORT_8080_TCP_ADDR": "10.0.0.1"]
        #expect(try folder.errors("{}", environment: platform) == [])
    }

    @Test func `relative paths of flags start at the working directory`() throws {
        let overrides = [ConfigurationOverride(key: "store.path", value: "x.sqlite", flag: "--store")]
        let configuration = try folder.load("{}", overrides: overrides).configuration
        #expect(configuration.store.path == folder.path + "/x.sqlite")
        #expect(configuration.statusSocket == folder.path + "/x.sqlite.socket")
    }

    @Test func `load takes pairs`() throws {
        try folder.write("{}", to: "empty.json5")
        let configuration = try Configuration.load(
            path: folder.path + "/empty.json5", environment: [:], overrides: [("mqtt.port", "7")])
        #expect(configuration.mqtt.port == 7)
    }

    @Test func `a path with a zero byte is refused`() throws {
        let overrides = [ConfigurationOverride(key: "store.path", value: "a\0b")]
        #expect(
            try folder.errors("{}", overrides: overrides) == [
                "--set: store.path: \"a\u{FFFD}b\" has a zero byte; remove it"
            ])
    }
}

@Suite struct `Configuration's password` {
    let folder: ConfigurationFolder
    private let secret = "correct horse"

    init() throws {
        folder = try ConfigurationFolder()
    }

    @Test(arguments: ["correct horse", "correct horse\n", "correct horse\r\n"])
    func `comes from its file, with or without a newline`(content: String) throws {
        try folder.write(content, to: "Config/pw")
        let mqtt = try folder.load("{mqtt: {username: 'u', password_file: 'pw'}}").configuration.mqtt
        #expect(mqtt.password?.reveal() == secret)
    }

    @Test func `comes from the environment first`() throws {
        let environment = ["FLEETSTREAM_MQTT_PASSWORD": secret]
        let (configuration, origins) = try folder.load(
            "{mqtt: {username: 'u', password_file: 'missing'}}", environment: environment)
        #expect(configuration.mqtt.password == Secret(secret))
        #expect(origins["mqtt.password"] == .environment(variable: "FLEETSTREAM_MQTT_PASSWORD"))
    }

    @Test func `is refused in the file and on the command line, and not repeated`() throws {
        let overrides = [ConfigurationOverride(key: "mqtt.password", value: secret)]
        let errors = try folder.errors("{mqtt: {username: 'u',\n password: '\(secret)'}}", overrides: overrides)
        let explanation =
            "mqtt.password: a password does not belong here, where others can read it; put it into a file that "
            + "mqtt.password_file names, or into the environment as FLEETSTREAM_MQTT_PASSWORD"
        #expect(errors == ["F:2:2: \(explanation)", "--set: \(explanation)"])
    }

    @Test func `a file that cannot be read is an error with its place`() throws {
        #expect(
            try folder.errors("{mqtt: {username: 'u', password_file: 'pw'}}") == [
                "F:1:39: mqtt.password_file: \(folder.path)/Config/pw cannot be opened: no such file or directory; "
                    + "name a file that this user may read"
            ])
    }

    @Test(arguments: [
        ("", "is empty"), ("\n", "is empty"), ("a\nb\n", "is more than one line"), ("a\0b", "is more than one line"),
    ])
    func `a file that holds no password is an error`(content: String, problem: String) throws {
        try folder.write(content, to: "Config/pw")
        let errors = try folder.errors("{mqtt: {username: 'u', password_file: 'pw'}}")
        #expect(errors.count == 1)
        #expect(errors.first?.contains("F:1:39: mqtt.password_file: the password \(problem)") == true, "\(errors)")
    }

    @Test func `needs a user`() throws {
        #expect(
            try folder.errors("{}", environment: ["FLEETSTREAM_MQTT_PASSWORD": secret]) == [
                "FLEETSTREAM_MQTT_PASSWORD: mqtt.username: is empty although there is a password; give the user's name"
            ])
    }

    @Test func `is never shown`() throws {
        let environment = ["FLEETSTREAM_MQTT_PASSWORD": secret]
        let configuration = try folder.load("{mqtt: {username: 'u'}}", environment: environment).configuration
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [dumped, "\(configuration)", String(reflecting: configuration), "\(Secret(secret))"] {
            #expect(!text.contains(secret))
        }
    }
}
