import CPlatform

/// What a layer says of a position of a batch.
struct BatchAnswer {
    /// A state above this: the entry must be looked at as for a single position.
    static let decided: UInt32 = 0xFF

    /// Where the slots are of which `state` speaks.
    var slots: UnsafePointer<UInt32>
    /// A slot, where one fence covers the cell alone.
    var slot: UInt32
    /// A bit for each slot whose fence contains the position; from bit 8 on, whatever leaves that open.
    var state: UInt32
}

/// The steps of a batch, for a chunk of positions at a time: root cells; smaller cells where there are any; leaves, a group of edges of
/// all of them after the other. Each step begins to fetch what the next one reads, and keeps a list of the positions that
/// need it: every position is written to the list, and the list's length grows by whether it belongs there, because a branch
/// that cannot be foreseen costs more. (The idea: Kersten et al., "Everything you always wanted to know about compiled and
/// vectorized queries", doi:10.14778/3275366.3284966.)
struct BatchChunk {
    /// As many positions as keep their leaves in the nearest cache.
    static let size = 128

    /// A position with the place in ``FenceGrid/cells`` that it leads to.
    private struct Step {
        var position: UInt32
        var place: UInt32
    }

    /// A position in a leaf with groups of edges to go.
    private struct Task {
        var groups: UnsafePointer<UInt32>
        var groupsLeft: UInt32
        var position: UInt32
        var u: Int32
        var v: Int32
    }

    let places: UnsafeMutablePointer<GridPlace>
    /// For each layer the answer for each position.
    let answers: UnsafeMutablePointer<BatchAnswer>
    /// Places in the root.
    private let roots: UnsafeMutablePointer<UInt32>
    /// Positions in cells that are divided.
    private let divided: UnsafeMutablePointer<Step>
    /// Positions in leaves.
    private let leaves: UnsafeMutablePointer<Step>
    private let tasks: UnsafeMutablePointer<Task>

    /// Room for a chunk, on the stack where it fits.
    static func withMemory(layers: Int, _ body: (BatchChunk) -> Void) {
        withUnsafeTemporaryAllocation(of: GridPlace.self, capacity: size) { places in
            withUnsafeTemporaryAllocation(of: BatchAnswer.self, capacity: size * max(1, layers)) { answers in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: size) { roots in
                    withUnsafeTemporaryAllocation(of: Step.self, capacity: 2 * size) { steps in
                        withUnsafeTemporaryAllocation(of: Task.self, capacity: size) { tasks in
                            guard let places = places.baseAddress, let answers = answers.baseAddress,
                                let roots = roots.baseAddress, let steps = steps.baseAddress,
                                let tasks = tasks.baseAddress
                            else { return }
                            body(BatchChunk(places, answers, roots, steps, tasks))
                        }
                    }
                }
            }
        }
    }

    private init(
        _ places: UnsafeMutablePointer<GridPlace>, _ answers: UnsafeMutablePointer<BatchAnswer>,
        _ roots: UnsafeMutablePointer<UInt32>, _ steps: UnsafeMutablePointer<Step>,
        _ tasks: UnsafeMutablePointer<Task>
    ) {
        self.places = places
        self.answers = answers
        self.roots = roots
        divided = steps
        leaves = steps + BatchChunk.size
        self.tasks = tasks
    }

    /// Finds the places. Returns whether a position lies on ±180.
    @inline(__always)
    func place(_ points: UnsafePointer<Coordinate>, _ count: Int) -> Bool {
        var easternmost = 0.0
        for i in 0..<count {
            places[i] = GridPlace(points[i])
            let longitude = abs(points[i].longitude)
            easternmost = longitude > easternmost ? longitude : easternmost
        }
        return easternmost >= 180
    }

    /// Everything that a layer knows of the positions.
    @inline(__always)
    func answer(_ grid: FenceGrid, _ count: Int, _ answers: UnsafeMutablePointer<BatchAnswer>) {
        for i in 0..<count {
            let place = grid.rootPlace(places[i])
            roots[i] = UInt32(truncatingIfNeeded: place)
            platform_prefetch(grid.root + place)
        }
        var open = 0
        var leafCount = 0
        for i in 0..<count {
            enter(grid.root[Int(roots[i])], UInt32(truncatingIfNeeded: i), grid, answers, &open, &leafCount)
        }
        var shift = grid.rootShift
        while open > 0 {
            shift &-= 2
            var still = 0
            for k in 0..<open {
                let step = divided[k]
                let entry = grid.child(Int(step.place), places[Int(step.position)], shift: shift)
                enter(entry, step.position, grid, answers, &still, &leafCount)
            }
            open = still
        }
        testLeaves(grid, leafCount, answers)
    }

    /// Notes what an entry says of a position, and begins to fetch what it leads to.
    @inline(__always)
    private func enter(
        _ entry: UInt32, _ position: UInt32, _ grid: FenceGrid, _ answers: UnsafeMutablePointer<BatchAnswer>,
        _ open: inout Int, _ leafCount: inout Int
    ) {
        let index = entry >> 3
        let answer = answers + Int(position)
        // For a leaf this is not the last word.
        answer.pointee.slot = index
        answer.pointee.state = entry >> 2 & 1
        answer.pointee.slots = UnsafeRawPointer(answer).assumingMemoryBound(to: UInt32.self) + 2
        let leads = (entry | entry >> 1) & 1
        let step = Step(position: position, place: index)
        divided[open] = step
        open &+= Int(entry & 1)
        leaves[leafCount] = step
        leafCount &+= Int(entry >> 1 & 1)
        // Where the entry leads to nothing, what is fetched is the first line, which is there already.
        let line = grid.cells + Int(index & (0 &- leads)) &* FenceGrid.unit
        platform_prefetch(line)
        platform_prefetch(line + Int((entry & 4) &<< 2))
    }

    @inline(__always)
    private func testLeaves(_ grid: FenceGrid, _ count: Int, _ answers: UnsafeMutablePointer<BatchAnswer>) {
        var open = 0
        for k in 0..<count {
            let step = leaves[k]
            let block = grid.leaf(at: Int(step.place))
            let (u, v) = places[Int(step.position)].ticks(shift: block.shift)
            let groups = block.groups
            let groupsLeft = UInt32(truncatingIfNeeded: block.groupCount &- 1)
            if groupsLeft > 2 { block.fetchRest() }
            var test = LeafBlock.Test(u: u, v: v)
            test.add(LeafBlock.Group(groups))
            let found = test.folded()
            let answer = answers + Int(step.position)
            answer.pointee.slots = block.words + LeafBlock.headerWords
            answer.pointee.state = block.words[2] ^ found.crossed | found.unclear &<< 8 | block.more &<< 16
            tasks[open] = Task(
                groups: groups + LeafBlock.groupWords, groupsLeft: groupsLeft, position: step.position, u: u, v: v)
            // The sign of the negative number.
            open &+= Int((0 &- groupsLeft) >> 31)
        }
        while open > 0 {
            var still = 0
            for k in 0..<open {
                var task = tasks[k]
                var test = LeafBlock.Test(u: task.u, v: task.v)
                test.add(LeafBlock.Group(task.groups))
                let found = test.folded()
                let answer = answers + Int(task.position)
                answer.pointee.state = answer.pointee.state ^ found.crossed | found.unclear &<< 8
                task.groups += LeafBlock.groupWords
                task.groupsLeft &-= 1
                tasks[still] = task
                still &+= Int((0 &- task.groupsLeft) >> 31)
            }
            open = still
        }
    }
}
