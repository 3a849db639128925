import Telemetry
import Wire

/// The decoders of other trackers' formats, each with a message as it is usually published.
enum DialectCases {
    static let all: [BenchCase] = [
        BenchCase(name: "decoder/owntracks", help: "a phone's location of 180 bytes, decoded") {
            (size) throws(BenchError) in
            try rows(
                "owntracks", .owntracks,
                #"{"_type":"location","acc":5,"alt":15,"batt":83,"bs":1,"cog":271,"conn":"m","lat":25.0478123,"lon":121.5170456,"m":2,"t":"t","tid":"p7","tst":1795170000,"vac":4,"vel":38,"created_at":1795170001}"#,
                size)
        },
        BenchCase(name: "decoder/traccar", help: "a forwarded position of 600 bytes, decoded") {
            (size) throws(BenchError) in
            try rows(
                "traccar", .traccar,
                #"{"position":{"id":8812,"attributes":{"priority":0,"sat":14,"event":0,"ignition":true,"motion":true,"rssi":4,"power":13.9,"battery":4.05,"odometer":128734200,"hours":18433440000,"distance":31.2,"totalDistance":128734217.4},"deviceId":17,"protocol":"teltonika","serverTime":"2026-11-20T10:20:01.120+00:00","deviceTime":"2026-11-20T10:20:00.000+00:00","fixTime":"2026-11-20T10:20:00.000+00:00","outdated":false,"valid":true,"latitude":25.0478123,"longitude":121.5170456,"altitude":12.0,"speed":20.8,"course":271.0,"address":null,"accuracy":0.0,"network":null},"device":{"id":17,"name":"Truck 7","uniqueId":"352093081234567","status":"online"}}"#,
                size)
        },
    ]

    private static func rows(
        _ name: String, _ format: TelemetryFormat, _ text: String, _ size: BenchSize
    ) throws(BenchError) -> [BenchRow] {
        let payload = Array(text.utf8)
        var buffer = ReportBuffer()
        let decoder = TelemetryDecoder()
        let count = size.count(200_000)
        var sum: UInt64 = 0
        var isDecoded = true
        let times = Measure.each_ns(count, size.repetitions) {
            sum = 0
            for _ in 0..<count {
                buffer.removeAll()
                do {
                    try decoder.decode(payload.span, as: format, receivedTime_ms: 0, into: &buffer)
                } catch { isDecoded = false }
                sum &+= Checksum.mix64(UInt64(bitPattern: buffer.reports.first?.time_ms ?? 0))
            }
        }
        guard isDecoded, let report = buffer.reports.first, report.latitude_e7 == 250_478_123,
            report.time_ms / 60_000 == 29_919_500
        else { throw BenchError("the decoder does not read the \(name) message") }
        return [
            .count("decoder.\(name).payload", payload.count, "bytes"), .measured("decoder.\(name).report", times, "ns"),
            .checksum("decoder.\(name).checksum", sum),
        ]
    }
}
