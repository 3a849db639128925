import Telemetry

extension Fixture {
    static let ownTracks: [Fixture] = [
        Fixture(
            format: .owntracks, name: "a phone",
            payload: #"""
                {"_type":"location","BSSID":"b8:27:eb:11:22:33","SSID":"depot","acc":12,"alt":15,"batt":83,"bs":1,"cog":271,
                "conn":"w","created_at":1795170031,"inregions":["Depot"],"inrids":["6da9cf"],"lat":25.0478123,
                "lon":121.5170456,"m":1,"t":"t","tid":"p7","topic":"owntracks/ann/phone-7","tst":1795170030,"vac":4,"vel":38}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","lat":25.0478123,"lon":121.5170456,"speed_kmh":38.0,"heading_deg":271.0,"accuracy_m":12.0,"altitude_m":15.0,"battery_pct":83.0}"#
            ]),
        Fixture(
            format: .owntracks, name: "an old Android with numbers as strings",
            payload:
                #"{"_type":"location","tst":"1795170030","lat":"25.0478","lon":" 121.517","acc":"40.5","batt":"7"}"#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","lat":25.0478,"lon":121.517,"accuracy_m":40.5,"battery_pct":7.0}"#
            ]),
        Fixture(
            format: .owntracks, name: "a hardware tracker",
            payload: #"""
                {"_type":"location","imei":"863835020075979","tst":1795170030,"lat":25.0478,"lon":121.517,"alt":12,"cog":90,
                "vel":62,"ign":1,"odometer":128734.25,"hmc":18433440,"uext":12.6,"ubatt":4.1,"rpm":1450,"flvl":61,
                "temp_c-11":4.5,"temp_c-12":21,"din1":0,"vin":"WDB9634031L738150","rit":5,"rty":"FR"}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"863835020075979","lat":25.0478,"lon":121.517,"speed_kmh":62.0,"heading_deg":90.0,"altitude_m":12.0,"ignition":true,"rpm":1450.0,"fuel_pct":61.0,"odometer_km":128734.25,"engine_hours":5120.4,"battery_v":12.6,"cargo_c":4.5}"#
            ]),
        Fixture(
            format: .owntracks, name: "entering a region of the phone's own",
            payload:
                #"{"_type":"transition","acc":30,"desc":"Depot","event":"enter","lat":25.04,"lon":121.5,"rid":"6da9cf","t":"c","tid":"p7","tst":1795170030,"wtst":1700000000}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","lat":25.04,"lon":121.5,"accuracy_m":30.0}"#]),
        Fixture(
            format: .owntracks, name: "leaving a beacon, without a place",
            payload:
                #"{"_type":"transition","desc":"Trailer","event":"leave","t":"b","tst":1795170030,"wtst":1700000000}"#,
            lines: ["other 1"]),
        Fixture(
            format: .owntracks, name: "the last will, whose time is that of the connection",
            payload: #"{"_type":"lwt","tst":1795160000}"#, lines: [#"{"status":"offline"}"#]),
        Fixture(
            format: .owntracks, name: "an encrypted message",
            payload: #"{"_type":"encrypted","data":"J0wWjvFxrBOQJDPPSfRaGL5n+RvtSjxo"}"#,
            lines: ["encrypted at byte 0"]),
        Fixture(
            format: .owntracks, name: "the tracker id, where nothing else names the vehicle",
            payload: #"{"tid":"p7","_type":"location","tst":1795170030,"lat":1,"lon":2}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","vehicle":"p7","lat":1,"lon":2}"#],
            namesVehicles: true),
        other("a card", #"{"_type":"card","name":"Ann","tid":"p7","face":"iVBORw0KGgo="}"#),
        other(
            "waypoints",
            #"{"_type":"waypoints","_creator":"p7","waypoints":[{"_type":"waypoint","desc":"Depot","lat":"25.04","lon":"121.5","rad":"100","tst":"1700000000"}]}"#
        ),
        other("a waypoint", #"{"_type":"waypoint","desc":"Depot","lat":25.04,"lon":121.5,"rad":100,"tst":1700000000}"#),
        other("a command", #"{"_type":"cmd","action":"reportLocation"}"#),
        other("a status", #"{"_type":"status","iOS":{"version":"16.3","locale":"zh_TW"}}"#),
        other("steps", #"{"_type":"steps","tst":1795170030,"steps":211,"from":1795160000,"to":1795170030}"#),
        other(
            "a beacon",
            #"{"_type":"beacon","uuid":"E2C56DB5","major":0,"minor":0,"tst":1795170030,"acc":0.3,"rssi":-60,"prox":1}"#),
        other("a dump", #"{"_type":"dump","configuration":{"_type":"configuration","deviceId":"phone-7"}}"#),
        other("a type of tomorrow", #"{"_type":"hologram","lat":1,"lon":2,"tst":1795170030}"#),
        other("no type", #"{"lat":1,"lon":2,"tst":1795170030}"#),
        other("a type that is no word", #"{"_type":7,"lat":1,"lon":2,"tst":1795170030}"#),
        Fixture(
            format: .owntracks, name: "a place beyond the pole",
            payload: #"{"_type":"location","tst":1795170030,"lat":91,"lon":2}"#,
            lines: ["latitude_out_of_range of lat at byte 43"]),
        Fixture(
            format: .owntracks, name: "no place at all", payload: #"{"_type":"location","tst":1795170030}"#,
            lines: ["missing_latitude of lat at byte 0"]),
        Fixture(
            format: .owntracks, name: "no time", payload: #"{"_type":"location","lat":1,"lon":2}"#,
            lines: ["missing_time at byte 0"]),
        Fixture(
            format: .owntracks, name: "a speed that the phone does not know",
            payload: #"{"_type":"location","tst":1795170030,"lat":1,"lon":2,"vel":-1,"cog":-1,"batt":-1,"acc":"?"}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","lat":1,"lon":2}"#]),
        Fixture(format: .owntracks, name: "a retained message cleared", payload: "", lines: []),
    ]

    private static func other(_ name: String, _ payload: String) -> Fixture {
        Fixture(format: .owntracks, name: name, payload: payload, lines: ["other 1"])
    }
}
