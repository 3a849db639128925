import Telemetry

extension CommandSyntax {
    /// The commands in the order of the overview.
    static let all: [CommandSyntax] = [run, demo, check, replay, decode, rules, learned, status, top, smsBridge, link]

    private static let common: [FlagSyntax] = [
        FlagSyntax(
            "--config", "FILE",
            """
            The configuration. Without it the file that FLEETSTREAM_CONFIG names, else Config/fleetstream.json5 if it \
            exists, else the built-in defaults.
            """),
        FlagSyntax(
            "--set", "KEY=VALUE", isRepeatable: true,
            "Overrides one setting, such as mqtt.port=1884. May be given several times."),
        FlagSyntax("--log-level", "LEVEL", "debug, info, warning or error."),
    ]

    private static let run = CommandSyntax(
        name: "run", summary: "Processes the telemetry of the broker until it is stopped.", positional: nil,
        description: """
            Connects to the broker, keeps the state of every vehicle, and publishes events. A message is acknowledged after \
            it and all that follows from it is on disk. SIGTERM and Ctrl-C finish what is in hand and end within five \
            seconds; SIGHUP reads the geofence files and the file of rules again.
            """,
        flags: [
            FlagSyntax("--store", "FILE", "The SQLite file; it is made where there is none."),
            FlagSyntax("--socket", "PATH", "The Unix socket on which `fleetstream status` asks."),
            FlagSyntax("--shards", "N", "Parallel parts; 0 for as many as cores. The events do not depend on it."),
            FlagSyntax(
                "--null-consumer",
                "Receives and acknowledges messages, and does nothing else: for benchmarks. Loses them!"),
        ] + common,
        examples: [
            ("fleetstream run", "with Config/fleetstream.json5"),
            ("fleetstream run --config /etc/fleetstream.json5 --log-level warning", "as a service"),
            (
                "FLEETSTREAM_MQTT_PASSWORD=… fleetstream run --set mqtt.host=broker --set mqtt.username=fleet",
                "in a container"
            ),
        ],
        exitCodes: [
            (.failure, "the process could not go on"), (.inputOutput, "the store cannot be opened, or is not one"),
        ])

    private static let demo = CommandSyntax(
        name: "demo", summary: "Shows simulated deliveries in Taipei, with a broker of its own.", positional: nil,
        description: """
            Starts mosquitto on a free loopback port, the processor with a new store, and the simulator, all in a temporary \
            folder, and shows what happens until Ctrl-C: ten vehicles that serve 60 orders an hour. Without a terminal, or with --seconds, it prints a summary at the \
            end instead.
            """,
        flags: [
            FlagSyntax("--seconds", "N", "Ends after so many seconds."),
            FlagSyntax("--vehicles", "N", "Vehicles, instead of the scenario's."),
            FlagSyntax("--speedup", "X", "Simulated seconds a second; 1."),
            FlagSyntax("--scenario", "FILE", "A scenario of the simulator, such as demo or taipei; rounds."),
            FlagSyntax("--keep", "Leaves the temporary folder behind, and says where it is."),
        ] + common,
        examples: [
            ("fleetstream demo", "until Ctrl-C"),
            ("fleetstream demo --seconds 30 --vehicles 500", "a summary after half a minute"),
        ],
        exitCodes: [(.failure, "one of the three processes failed"), (.unavailable, "mosquitto could not be started")])

    private static let check = CommandSyntax(
        name: "check", summary: "Tells what is wrong with configuration, rules, messages, geofences.",
        positional: nil,
        description: """
            Reads the configuration, the file of rules, the folder of messages and all geofences, and reports every error with \
            its file and place. A message's text is refused if its longest values would not fit into one SMS. With --live it also \
            publishes to the broker and counts what a stalled subscriber gets, to find settings that lose messages.
            """,
        flags: [
            FlagSyntax("--geofences", "DIR", "A folder of GeoJSON files, or one file, instead of the configured ones."),
            FlagSyntax("--live", "Tries the broker too. Its other clients see nothing of it."),
            FlagSyntax("--json", "Reports as one JSON document."),
        ] + common,
        examples: [
            ("fleetstream check", "before a start or a reload"),
            ("fleetstream check --geofences Geofences/depots.geojson", "one file"),
            ("fleetstream check --live --set mqtt.host=broker", "the broker's settings"),
        ],
        exitCodes: [
            (.failure, "something is wrong, also in the configuration; it was reported"),
            (.unavailable, "--live: no connection to the broker, all else being well"),
        ], withoutExitCodes: [.configuration])

