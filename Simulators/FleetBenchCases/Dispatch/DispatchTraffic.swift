import Wire

/// Deliveries of which each is probed once: a driver's word that ends it, or a fix that brings its vehicle much nearer.
///
/// The stop of probe n is `probe-n`. Every vehicle has one stop, five kilometres east of a depot of its own.
struct DispatchTraffic {
    let words: Int
    let fixes: Int
    private let now_ms: Int64

    var count: Int { words + fixes }

    /// - Parameter now_ms: the wall clock, ms since 1970.
    init(words: Int, fixes: Int, now_ms: Int64) {
        self.words = words
        self.fixes = fixes
        self.now_ms = now_ms
    }

    /// The first ones are words, the others fixes.
    func isWord(_ probe: Int) -> Bool { probe < words }

    /// Orders, routes, and each vehicle on its way.
    func beginning(qos: Int) -> PacketList {
        var packets = PacketList(qos: qos)
        let updated_ms = now_ms - 900_000
        for probe in 0..<count {
            packets.append(
                topic: topic("dispatch/orders/O-", probe),
                payload: json { out in
                    out.append(ascii: "{\"updated\":")
                    out.append(decimal: updated_ms)
                    out.append(ascii: ",\"place\":")
                    Self.append(place(probe, 5000), to: &out)
                    out.append(ascii: ",\"items\":[{\"product\":\"LPG-20\",\"quantity\":1}]}")
                })
            packets.append(
                topic: topic("dispatch/routes/R-", probe),
                payload: json { out in
                    out.append(ascii: "{\"updated\":")
                    out.append(decimal: updated_ms)
                    out.append(ascii: ",\"vehicle\":\"truck-p")
                    out.append(decimal: Int64(probe))
                    out.append(ascii: "\",\"depot\":")
                    Self.append(place(probe, 0), to: &out)
                    out.append(ascii: ",\"stops\":[{\"stop\":\"probe-")
                    out.append(decimal: Int64(probe))
                    out.append(ascii: "\",\"order\":\"O-")
                    out.append(decimal: Int64(probe))
                    out.append(ascii: "\"}]}")
                })
            // Out of the depot at 36 km/h.
            for step in 0..<6 {
                appendFix(
                    probe, metres: Double(step) * 300, time_ms: now_ms - 600_000 + Int64(step) * 30_000, to: &packets)
            }
        }
        return packets
    }

    /// What happens to a stop.
    func append(_ probe: Int, to packets: inout PacketList) {
        guard isWord(probe) else { return appendFix(probe, metres: 4000, time_ms: now_ms - 150_000, to: &packets) }
        packets.append(
            topic: topic("vehicles/truck-p", probe, "/driver"),
            payload: json { out in
                out.append(ascii: "{\"action\":\"delivered\",\"stop\":\"probe-")
                out.append(decimal: Int64(probe))
                out.append(ascii: "\",\"time\":")
                out.append(decimal: now_ms - 100_000)
                out.append(
                    ascii: ",\"proof\":{\"recipient\":\"Lin\"},\"items\":[{\"product\":\"LPG-20\",\"quantity\":1}]}")
            })
    }

    private func appendFix(_ probe: Int, metres: Double, time_ms: Int64, to packets: inout PacketList) {
        let at = place(probe, metres)
        packets.append(
            topic: topic("vehicles/truck-p", probe, "/telemetry"),
            payload: json { out in
                out.append(ascii: "{\"time\":")
                out.append(decimal: time_ms)
                out.append(ascii: ",")
                Self.members(at, to: &out)
                out.append(ascii: ",\"speed_kmh\":36,\"accuracy_m\":5}")
            })
    }

    private func topic(_ name: StaticString, _ probe: Int, _ end: StaticString = "") -> [UInt8] {
        json { out in
            out.append(ascii: "fleets/bench/")
            out.append(ascii: name)
            out.append(decimal: Int64(probe))
            out.append(ascii: end)
        }
    }

    private func json(_ write: (inout [UInt8]) -> Void) -> [UInt8] {
        var out: [UInt8] = []
        write(&out)
        return out
    }

    /// So many metres east of a probe's depot; depots are 100 m apart.
    private func place(_ probe: Int, _ metres: Double) -> (latitude: Double, longitude: Double) {
        (24.8 - Double(probe) * 0.001, 121.2 + metres / 101_000)
    }

    private static func append(_ place: (latitude: Double, longitude: Double), to out: inout [UInt8]) {
        out.append(ascii: "{")
        members(place, to: &out)
        out.append(ascii: "}")
    }

    private static func members(_ place: (latitude: Double, longitude: Double), to out: inout [UInt8]) {
        out.append(ascii: "\"lat\":")
        out.append(fixed: Int64(place.latitude * 1e7), decimals: 7)
        out.append(ascii: ",\"lon\":")
        out.append(fixed: Int64(place.longitude * 1e7), decimals: 7)
    }
}
