import FleetCore
import Wire

/// The answers of Valhalla's route action.
enum ValhallaResponse {
    /// "Locations are in unconnected regions", "No suitable edges near location", "No path could be found for input".
    private static let noRouteCodes: Set<Double> = [170, 171, 442]

    static func outcome(
        _ document: JSONNode, isSuccess: Bool, status: Int, points: Int
    ) -> RoadMachine.Outcome {
        guard let trip = document["trip"] else {
            let words = document["error"]?.string ?? "the router answered \(status)"
            if let code = document["error_code"]?.number {
                let isNoRoute = noRouteCodes.contains(code)
                return .no(RoadFailure(isNoRoute ? .noRoute : .refused, words))
            }
            return isSuccess ? RoadResponse.invalid("the answer has no trip") : .no(RoadFailure(.refused, words))
        }
        if let code = trip["status"]?.number, code != 0 {
            let words = trip["status_message"]?.string ?? "status \(code)"
            return .no(RoadFailure(noRouteCodes.contains(code) ? .noRoute : .refused, words))
        }
        // Kilometres were asked for; a server that has its own mind says so.
        let unit_m = trip["units"]?.string == "miles" ? 1609.344 : 1000
        guard let nodes = trip["legs"]?.array, let whole = trip["summary"].flatMap({ leg($0, unit_m) }) else {
            return RoadResponse.invalid("the trip lacks summary or legs")
        }
        var legs: [RoadAnswer.Leg] = []
        var path: [RoadPoint] = []
        for node in nodes {
            guard let leg = node["summary"].flatMap({ leg($0, unit_m) }), let shape = node["shape"]?.string,
                let line = Polyline.decode(Array(shape.utf8).span, points_max: RoadAnswer.path_max)
            else { return RoadResponse.invalid("a leg lacks summary or shape") }
            legs.append(leg)
            // A leg begins where the one before it ended.
            path += line.first == path.last ? line.dropFirst() : line[...]
            if path.count > RoadAnswer.path_max { break }
        }
        // Where nothing is to be driven, the line is a point.
        if path.count == 1 { path.append(path[0]) }
        let answer = RoadAnswer(
            source: .valhalla, distance_m: whole.distance_m, duration_s: whole.duration_s, legs: legs, path: path)
        return RoadResponse.checked(answer, points: points)
    }

    private static func leg(_ summary: JSONNode, _ unit_m: Double) -> RoadAnswer.Leg? {
        guard let length = summary["length"]?.number, let time_s = summary["time"]?.number else { return nil }
        return RoadAnswer.Leg(distance_m: length * unit_m, duration_s: time_s)
    }
}
