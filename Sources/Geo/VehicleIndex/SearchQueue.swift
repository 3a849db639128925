/// A node, a block (level 0) or the run of a cell (level -1) that a search may have to visit.
struct SearchStep {
    /// Lower bound of the square (``SphereSearch``) to all that is in it.
    var bound: Double
    var node: Int32
    /// Its south-west cell.
    var corner: VehicleCell
    var level: Int

    func bounded(by bound: Double) -> SearchStep {
        var step = self
        step.bound = bound
        return step
    }
}

/// A binary heap with the least bound first.
struct SearchQueue {
    private var steps: ContiguousArray<SearchStep> = []

    mutating func push(_ step: SearchStep) {
        steps.append(step)
        var i = steps.count - 1
        while i > 0, steps[i].bound < steps[(i - 1) / 2].bound {
            steps.swapAt(i, (i - 1) / 2)
            i = (i - 1) / 2
        }
    }

    mutating func pop() -> SearchStep? {
        guard let first = steps.first else { return nil }
        let last = steps.removeLast()
        if steps.isEmpty { return first }
        steps[0] = last
        var i = 0
        while true {
            var least = i
            var child = 2 * i + 1
            let last = min(child + 1, steps.count - 1)
            while child <= last {
                if steps[child].bound < steps[least].bound { least = child }
                child += 1
            }
            if least == i { return first }
            steps.swapAt(i, least)
            i = least
        }
    }
}
