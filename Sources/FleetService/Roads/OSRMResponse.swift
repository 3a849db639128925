import FleetCore
import Wire

/// The answers of OSRM's route service.
enum OSRMResponse {
    static func outcome(
        _ document: JSONNode, isSuccess: Bool, status: Int, points: Int
    ) -> RoadMachine.Outcome {
        guard let code = document["code"]?.string else {
            if !isSuccess { return .no(RoadFailure(.refused, "the router answered \(status)")) }
            return RoadResponse.invalid("the answer has no code")
        }
        guard code == "Ok" else {
            let message = document["message"]?.string.map { ": \($0)" } ?? ""
            let isNoRoute = code == "NoRoute" || code == "NoSegment"
            return .no(RoadFailure(isNoRoute ? .noRoute : .refused, code + message))
        }
        guard let route = document["routes"]?.array?.first, let distance_m = route["distance"]?.number,
            let duration_s = route["duration"]?.number, let legs = legs(route), let path = path(route)
        else { return RoadResponse.invalid("the answer lacks a route with distance, duration, legs and geometry") }
        let answer = RoadAnswer(
            source: .osrm, distance_m: distance_m, duration_s: duration_s, legs: legs, path: path)
        return RoadResponse.checked(answer, points: points)
    }

    private static func legs(_ route: JSONNode) -> [RoadAnswer.Leg]? {
        guard let nodes = route["legs"]?.array else { return nil }
        var legs: [RoadAnswer.Leg] = []
        for node in nodes {
            guard let distance_m = node["distance"]?.number, let duration_s = node["duration"]?.number else {
                return nil
            }
            legs.append(RoadAnswer.Leg(distance_m: distance_m, duration_s: duration_s))
        }
        return legs
    }

    /// GeoJSON's LineString.
    private static func path(_ route: JSONNode) -> [RoadPoint]? {
        guard let nodes = route["geometry"]?["coordinates"]?.array else { return nil }
        var path: [RoadPoint] = []
        path.reserveCapacity(nodes.count)
        for node in nodes {
            guard let pair = node.array, pair.count >= 2, let longitude = pair[0].number, let latitude = pair[1].number,
                let point = RoadPoint(latitude: latitude, longitude: longitude)
            else { return nil }
            path.append(point)
        }
        return path
    }
}
