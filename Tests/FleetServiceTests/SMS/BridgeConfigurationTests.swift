import Testing

@testable import FleetService

@Suite struct `The bridge's configuration` {
    private let folder: ConfigurationFolder

    init() throws { folder = try ConfigurationFolder() }

    @Test(arguments: [
        ("url: \"\"", "is empty"), ("url: \"api.twilio.com\"", "is no address of the web"),
        ("url: \"https://u:p@h\"", "has a user or a password"), ("url: \"https://h/path\"", "has more than a host"),
        ("account_sid: \"a b\"", "is no such name"), ("status_callback: \"x\"", "is no address of the web"),
        ("attempts: 4", "out of range"), ("auth_token: \"t\"", "a token does not belong here"),
        ("from: \"+1\", messaging_service_sid: \"MG\"", "is given beside"),
        ("retry_initial_s: 9, retry_max_s: 8", "is more than sms_bridge.retry_max_s"),
        ("client_id: \"fleetstream\"", "two sessions of one name"),
        ("store: \"../fleetstream.sqlite\"", "keeps a file of its own"),
        ("rate_per_minute: 5", "did you mean sms_bridge.rate_per_min?"),
    ])
    func `mistakes are told`(settings: String, expected: String) throws {
        let errors = try folder.errors("{sms_bridge: {\(settings)}}")
        #expect(errors.count == 1 && errors[0].contains(expected), "\(errors)")
    }

    @Test func `the token comes from the environment or a file, and is one word`() throws {
        try folder.write("tok\n", to: "Config/token")
        let text = "{sms_bridge: {account_sid: \"AC1\", from: \"+1\", auth_token_file: \"token\"}}"
        let (configuration, origins) = try folder.load(text)
        #expect(try configuration.bridgeToken([:], origins).reveal() == "tok")
        let variable = "FLEETSTREAM_SMS_BRIDGE_AUTH_TOKEN"
        #expect(try configuration.bridgeToken([variable: "other"], origins).reveal() == "other")
        #expect(try folder.errors(text, environment: [variable: "x"]) == [])
        for bad in ["", "a b", "a\nb", "中"] {
            #expect(throws: ConfigurationErrors.self) { try configuration.bridgeToken([variable: bad], origins) }
            try folder.write(bad, to: "Config/token")
            #expect(throws: ConfigurationErrors.self) { try configuration.bridgeToken([:], origins) }
        }
        let (bare, none) = try folder.load("{}")
        let errors = #expect(throws: ConfigurationErrors.self) { try bare.bridgeToken([:], none) }
        #expect(errors?.errors.count == 3)
    }

    @Test func `requests of every configured fleet are subscribed to`() throws {
        let (some, _) = try folder.load("{topic_root: \"x\", fleets: [{id: \"a\"}, {id: \"b\"}]}")
        #expect(some.bridgeSubscriptions.map(\.filter) == ["x/a/sms/requests/+", "x/b/sms/requests/+"])
        let (all, _) = try folder.load("{fleets: [{id: \"a\"}, {id: \"+\"}]}")
        #expect(all.bridgeSubscriptions.map(\.filter) == ["fleets/+/sms/requests/+"])
    }
}
