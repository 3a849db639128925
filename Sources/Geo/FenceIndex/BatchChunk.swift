import CPlatform

/// What a layer says of a position of a batch.
struct BatchAnswer {
    /// For `inside`: the entry must be looked at as for a single position.
    static let undecided = UInt32.max

    /// Where the slots are of which `inside` speaks, a bit each.
    var slots: UnsafePointer<UInt32>
    var inside: UInt32
    /// A chain whose slots belong to the position as well, 0 for none; or, if undecided, the entry.
    var rest: UInt32
}

/// The steps of a batch, for a chunk of positions at a time: root cells; smaller cells where there are any; leaves, a group of edges of
/// all of them after the other. Each step begins to fetch what the next one reads, and keeps a list of the positions that
/// need it: every position is written to the list, and the list's length grows by whether it belongs there, because a branch
/// that cannot be foreseen costs more. (The idea: Kersten et al., "Everything you always wanted to know about compiled and
/// vectorized queries", doi:10.14778/3275366.3284966.)
struct BatchChunk {
    /// As many positions as keep their leaves in the nearer caches.
    static let size = 64
    /// Cache lines of a leaf that are fetched ahead.
    private static let leafLines = 3

    /// A position in its leaf.
    private struct Task {
        var block: LeafBlock
        var groups: UnsafePointer<UInt32>
        var groupsLeft: Int
        var test: LeafBlock.Test
    }

    let places: UnsafeMutablePointer<GridPlace>
    /// For each layer the answer for each position.
    let answers: UnsafeMutablePointer<BatchAnswer>
    private let entries: UnsafeMutablePointer<UInt32>
    /// Slots of fences that cover the cell alone, for each layer.
    private let singles: UnsafeMutablePointer<UInt32>
    /// Positions that a step has to look at.
    private let list: UnsafeMutablePointer<Int32>
    /// Those of them that are not done with it.
    private let pending: UnsafeMutablePointer<Int32>
    private let tasks: UnsafeMutablePointer<Task>

