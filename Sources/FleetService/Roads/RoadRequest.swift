import FleetCore
import Foundation
import FoundationNetworking
import Wire

/// A request as each of the interfaces wants it.
///
/// - OSRM: <https://project-osrm.org/docs/v5.24.0/api/#route-service>
/// - Valhalla: <https://valhalla.github.io/valhalla/api/turn-by-turn/api-reference/>
enum RoadRequest {
    /// The request for the way through these points. Nil where the options hold no URL.
    static func make(_ options: RoadOptions, _ points: [RoadPoint]) -> URLRequest? {
        switch options.kind {
        case .osrm: return URL(string: osrmURL(options, points)).map { request($0, options) }
        case .valhalla:
            guard let url = URL(string: options.url + "/route") else { return nil }
            var request = request(url, options)
            request.httpMethod = "POST"
            request.setValue("application/json", forHTTPHeaderField: "Content-Type")
            request.httpBody = Data(valhallaBody(options, points))
            return request
        }
    }

    private static func request(_ url: URL, _ options: RoadOptions) -> URLRequest {
        var request = URLRequest(url: url)
        request.timeoutInterval = Double(options.timeout_ms) / 1000
        request.setValue("application/json", forHTTPHeaderField: "Accept")
        request.setValue("fleetstream", forHTTPHeaderField: "User-Agent")
        // On a connection that is kept, libcurl sends a request again by itself where the other side has closed it: the
        // budget would not count that one.
        request.setValue("close", forHTTPHeaderField: "Connection")
        return request
    }

    static func osrmURL(_ options: RoadOptions, _ points: [RoadPoint]) -> String {
        var places: [UInt8] = []
        for (index, point) in points.enumerated() {
            if index > 0 { places.append(UInt8(ascii: ";")) }
            places.append(fixed: Int64(point.longitude_e7), decimals: 7)
            places.append(UInt8(ascii: ","))
            places.append(fixed: Int64(point.latitude_e7), decimals: 7)
        }
        return "\(options.url)/route/v1/\(options.profile)/\(String(decoding: places, as: UTF8.self))"
            + "?overview=full&geometries=geojson&annotations=false&steps=false"
    }

    static func valhallaBody(_ options: RoadOptions, _ points: [RoadPoint]) -> [UInt8] {
        var body: [UInt8] = []
        body.append(ascii: #"{"locations":["#)
        for (index, point) in points.enumerated() {
            body.append(ascii: index == 0 ? #"{"lat":"# : #",{"lat":"#)
            body.append(fixed: Int64(point.latitude_e7), decimals: 7)
            body.append(ascii: #","lon":"#)
            body.append(fixed: Int64(point.longitude_e7), decimals: 7)
            body.append(ascii: #","type":"break"}"#)
        }
        body.append(ascii: #"],"costing":"#)
        body.appendJSON(string: options.profile)
        body.append(ascii: #","units":"kilometers","directions_type":"none"}"#)
        return body
    }
}
