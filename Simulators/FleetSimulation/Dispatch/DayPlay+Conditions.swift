import Glibc
import Wire

extension DayPlay {
    /// The corners of the shape that dispatch draws round a slow part of the city.
    private static let corners = 12

    /// Draws where traffic is slow and what is closed, and has dispatch tell so when it begins and take it back at the end.
    mutating func drawConditions(from_s: Double, to_s: Double, random: inout RandomSource) {
        let work = setting.dispatch.work
        let span_s = to_s - from_s
        for number in 0..<(work.trafficAreas + work.closures) {
            let isClosed = number >= work.trafficAreas
            let customer = setting.book.customers[random.integer(0...(setting.book.customers.count - 1))]
            let centre = setting.world.network.position[customer.place.node]
            let begin_s = from_s + span_s * random.uniform(0.05...0.3)
            let area = TrafficArea(
                id: "\(isClosed ? "closure" : "traffic")-\(prefix)-\(number + 1)", centre: centre,
                radius_m: isClosed ? random.uniform(120...250) : random.uniform(1_000...2_000), from_s: begin_s,
                to_s: begin_s + span_s * random.uniform(0.2...0.4),
                speedFactor: isClosed ? 0.2 : (random.uniform(0.4...0.7) * 20).rounded() / 20, isClosed: isClosed,
                kind: isClosed ? "closure" : "traffic")
            traffic.areas.append(area)
            detours.append(nil)
            let topic = "dispatch/conditions/\(area.id)"
            send(.condition, at: area.from_s, topic: topic, conditionPayload(area))
            send(.condition, at: area.to_s, topic: topic, [])
        }
    }

    /// A GeoJSON feature: a polygon round slow traffic, a point with a radius for a closure.
    private func conditionPayload(_ area: TrafficArea) -> [UInt8] {
        let geometry = ObjectWriter.object { geometry in
            if area.isClosed {
                geometry.add("type", "Point")
                geometry.add("coordinates", json: coordinates(area.centre))
            } else {
                var ring = (0..<Self.corners).map { corner in
                    let angle = Double(corner) / Double(Self.corners) * 2 * .pi
                    return coordinates(
                        PlanePoint(
                            x_m: area.centre.x_m + area.radius_m * cos(angle),
                            y_m: area.centre.y_m + area.radius_m * sin(angle)))
                }
                ring.append(ring[0])
                geometry.add("type", "Polygon")
                geometry.add("coordinates", array: [Self.jsonArray(ring)])
            }
        }
        return ObjectWriter.object { feature in
            feature.add("type", "Feature")
            feature.add("geometry", json: geometry)
            feature.add("properties") { properties in
                properties.add("kind", area.kind)
                if area.isClosed { properties.add("radius_m", area.radius_m, decimals: 0) }
                properties.add("speed_factor", area.speedFactor, decimals: 2)
                properties.add("closed", area.isClosed)
                properties.add("from", time_ms: time_ms(area.from_s))
                properties.add("to", time_ms: time_ms(area.to_s))
            }
        }
    }

    static func jsonArray(_ elements: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: element)
        }
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }

    /// Longitude and latitude with six decimals (0.1 m), as GeoJSON has them.
    func coordinates(_ point: PlanePoint) -> [UInt8] {
        let plane = setting.world.plane
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        bytes.append(fixed: Int64((plane.longitude_deg(of: point) * 1e6).rounded()), decimals: 6)
        bytes.append(UInt8(ascii: ","))
        bytes.append(fixed: Int64((plane.latitude_deg(of: point) * 1e6).rounded()), decimals: 6)
        bytes.append(UInt8(ascii: "]"))
        return bytes
    }
}
