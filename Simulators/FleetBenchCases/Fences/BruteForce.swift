import Geo

/// The baseline and the judge of the results: every fence's box, and then every edge. Knows nothing of the index; polygons are
/// decided by an arithmetic of its own, without rounding where that could matter.
struct BruteForce {
    private struct Item {
        var west: Double
        var south: Double
        var east: Double
        var north: Double
    }

    private let fences: [Geofence]
    private let boxes: [Item]

    init(_ fences: [Geofence]) {
        self.fences = fences
        boxes = fences.map { fence in
            guard fence.shape.kind == .polygon else { return Item(west: -180, south: -90, east: 180, north: 90) }
            var box = Item(west: .infinity, south: .infinity, east: -.infinity, north: -.infinity)
            for vertex in fence.shape.vertices {
                box.west = min(box.west, vertex.longitude)
                box.east = max(box.east, vertex.longitude)
                box.south = min(box.south, vertex.latitude)
                box.north = max(box.north, vertex.latitude)
            }
            return box
        }
    }

    /// The numbers of the fences that contain the position, ascending.
    func containing(_ p: Coordinate, into result: inout [Int32]) {
        for i in boxes.indices {
            let box = boxes[i]
            if p.longitude < box.west || p.longitude > box.east || p.latitude < box.south || p.latitude > box.north {
                continue
            }
            let shape = fences[i].shape
            let isInside = shape.kind == .polygon ? BruteForce.polygon(shape, holds: p) : shape.contains(p)
            if isInside { result.append(Int32(i)) }
        }
    }

    /// Even-odd over all rings; outside on an edge.
    private static func polygon(_ shape: Shape, holds p: Coordinate) -> Bool {
        var isInside = false
        for line in 0..<shape.lineCount {
            let start = Int(shape.lineStarts[line])
            let end = Int(shape.lineStarts[line + 1]) - 1
            for edge in start..<max(start, end) {
                let a = shape.vertices[edge]
                let b = shape.vertices[edge + 1]
                if max(a.latitude, b.latitude) < p.latitude || min(a.latitude, b.latitude) > p.latitude { continue }
                let turn = PlainOrientation.sign(a, b, p)
                if turn == 0, min(a.longitude, b.longitude) <= p.longitude,
                    p.longitude <= max(a.longitude, b.longitude)
                {
                    return false
                }
                let isUpward = b.latitude > a.latitude
                if (a.latitude <= p.latitude) != (b.latitude <= p.latitude), isUpward == (turn > 0) {
                    isInside.toggle()
                }
            }
        }
        return isInside
    }
}

/// On which side of a line a position lies, by the six products of the determinant written out.
private enum PlainOrientation {
    static func sign(_ a: Coordinate, _ b: Coordinate, _ c: Coordinate) -> Int {
        let left = (a.longitude - c.longitude) * (b.latitude - c.latitude)
        let right = (a.latitude - c.latitude) * (b.longitude - c.longitude)
        let rough = left - right
        if abs(rough) > 1e-14 * (abs(left) + abs(right)) { return rough > 0 ? 1 : -1 }
        return exact([
            (a.longitude, b.latitude), (-a.longitude, c.latitude), (-c.longitude, b.latitude),
            (-a.latitude, b.longitude), (a.latitude, c.longitude), (c.latitude, b.longitude),
        ])
    }

    /// The sign of a sum of products: each as its rounded value and the exact rest, all summed without rounding into components
    /// that do not overlap (Shewchuk, doi:10.1007/PL00009321).
    private static func exact(_ products: [(Double, Double)]) -> Int {
        var components: [Double] = []
        for (x, y) in products {
            let product = x * y
            for value in [(-product).addingProduct(x, y), product] {
                var carried = value
                for i in components.indices {
                    let sum = carried + components[i]
                    let virtual = sum - carried
                    components[i] = (carried - (sum - virtual)) + (components[i] - virtual)
                    carried = sum
                }
                components.append(carried)
            }
        }
        guard let top = components.last(where: { $0 != 0 }) else { return 0 }
        return top > 0 ? 1 : -1
    }
}
