import Geo
import Wire

/// A question for the vehicles that could take an order soonest, asked on `dispatch/queries/{id}`:
///
///     {"suitable": {"lat": 25.04, "lon": 121.53, "k": 5, "quantity": 4, "hazmat": true}}
struct SuitableQuery: Sendable, Equatable {
    var place: DispatchPlace
    /// The most vehicles that the answer may name.
    var count: Int
    var quantity: Int64
    var isHazmat: Bool

    /// Nil for another query.
    init?(_ payload: Span<UInt8>) throws(Query.Problem) {
        guard let node = try? JSONNode.parse(payload), let value = node["suitable"] else { return nil }
        let known = ["lat", "lon", "k", "quantity", "hazmat"]
        guard let members = value.object, node.object?.count == 1 else {
            throw Query.Problem(detail: "suitable is an object, and stands alone", offset: value.offset)
        }
        for member in members where !known.contains(member.key) {
            let detail = "unknown key 'suitable.\(member.key)'; known are \(known.joined(separator: ", "))"
            throw Query.Problem(detail: detail, offset: member.keyOffset)
        }
        let coordinate = try Query.coordinate(value)
        place = DispatchPlace(
            latitude_e7: Int32((coordinate.latitude * 1e7).rounded()),
            longitude_e7: Int32((coordinate.longitude * 1e7).rounded()))
        count = 5
        if let node = value["k"] { count = try Query.integer(node, "suitable.k", 1...100) }
        quantity = 0
        if let node = value["quantity"] {
            quantity = Int64(try Query.integer(node, "suitable.quantity", 0...1_000_000))
        }
        isHazmat = value["hazmat"]?.bool ?? false
    }
}