    /// Room for a chunk, on the stack where it fits.
    static func withMemory(layers: Int, _ body: (BatchChunk) -> Void) {
        withUnsafeTemporaryAllocation(of: GridPlace.self, capacity: size) { places in
            withUnsafeTemporaryAllocation(of: BatchAnswer.self, capacity: size * max(1, layers)) { answers in
                withUnsafeTemporaryAllocation(of: UInt32.self, capacity: size * (1 + max(1, layers))) { words in
                    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * size) { list in
                        withUnsafeTemporaryAllocation(of: Task.self, capacity: size) { tasks in
                            guard let places = places.baseAddress, let answers = answers.baseAddress,
                                let words = words.baseAddress, let list = list.baseAddress,
                                let tasks = tasks.baseAddress
                            else { return }
                            body(BatchChunk(places, answers, words, list, tasks))
                        }
                    }
                }
            }
        }
    }

    private init(
        _ places: UnsafeMutablePointer<GridPlace>, _ answers: UnsafeMutablePointer<BatchAnswer>,
        _ words: UnsafeMutablePointer<UInt32>, _ list: UnsafeMutablePointer<Int32>,
        _ tasks: UnsafeMutablePointer<Task>
    ) {
        self.places = places
        self.answers = answers
        entries = words
        singles = words + BatchChunk.size
        self.list = list
        pending = list + BatchChunk.size
        self.tasks = tasks
    }

    // By arithmetic, because a comparison may be compiled to a branch.

    /// 1 if the two are equal, else 0.
    @inline(__always)
    static func one(if a: UInt32, is b: UInt32) -> Int { Int(truncatingIfNeeded: (UInt64(a ^ b) &- 1) &>> 63) }

    /// 1 for a number above 0, else 0.
    @inline(__always)
    static func one(ifPositive value: Int) -> Int { Int(bitPattern: UInt(bitPattern: 0 &- value) &>> 63) }

    /// Finds the places; positions that are none get one beyond the grid. Returns whether a position lies on ±180.
    @inline(__always)
    func place(_ points: UnsafePointer<Coordinate>, _ count: Int) -> Bool {
        var easternmost = 0.0
        for i in 0..<count {
            let p = points[i]
            let place = GridPlace(p)
            let isValid = p.isValid
            places[i].x = isValid ? place.x : .max
            places[i].y = isValid ? place.y : .max
            let longitude = abs(p.longitude)
            easternmost = longitude > easternmost ? longitude : easternmost
        }
        return easternmost >= 180
    }

    /// Everything that a layer knows of the positions.
    @inline(__always)
    func answer(_ grid: UnsafePointer<FenceGrid>, _ count: Int, _ answers: UnsafeMutablePointer<BatchAnswer>) {
        findEntries(grid, count)
        let leaves = answerWithoutLeaves(count, answers, singles + (answers - self.answers))
        testLeaves(grid, leaves, answers)
    }

    @inline(__always)
    private func findEntries(_ grid: UnsafePointer<FenceGrid>, _ count: Int) {
        for i in 0..<count {
            let place = grid.pointee.rootPlace(places[i])
            entries[i] = UInt32(truncatingIfNeeded: place)
            platform_prefetch(grid.pointee.root + place)
        }
        var open = 0
        for i in 0..<count {
            let entry = grid.pointee.root[Int(entries[i])]
            entries[i] = entry
            list[open] = Int32(truncatingIfNeeded: i)
            open &+= BatchChunk.one(if: GridEntry.tag(entry), is: GridEntry.children)
            fetch(grid, entry)
        }
        var shift = grid.pointee.rootShift
        while open > 0 {
            shift &-= 2
            var still = 0
            for k in 0..<open {
                let i = Int(list[k])
                let entry = grid.pointee.blocks[grid.pointee.childPlace(entries[i], places[i], shift: shift)]
                entries[i] = entry
                list[still] = Int32(truncatingIfNeeded: i)
                still &+= BatchChunk.one(if: GridEntry.tag(entry), is: GridEntry.children)
                fetch(grid, entry)
            }
            open = still
        }
    }

    /// Begins to fetch the leaf or block that an entry leads to. (What it leads to otherwise is fetched as well: cheaper than a branch.)
    @inline(__always)
    private func fetch(_ grid: UnsafePointer<FenceGrid>, _ entry: UInt32) {
        let isBlock = GridEntry.tag(entry) == GridEntry.children
        let index = UInt(GridEntry.index(entry))
        let leaf = UInt(bitPattern: grid.pointee.leaves) &+ index &* UInt(4 * FenceGrid.leafUnit)
        let block = UInt(bitPattern: grid.pointee.blocks) &+ index &* 64
        let address = UnsafeRawPointer(bitPattern: isBlock ? block : leaf)
        for line in 0..<BatchChunk.leafLines { platform_prefetch(address.map { $0 + line &* 64 }) }
    }

    /// The answers of entries that are no leaves; the others are listed, and their number returned.
    @inline(__always)
    private func answerWithoutLeaves(
        _ count: Int, _ answers: UnsafeMutablePointer<BatchAnswer>, _ singles: UnsafeMutablePointer<UInt32>
    ) -> Int {
        var leaves = 0
        for i in 0..<count {
            let entry = entries[i]
            let tag = GridEntry.tag(entry)
            let index = UInt32(truncatingIfNeeded: GridEntry.index(entry))
            singles[i] = index
            // A single answer reads no other slot than the first.
            answers[i] = BatchAnswer(
                slots: UnsafePointer(singles + i),
                inside: UInt32(truncatingIfNeeded: BatchChunk.one(if: tag, is: GridEntry.single)),
                rest: index &* UInt32(truncatingIfNeeded: BatchChunk.one(if: tag, is: GridEntry.covered)))
            list[leaves] = Int32(truncatingIfNeeded: i)
            leaves &+= BatchChunk.one(if: tag, is: GridEntry.leaf)
        }
        return leaves
    }

    @inline(__always)
    private func testLeaves(
        _ grid: UnsafePointer<FenceGrid>, _ count: Int, _ answers: UnsafeMutablePointer<BatchAnswer>
    ) {
        var open = 0
        for k in 0..<count {
            let i = Int(list[k])
            let block = grid.pointee.leaf(entries[i])
            let (u, v) = places[i].ticks(shift: block.shift)
            block.fetch(fromLine: BatchChunk.leafLines)
            tasks[i] = Task(
                block: block, groups: block.groups, groupsLeft: block.groupCount, test: LeafBlock.Test(u: u, v: v))
            pending[open] = Int32(truncatingIfNeeded: i)
            open &+= BatchChunk.one(ifPositive: block.groupCount)
        }
        while open > 0 {
            var still = 0
            for k in 0..<open {
                let i = Int(pending[k])
                let task = tasks + i
                task.pointee.test.add(LeafBlock.Group(task.pointee.groups))
                task.pointee.groups += LeafBlock.groupWords
                task.pointee.groupsLeft &-= 1
                pending[still] = Int32(truncatingIfNeeded: i)
                still &+= BatchChunk.one(ifPositive: task.pointee.groupsLeft)
            }
            open = still
        }
        for k in 0..<count {
            let i = Int(list[k])
            let block = tasks[i].block
            let (inside, doubt) = tasks[i].test.result(block)
            let isDecided = doubt == 0 && !block.hasMore
            answers[i] = BatchAnswer(
                slots: block.words + LeafBlock.headerWords, inside: isDecided ? inside : BatchAnswer.undecided,
                rest: isDecided ? UInt32(truncatingIfNeeded: block.chain) : entries[i])
        }
    }
}
