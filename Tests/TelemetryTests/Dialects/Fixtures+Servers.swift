import Telemetry

extension Fixture {
    static let traccar: [Fixture] = [
        Fixture(
            format: .traccar, name: "a position as the forwarder sends it",
            payload: #"""
                {"position":{"id":8812,"attributes":{"priority":0,"sat":14,"event":240,"ignition":true,"motion":true,"rssi":4,
                "power":13.9,"battery":4.05,"io69":1,"odometer":128734200,"totalDistance":99.5,"hours":18433440000,
                "fuelLevel":61.5,"rpm":1450,"batteryLevel":100,"driverUniqueId":"9C00001A2B3C4D01","alarm":"hardBraking",
                "dtcs":"P0420 P0171","temp1":-18.5,"distance":31.2},"deviceId":17,"protocol":"teltonika",
                "serverTime":"2026-11-20T10:20:31.120+00:00","deviceTime":"2026-11-20T10:20:30.000+00:00",
                "fixTime":"2026-11-20T10:20:30.000+00:00","outdated":false,"valid":true,"latitude":25.0478,
                "longitude":121.517,"altitude":12.0,"speed":25.0,"course":271.0,"address":null,"accuracy":0.0,
                "network":null,"geofenceIds":[3]},"device":{"id":17,"attributes":{},"groupId":0,"name":"Truck 7",
                "uniqueId":"352093081234567","status":"online","lastUpdate":"2026-11-20T10:20:31.120+00:00"}}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"352093081234567","lat":25.0478,"lon":121.517,"speed_kmh":46.3,"heading_deg":271.0,"altitude_m":12.0,"satellites":14,"ignition":true,"motion":true,"rpm":1450.0,"fuel_pct":61.5,"odometer_km":128734.2,"engine_hours":5120.4,"battery_v":13.9,"battery_pct":100.0,"cargo_c":-18.5,"driver":"9C00001A2B3C4D01","dtc":["P0420","P0171"],"alarms":["harsh_braking"]}"#
            ]),
        Fixture(
            format: .traccar, name: "an old place repeated: the sensors only, at the time of the device",
            payload: #"""
                {"device":{"uniqueId":"A-1"},"position":{"fixTime":"2026-11-20T08:00:00.000+0000","deviceTime":
                "2026-11-20T10:20:30.000+0000","outdated":true,"valid":true,"latitude":25.0,"longitude":121.5,"speed":10,
                "attributes":{"ignition":false,"totalDistance":1234567.8}}}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"A-1","ignition":false,"odometer_km":1234.5678}"#
            ]),
        Fixture(
            format: .traccar, name: "no valid fix, several alarms",
            payload: #"""
                {"position":{"fixTime":"2026-11-20T10:20:30Z","valid":false,"latitude":0,"longitude":0,"attributes":{"alarm":
                "powerCut,lowBattery"}},"device":{"uniqueId":"A-1"}}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"A-1","alarms":["power_cut","low_battery"]}"#
            ]),
        Fixture(
            format: .traccar, name: "the device is gone",
            payload: #"""
                {"event":{"id":5,"attributes":{},"deviceId":17,"type":"deviceOffline","eventTime":
                "2026-11-20T10:20:30.000+00:00","positionId":0,"geofenceId":0},"device":{"uniqueId":"A-1"}}
                """#,
            lines: [#"{"status":"offline","time":"2026-11-20T10:20:30.000Z","vehicle":"A-1"}"#]),
        Fixture(
            format: .traccar, name: "an event that the engine decides for itself",
            payload:
                #"{"event":{"type":"geofenceEnter","eventTime":"2026-11-20T10:20:30Z"},"device":{"uniqueId":"A-1"}}"#,
            lines: ["other 1"]),
        Fixture(
            format: .traccar, name: "a longitude that is none",
            payload:
                #"{"position":{"fixTime":"2026-11-20T10:20:30Z","latitude":1,"longitude":-180.5},"device":{"uniqueId":"A-1"}}"#,
            lines: ["longitude_out_of_range of lon at byte 71"]),
        Fixture(
            format: .traccar, name: "nulls", payload: #"{"position":null,"device":null,"event":null}"#,
            lines: ["other 1"]),
    ]

    static let flespi: [Fixture] = [
        Fixture(
            format: .flespi, name: "two devices in one array",
            payload: #"""
                [{"ident":"352093081234567","timestamp":1795170030.25,"server.timestamp":1795170031.1,"channel.id":7,
                "position.latitude":25.0478,"position.longitude":121.517,"position.altitude":12,"position.speed":46.3,
                "position.direction":271,"position.satellites":14,"position.valid":true,"position.hdop":0.8,
                "engine.ignition.status":true,"movement.status":true,"vehicle.mileage":128734.2,"can.fuel.level":61.5,
                "external.powersource.voltage":13.9,"battery.level":100,"harsh.braking.event":true},
                {"ident":"352093087654321","timestamp":1795170031,"position.valid":false,"position.latitude":25.1,
                "position.longitude":121.6,"position.speed":9,"engine.ignition.status":false,"alarm.event.trigger":true}]
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.250Z","vehicle":"352093081234567","lat":25.0478,"lon":121.517,"speed_kmh":46.3,"heading_deg":271.0,"altitude_m":12.0,"satellites":14,"ignition":true,"motion":true,"fuel_pct":61.5,"odometer_km":128734.2,"battery_v":13.9,"battery_pct":100.0,"alarms":["harsh_braking"]}"#,
                #"{"time":"2026-11-20T10:20:31.000Z","vehicle":"352093087654321","ignition":false,"alarms":["sos"]}"#,
            ]),
        Fixture(
            format: .flespi, name: "one message alone, and an alarm that is over",
            payload: #"{"ident":"A-1","timestamp":1795170030,"gsm.jamming.event":false}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","vehicle":"A-1","alarms":[]}"#]),
        Fixture(
            format: .flespi, name: "a connection without telemetry, and what is no message",
            payload:
                #"[{"ident":"A-1","timestamp":1795170030,"protocol.id":14},7,{"ident":"A-2","position.latitude":1}]"#,
            lines: ["element_not_object at byte 57", "missing_longitude at byte 59", "other 1"]),
    ]

    static let thingsBoard: [Fixture] = [
        Fixture(
            format: .thingsboard, name: "values with a time",
            payload:
                #"{"ts":1795170030250,"values":{"latitude":25.0478,"longitude":121.517,"speed":46.3,"temperature":21,"fuel_pct":61.5,"ignition":"true"}}"#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.250Z","lat":25.0478,"lon":121.517,"speed_kmh":46.3,"ignition":true,"fuel_pct":61.5}"#
            ]),
        Fixture(
            format: .thingsboard, name: "values alone, whose time is that of their receipt",
            payload: #"{"lat":25.0478,"lng":121.517,"batteryLevel":"81"}"#,
            lines: [#"{"time":"2026-11-20T10:21:00.000Z","lat":25.0478,"lon":121.517,"battery_pct":81.0}"#]),
        Fixture(
            format: .thingsboard, name: "an array",
            payload:
                #"[{"ts":1795170030000,"values":{"cargo_c":4.5}},{"ts":1795170040000,"values":{"cargo_c":4.6,"alarms":["door"]}}]"#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","cargo_c":4.5}"#,
                #"{"time":"2026-11-20T10:20:40.000Z","cargo_c":4.6,"alarms":["door"]}"#,
            ]),
        Fixture(
            format: .thingsboard, name: "nothing of a vehicle", payload: #"{"humidity":61,"values":[1,2]}"#,
            lines: ["other 1"]),
        Fixture(
            format: .thingsboardGateway, name: "two devices",
            payload: #"""
                {"truck 7":[{"ts":1795170030000,"values":{"lat":25.0,"lon":121.5}},{"ts":1795170040000,"values":{"rpm":900}}],
                "\u006ban-3":[{"ts":1795170030000,"values":{"door_open":1}}]}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"truck 7","lat":25,"lon":121.5}"#,
                #"{"time":"2026-11-20T10:20:40.000Z","vehicle":"truck 7","rpm":900.0}"#,
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"kan-3","door_open":true}"#,
            ]),
        Fixture(
            format: .thingsboardGateway, name: "a device with a number for telemetry",
            payload: #"{"truck 7":5,"truck 8":[5]}"#,
            lines: ["element_not_object at byte 11", "element_not_object at byte 24"]),
    ]

    static let teltonika: [Fixture] = [
        Fixture(
            format: .teltonika, name: "a shadow update",
            payload: #"""
                {"state":{"reported":{"ts":1795170030000,"pr":0,"latlng":"25.047800,121.517000","alt":12,"ang":271,"sat":14,
                "sp":46,"evt":0,"239":1,"240":1,"21":4,"66":13912,"67":4050,"69":1,"181":12,"182":7,"16":128734200,"24":47,
                "89":61,"72":-185,"78":"0x9C00001A2B3C4D01","113":100}}}
                """#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","lat":25.0478,"lon":121.517,"speed_kmh":46.0,"heading_deg":271.0,"altitude_m":12.0,"satellites":14,"ignition":true,"motion":true,"fuel_pct":61.0,"odometer_km":128734.2,"battery_v":13.912,"battery_pct":100.0,"cargo_c":-18.5,"driver":"0x9C00001A2B3C4D01"}"#
            ]),
        Fixture(
            format: .teltonika, name: "without the wrapper, no fix, nobody's key, no sensor",
            payload:
                #"{"ts":1795170030000,"latlng":"0.000000,0.000000","alt":0,"ang":0,"sat":0,"sp":0,"evt":239,"239":0,"69":2,"72":3000,"78":"0x0000000000000000"}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","satellites":0,"ignition":false,"driver":""}"#]),
        Fixture(
            format: .teltonika, name: "harsh cornering",
            payload: #"{"ts":1795170030000,"latlng":"25.0,121.5","sat":9,"evt":253,"253":3,"254":24}"#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","lat":25,"lon":121.5,"satellites":9,"alarms":["harsh_cornering"]}"#
            ]),
        Fixture(
            format: .teltonika, name: "towing by its event, the end of it by its value, and records in an array",
            payload:
                #"{"imei":"352093081234567","state":{"reported":[{"ts":1795170030000,"evt":246},{"ts":1795170031000,"evt":246,"246":0},{"ts":1795170032000,"252":1}]}}"#,
            lines: [
                #"{"time":"2026-11-20T10:20:30.000Z","vehicle":"352093081234567","alarms":["towing"]}"#,
                #"{"time":"2026-11-20T10:20:31.000Z","vehicle":"352093081234567","alarms":[]}"#,
                #"{"time":"2026-11-20T10:20:32.000Z","vehicle":"352093081234567","alarms":["power_cut"]}"#,
            ]),
        Fixture(
            format: .teltonika, name: "the speed of another source where its own is left out",
            payload: #"{"24":47,"ts":1795170030000}"#,
            lines: [#"{"time":"2026-11-20T10:20:30.000Z","speed_kmh":47.0}"#]),
        Fixture(
            format: .teltonika, name: "places that are none",
            payload:
                #"[{"ts":1795170030000,"latlng":"25.0"},{"ts":1795170030000,"latlng":"north,east"},{"ts":1795170030000,"latlng":"95,2"}]"#,
            lines: [
                "wrong_type of latlng at byte 30", "wrong_type of latlng at byte 67",
                "latitude_out_of_range of lat at byte 110",
            ]),
        Fixture(
            format: .teltonika, name: "what the shadow wants of the device",
            payload: #"{"state":{"desired":{"CMD":"getinfo"}}}"#, lines: ["other 1"]),
    ]
}