    private static let replay = CommandSyntax(
        name: "replay", summary: "Runs recorded messages through the engine, without a broker.", positional: "FILE",
        description: """
            Reads messages as `mosquitto_sub -F %J` (or %j) prints them, one a line, from FILE or standard input, and writes \
            what would have been published in the same form: {"tst":…,"topic":…,"payload":…}. The same input gives the same \
            output, whatever the number of shards. Lines that cannot be used come out as dead letters. A summary goes to \
            standard error.
            """,
        flags: [
            FlagSyntax("--geofences", "DIR", "A folder of GeoJSON files, or one file, instead of the configured ones."),
            FlagSyntax(
                "--journal", "FILE", "Reads the journal of this store instead of messages; the store is not changed."),
            FlagSyntax(
                "--diff", "OTHER",
                """
                Compares with another configuration, or another file of rules: writes, in the order of their times, the \
                events that only this one has ("- ") and those that only OTHER has ("+ "), and counts them by type.
                """),
            FlagSyntax("--state", "Writes the retained state topics too."),
            FlagSyntax("--shards", "N", "Parallel parts; 0 for as many as cores."),
            FlagSyntax("--fleet", "ID", "Only the messages of this fleet."),
            FlagSyntax("--output", "FILE", "Writes there instead of to standard output."),
            FlagSyntax(
                "--from", "TIME",
                "Only messages received then or later: 2026-11-20T08:15:30+08:00 or seconds since 1970."),
            FlagSyntax("--to", "TIME", "Only messages received then or before."),
        ] + common,
        examples: [
            ("mosquitto_sub -t 'fleets/#' -F %J > day.jsonl", "records"),
            ("fleetstream replay day.jsonl > events.jsonl", "replays"),
            ("fleetstream replay day.jsonl --geofences New --output new.jsonl", "against changed geofences"),
            (
                "fleetstream replay --journal fleetstream.sqlite --from 2026-11-20T00:00:00+08:00",
                "from what was processed"
            ),
            ("fleetstream replay day.jsonl --diff rules-new.json5", "what other rules would change"),
            ("fleetsim --print --duration 600 | fleetstream replay", "from the simulator"),
        ],
        exitCodes: [
            (.failure, "--diff: there are differences"),
            (.inputOutput, "the input cannot be read, or the output not written"),
        ])

    private static let decode = CommandSyntax(
        name: "decode", summary: "Shows what the payload of a tracker becomes.", positional: "FILE",
        description: """
            Reads one payload from FILE or standard input, as a tracker of this format publishes it, and writes what it \
            becomes, a line of JSON each: reports in the native form, units converted, and statuses. What cannot be used \
            goes to standard error, with its byte offset in the payload.
            """,
        flags: [
            FlagSyntax(
                "--format", "FORMAT",
                "The payload's form, as an adapter names it: \(TelemetryFormat.allCases.map(\.rawValue).joined(separator: ", "))."
            ),
            FlagSyntax("--received", "TIME", "When it was received, for formats that may leave the time out; now."),
        ],
        examples: [
            ("fleetstream decode --format owntracks location.json", "a file"),
            (
                "mosquitto_sub -t 'traccar/#' -C 1 | fleetstream decode --format traccar",
                "the next message of a broker"
            ),
        ],
        exitCodes: [
            (.failure, "a part of the payload, or all of it, cannot be used"),
            (.inputOutput, "the file cannot be read"),
        ], withoutExitCodes: [.configuration])

    private static let rules = CommandSyntax(
        name: "rules", summary: "Shows the rules that vehicles are judged by.", positional: nil,
        description: """
            Prints every rule and every parameter: its value, its range and what it does; where the value is not the \
            built-in one, also that one and who changed it. A vehicle's own values go before its group's, those before the \
            defaults of the file of rules, and those before the built-in ones.
            """,
        flags: [
            FlagSyntax("--vehicle", "ID", "The rules of this vehicle."),
            FlagSyntax("--group", "NAME", "The rules of this group, or of a vehicle in it."),
            FlagSyntax("--json", "Prints one JSON document."),
            FlagSyntax("--template", "Prints a file of rules to begin with: every default, with comments."),
        ] + common,
        examples: [
            ("fleetstream rules", "of all vehicles without rules of their own"),
            ("fleetstream rules --vehicle truck-7 --group gas-truck", "of one"),
        ],
        exitCodes: [])

