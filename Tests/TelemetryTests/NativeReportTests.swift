import Telemetry
import Testing

@Suite struct `Native report` {
    static let full = #"""
        {"time":"2026-11-20T08:15:30.250+08:00","lat":25.0478,"lon":121.5170,"speed_kmh":38.5,"heading_deg":271,
        "accuracy_m":5,"altitude_m":12,"satellites":9,"ignition":true,"rpm":1450,"fuel_pct":61.5,"odometer_km":128734.2,
        "engine_hours":5120.4,"battery_v":12.6,"coolant_c":88,"cargo_c":27.1,"door_open":true,"dtc":["P0420"],
        "driver":"D-07","motion":true,"battery_pct":81,"alarms":["sos"],"vehicle":"truck-7","seq":88123}
        """#

    /// The only report of a payload that must have one and no problem.
    func single(_ payload: String) throws -> Report {
        let buffer = try decode(payload)
        #expect(buffer.problems.isEmpty)
        try #require(buffer.reports.count == 1)
        return buffer.reports[0]
    }

    /// A report with `members` beside its time.
    func problem(_ members: String) throws -> ReportProblem? {
        let buffer = try decode(#"{"time":1795133730250,\#(members)}"#)
        #expect(buffer.reports.count + buffer.problems.count == 1)
        return buffer.problems.first
    }

    @Test func `every field of the documentation's example`() throws {
        let report = try single(Self.full)
        #expect(report.time_ms == 1_795_133_730_250)
        #expect(report.fields == ReportFields.observations.union(.sequence))
        #expect(report.latitude_e7 == 250_478_000)
        #expect(report.longitude_e7 == 1_215_170_000)
        #expect(report.speed_kmh == 38.5)
        #expect(report.heading_deg == 271)
        #expect(report.accuracy_m == 5)
        #expect(report.altitude_m == 12)
        #expect(report.satellites == 9)
        #expect(report.ignition)
        #expect(report.rpm == 1450)
        #expect(report.fuel_pct == 61.5)
        #expect(report.odometer_km == 128734.2)
        #expect(report.engine_hours == 5120.4)
        #expect(report.battery_v == 12.6)
        #expect(report.coolant_c == 88)
        #expect(report.cargo_c == 27.1)
        #expect(report.doorOpen)
        #expect(report.motion)
        #expect(report.batteryLevel_pct == 81)
        #expect(report.alarms == .sos)
        #expect(report.identityBytes(in: Array(Self.full.utf8).span) == Array("truck-7".utf8))
        #expect(report.sequence == 88123)
        #expect(report.driverID(in: Self.full) == "D-07")
        #expect(report.troubleCodes(in: Self.full) == ["P0420"])
        #expect(report.offset == 0)
    }

    @Test func `the bits of the fields are those of the option set`() throws {
        let names: [(String, String, ReportFields)] = [
            ("speed_kmh", "1", .speed), ("heading_deg", "1", .heading), ("accuracy_m", "1", .accuracy),
            ("altitude_m", "1", .altitude), ("satellites", "1", .satellites), ("ignition", "false", .ignition),
            ("rpm", "1", .rpm), ("fuel_pct", "1", .fuel), ("odometer_km", "1", .odometer),
            ("engine_hours", "1", .engineHours), ("battery_v", "1", .battery), ("coolant_c", "1", .coolant),
            ("cargo_c", "1", .cargo), ("door_open", "false", .door), ("driver", "\"\"", .driver), ("dtc", "[]", .dtc),
            ("motion", "false", .motion), ("battery_pct", "1", .batteryLevel), ("alarms", "[]", .alarms),
        ]
        for (name, value, field) in names {
            #expect(try single(#"{"time":1795133730250,"\#(name)":\#(value)}"#).fields == field, "\(name)")
        }
    }

    @Test func `fields in any order, unknown ones skipped, keys with escapes understood`() throws {
        let report = try single(
            #" { "x" : {"lat":[1,{"lon":2}]} , "lon" : -0.5e1 , "l\u0061t":50e-1,"LAT":9,"#
                + #""tim":1,"time":1795133730250.9 } "#
        )
        #expect(report.latitude_e7 == 50_000_000)
        #expect(report.longitude_e7 == -50_000_000)
        #expect(report.time_ms == 1_795_133_730_250)
        #expect(report.offset == 1)
    }

    @Test func `null is absence, and of duplicates the last counts`() throws {
        #expect(
            try single(#"{"time":1795133730250,"lat":1,"lon":2,"speed_kmh":null,"rpm":5,"rpm":null}"#).fields
                == .position)
        #expect(try single(#"{"time":1795133730250,"rpm":"x","rpm":5}"#).rpm == 5)
        #expect(try single(#"{"time":"?","time":1795133730250,"lat":91,"lat":1,"lon":2}"#).latitude_e7 == 10_000_000)
        #expect(try problem(#""rpm":5,"rpm":"x""#)?.reason == .wrongType)
    }

    @Test func `positions are rounded to 1e-7 degree, ties to even`() throws {
        let report = try single(#"{"time":1795133730250,"lat":25.04780004,"lon":-121.51700006}"#)
        #expect(report.latitude_e7 == 250_478_000)
        #expect(report.longitude_e7 == -1_215_170_001)
        #expect(degrees_e7(0x1p-8) == 39_062)  // 39062.5 exactly
        #expect(degrees_e7(3 * 0x1p-8) == 117_188)  // 117187.5 exactly
        #expect(degrees_e7(-0x1p-8) == -39_062)
        #expect(degrees_e7(180) == 1_800_000_000)
        #expect(degrees_e7(-180) == -1_800_000_000)
    }

    @Test func `the ends of every range are allowed`() throws {
        #expect(try problem(#""lat":90,"lon":180"#) == nil)
        #expect(try problem(#""lat":-90,"lon":-180.0"#) == nil)
        #expect(try problem(#""lat":-0,"lon":0,"fuel_pct":0,"speed_kmh":0"#) == nil)
        #expect(try single(#"{"time":1795133730250,"heading_deg":360}"#).heading_deg == 0)
        #expect(try single(#"{"time":1795133730250,"heading_deg":359.9999999999}"#).heading_deg == 0)
        #expect(try single(#"{"time":1795133730250,"speed_kmh":-0.0}"#).speed_kmh.sign == .plus)
        #expect(try single(#"{"time":1795133730250,"seq":9223372036854775807,"rpm":0}"#).sequence == Int64.max)
        #expect(try single(#"{"time":1795133730250,"ignition":0,"door_open":1}"#).doorOpen)
    }

    @Test(
        arguments: [
            (#""lat":91,"lon":1"#, .latitudeOutOfRange, "lat", 28),
            (#""lat":90.00000001,"lon":1"#, .latitudeOutOfRange, "lat", 28),
            (#""lat":1,"lon":-180.1"#, .longitudeOutOfRange, "lon", 36),
            (#""lat":1"#, .missingLongitude, "lon", 0),
            (#""lon":1"#, .missingLatitude, "lat", 0),
            (#""lat":null,"lon":1"#, .missingLatitude, "lat", 0),
            (#""lat":"25.0","lon":1"#, .wrongType, "lat", 28),
            (#""lat":1e400,"lon":1"#, .numberOutOfRange, "lat", 28),
            (#""lat":-1e400,"lon":1"#, .numberOutOfRange, "lat", 28),
            (#""lat":1,"lon":1,"speed_kmh":-0.1"#, .outOfRange, "speed_kmh", 50),
            (#""speed_kmh":65535"#, .outOfRange, "speed_kmh", 34),
            (#""heading_deg":360.1"#, .outOfRange, "heading_deg", 36),
            (#""accuracy_m":-1"#, .outOfRange, "accuracy_m", 35),
            (#""fuel_pct":100.5"#, .outOfRange, "fuel_pct", 33),
            (#""satellites":9.5"#, .notAnInteger, "satellites", 35),
            (#""satellites":-1"#, .outOfRange, "satellites", 35),
            (#""seq":9223372036854775808"#, .outOfRange, "seq", 28),
            (#""ignition":2"#, .outOfRange, "ignition", 33),
            (#""ignition":"on""#, .wrongType, "ignition", 33),
            (#""door_open":[]"#, .wrongType, "door_open", 34),
            (#""driver":7"#, .wrongType, "driver", 31),
            (#""dtc":"P0420""#, .wrongType, "dtc", 28),
            (#""dtc":["P0420",1]"#, .wrongType, "dtc", 28),
            (#""rpm":{"a":1}"#, .wrongType, "rpm", 28),
            (#""seq":7"#, .noObservation, "", 0),
            (#""latitude":25,"longitude":121"#, .noObservation, "", 0),
            (#""rpm":true,"lat":91"#, .wrongType, "rpm", 28),
        ] as [(String, DecodeReason, String, Int)])
    func `a value that cannot be used is named`(
        members: String, reason: DecodeReason, field: String, offset: Int
    ) throws {
        #expect(try problem(members) == ReportProblem(offset: offset, reason: reason, field: field))
    }

    @Test(
        arguments: [
            ("", .missingTime), (#""time":null,"#, .missingTime), (#""time":1795133730,"#, .timeInSeconds),
            (#""time":1795133730.25,"#, .timeInSeconds), (#""time":0,"#, .timeImplausible),
            (#""time":-1795133730250,"#, .timeImplausible), (#""time":946684799999,"#, .timeImplausible),
            (#""time":4102444800000,"#, .timeImplausible), (#""time":1795133730250000,"#, .timeImplausible),
            (#""time":1e400,"#, .timeImplausible), (#""time":1e15,"#, .timeImplausible),
            (#""time":"1970-01-01T00:00:00Z","#, .timeImplausible),
            (#""time":"2100-01-01T00:00:00Z","#, .timeImplausible),
            (#""time":"2026-02-29T00:00:00Z","#, .invalidTime), (#""time":"2026-11-20T08:15:30","#, .invalidTime),
            (#""time":"1795133730250","#, .invalidTime), (#""time":"","#, .invalidTime), (#""time":true,"#, .wrongType),
            (#""time":{},"#, .wrongType),
        ] as [(String, DecodeReason)])
    func `a time that cannot be used is named`(time: String, reason: DecodeReason) throws {
        let buffer = try decode(#"{\#(time)"lat":25,"lon":121}"#)
        #expect(buffer.reports.isEmpty)
        #expect(buffer.problems.map(\.reason) == [reason])
        #expect(buffer.problems.map(\.field) == ["time"])
    }

    @Test(
        arguments: [
            ("946684800000", 946_684_800_000), ("4102444799999", 4_102_444_799_999),
            ("4102444799999.999", 4_102_444_799_999),
            ("1.79513373025e12", 1_795_133_730_250), (#""2099-12-31T23:59:59.999Z""#, 4_102_444_799_999),
            (#""2026-11-20T00:15:30.2509z""#, 1_795_133_730_250), (#""2026-11-20 00:15:30\u005a""#, 1_795_133_730_000),
        ] as [(String, Int64)])
    func `times in every form`(text: String, time_ms: Int64) throws {
        #expect(try single(#"{"time":\#(text),"rpm":1}"#).time_ms == time_ms)
    }

    @Test func `drivers and trouble codes with escapes, and their limits`() throws {
        let payload = #"{"time":1795133730250,"driver":"\u5f35\ud83d\ude9a \"A\"","dtc":[ "P04\u0032\u0030" ,"U1"]}"#
        let report = try single(payload)
        #expect(report.driverID(in: payload) == "張🚚 \"A\"")
        #expect(report.troubleCodes(in: payload) == ["P0420", "U1"])
        let empty = #"{"time":1795133730250,"driver":"","dtc":[]}"#
        #expect(try single(empty).driverID(in: empty) == "")
        #expect(try single(empty).troubleCodes(in: empty) == [])
        let none = #"{"time":1795133730250,"rpm":1}"#
        #expect(try single(none).driverID(in: none) == nil)
        #expect(try single(none).troubleCodes(in: none) == nil)
        let name = String(repeating: "d", count: 128)
        #expect(try problem(#""driver":"\#(name)""#) == nil)
        #expect(try problem(#""driver":"\#(name)d""#)?.reason == .textTooLong)
        let codes = Array(repeating: "\"P1\"", count: 64).joined(separator: ",")
        #expect(try problem(#""dtc":[\#(codes)]"#) == nil)
        #expect(try problem(#""dtc":[\#(codes),"P1"]"#)?.reason == .tooManyCodes)
    }

    @Test func `an array gives its good elements in order, and a problem for each other`() throws {
        let payload =
            #"[{"time":1795133730250,"rpm":1}, 7, {"time":1795133730251,"lat":91,"lon":0},"#
            + #"{"time":1795133730252,"rpm":3},{},null]"#
        let buffer = try decode(payload)
        #expect(buffer.reports.map(\.rpm) == [1, 3])
        #expect(buffer.reports.map(\.offset) == [1, 76])
        #expect(
            buffer.problems.map(\.reason) == [
                .elementNotObject, .latitudeOutOfRange, .missingTime, .elementNotObject,
            ])
        #expect(buffer.problems.map(\.offset) == [33, 64, 107, 110])
        #expect(try decode("[]").reports.isEmpty)
    }
}
