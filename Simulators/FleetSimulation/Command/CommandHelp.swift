/// The text of `fleetsim --help`, and the version.
package enum CommandHelp {
    package static let version = "0.1.0"

    package static let text = """
        fleetsim: a simulated fleet of a bottled-gas distributor that drives, reports over MQTT, and fails as real trackers do.

        usage: fleetsim [options]

        The fleet
          --scenario NAME|FILE   taipei (default), demo, load, tunnel, hostile, morning, rounds, or a file; taipei.json5
                                 explains all keys but those of dispatch, which morning.json5 explains
          --geofences DIR        take depots and customers from the GeoJSON files in DIR (kinds depot and customer)
          --vehicles N           how many vehicles, instead of the scenario's
          --seed N               another world, instead of the scenario's
          --fleet ID             the fleet's id in topics (default demo)
          --root LEVELS          what topics begin with (default fleets)
          --format native|owntracks
                                 how the trackers report; owntracks on the topics owntracks/FLEET/VEHICLE, for an adapter
                                 with topic_level 3. What they say of their connection stays native

        Dispatch, with a scenario that has it, such as morning
          --orders N             orders of a day, instead of the scenario's; dispatchers have as much less or more to do
          --days N               so many days one after the other, with the same customers and their habits
          --truth FILE           write what really happened to FILE, as lines of JSON: visits with their true times, the one
                                 outcome of each order, departures from and returns to the depot, the cash of each shift
          --sms-gateway          answer requests for text messages with receipts, as a gateway does
        Vehicles answer the commands that a processor sends them; with --print, those that dispatch asks for.

        Time
          --duration S           end after S seconds of wall time; with --print of simulated time (default 600 there, or the
                                 last day of dispatch; endless else)
          --rate R               R reports a second in total: every vehicle reports every N/R seconds, moving or parked
          --speedup X            simulated time runs X times as fast. Needs --duration S: the simulation then starts
                                 S × (X − 1) seconds ago and ends now, because a processor refuses fixes from the future
          --start TIME           simulated start of --print (RFC 3339), instead of the scenario's

        Where to
          --print                write the messages to standard output instead of sending them, one line each as
                                 mosquitto_sub -F %J prints them (payloads that are not JSON as strings, like -F %j); the
                                 same options give the same bytes
          --host NAME --port N   the broker (default 127.0.0.1, port 1883, with --ca 8883)
          --user NAME --password-file FILE
          --ca FILE              TLS, trusting this certificate authority; --cert FILE --key FILE for a client certificate
          --connections per-vehicle|N
                                 a connection for each vehicle with a last will (default), or N shared ones without
          --qos 0|1              default 1

          --quiet                no progress on standard error
          --help, --version

        Ends after --duration, or at Ctrl-C or SIGTERM: buffered reports are sent, acknowledgements awaited for up to 10 s, and
        a summary printed (to standard error with --print).

        Exit codes
          0   every message was acknowledged
          1   some were not
          64  the command line is wrong
          69  the broker cannot be reached, or refuses us
          74  a file cannot be read or written
          78  the scenario is wrong
        """
}