    private static let learned = CommandSyntax(
        name: "learned", summary: "Shows what forecasts of arrivals have learned.", positional: nil,
        description: """
            Prints for each fleet what its vehicles have taught: speeds by the time of day, the slowest streets, service times, \
            detours, and how far off forecasts were. It reads the newest snapshot of the store, also while a process uses it. With \
            --json the values of one fleet can be kept, and with --import they take the place of another's, or of this one's \
            later: while no process uses the store, they are written into its journal, and hold from the next start on.
            """,
        flags: [
            FlagSyntax("--fleet", "ID", "Only this fleet."),
            FlagSyntax("--json", "Exports the values of one fleet; --fleet says which, if there are several."),
            FlagSyntax("--import", "FILE", "Takes over what --json wrote, for the fleet that --fleet names."),
            FlagSyntax("--store", "FILE", "The SQLite file."),
        ] + common,
        examples: [
            ("fleetstream learned", "of all fleets, as tables"),
            ("fleetstream learned --fleet taipei --json > learned.json", "exports"),
            ("fleetstream learned --fleet kaohsiung --import learned.json", "begins another fleet with it"),
        ],
        exitCodes: [
            (.failure, "nothing was learned yet, or the file's values cannot be used"),
            (.unavailable, "--import: a process uses the store"),
            (.inputOutput, "the store or the file cannot be read or written"),
        ])

    private static let smsBridge = CommandSyntax(
        name: "sms-bridge", summary: "Sends the requested messages through a provider's HTTP API.", positional: nil,
        description: """
            Takes the requests on sms/requests/… from the broker, posts them to an API such as Twilio's, and publishes what \
            becomes of them on sms/receipts/…, until SIGTERM or Ctrl-C. A request is acknowledged when it is on disk, in a \
            file of the bridge's own, and is not posted again once the provider has it, also after a crash. The section \
            sms_bridge of the configuration says which account and sender; the token comes from a file or from \
            FLEETSTREAM_SMS_BRIDGE_AUTH_TOKEN.
            """,
        flags: common,
        examples: [
            ("fleetstream sms-bridge", "with Config/fleetstream.json5"),
            (
                "fleetstream sms-bridge --set sms_bridge.account_sid=AC1 --set sms_bridge.from=+886900000000",
                "account and sender by flags"
            ),
        ],
        exitCodes: [
            (.failure, "it could not go on"), (.inputOutput, "its file cannot be opened, or is not one"),
        ])

    private static let link = CommandSyntax(
        name: "link", summary: "Makes the link to a customer's page of a delivery.", positional: nil,
        description: """
            Signs a token with the first key of window.link_keys_file, and prints the link of messages.json5 with it, or \
            its path alone where that has no {token}. The page is at /t/ of the window. The stop need not be known yet.
            """,
        flags: [
            FlagSyntax("--fleet", "ID", "The fleet."),
            FlagSyntax("--stop", "ID", "The stop: its order's id, unless the route calls it otherwise."),
            FlagSyntax(
                "--expires", "TIME",
                "When it ends: 2026-11-20T08:15:30+08:00 or seconds since 1970; window.link_lifetime_h from now."),
        ] + common,
        examples: [
            ("fleetstream link --fleet taipei --stop O-1017", "for a message that something else sends")
        ],
        exitCodes: [])

    private static let status = CommandSyntax(
        name: "status", summary: "Asks a running process how it is.", positional: nil,
        description: """
            Shows connections, throughput, lag, outbox, store and dead letters of the process that answers on the status \
            socket. It finds the socket by the configuration: beside the store, unless status.socket says otherwise.
            """,
        flags: [
            FlagSyntax("--socket", "PATH", "The Unix socket of the process."),
            FlagSyntax("--store", "FILE", "The store of the process, beside which the socket is."),
            FlagSyntax("--json", "Answers as one JSON document."),
        ] + common,
        examples: [
            ("fleetstream status", "of the process with the same configuration"),
            ("fleetstream status --json --store /var/lib/fleetstream.sqlite", "for a script"),
        ],
        exitCodes: [
            (.failure, "it runs, but cannot process: a full disk, no broker"), (.unavailable, "no process answers"),
        ])

    private static let top = CommandSyntax(
        name: "top", summary: "Keeps showing how a running process is.", positional: nil,
        description: """
            Shows the figures of `fleetstream status` on one screen and renews them, until q or Ctrl-C. Where standard output \
            is no terminal it prints a line at each look. When the process goes away it waits for it to come back.
            """,
        flags: [
            FlagSyntax("--interval", "SECONDS", "Time between two looks, 0.1 to 3600; 1."),
            FlagSyntax("--count", "N", "Ends after so many looks."),
            FlagSyntax("--socket", "PATH", "The Unix socket of the process."),
            FlagSyntax("--store", "FILE", "The store of the process, beside which the socket is."),
        ] + common,
        examples: [
            ("fleetstream top", "of the process with the same configuration"),
            ("fleetstream top --interval 60 >> day.log", "a line every minute"),
        ],
        exitCodes: [
            (.failure, "what answers is of another version"), (.unavailable, "no process answers at the beginning"),
        ])
}
