/// A growing run of plain values that it owns, outside of any array: reading and writing check and count nothing.
///
/// Up to 2 MB it is ordinary memory that starts a cache line; beyond that it lies in huge pages, so that looking up vehicles in
/// any order does not miss the translation buffer each time.
struct GrowingMemory<Element: BitwiseCopyable>: ~Copyable {
    private static var hugePage_bytes: Int { 1 << 21 }

    private(set) var elements: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var room: Int
    private var block: FlatBlock

    /// - Parameter room: for how many elements there is memory at first.
    init(room: Int) {
        block = FlatBlock(allocating: GrowingMemory.words(room))
        elements = GrowingMemory.pointer(block)
        self.room = room
    }

    deinit { block.free() }

    @inline(__always)
    subscript(index: Int) -> Element {
        get { elements[index] }
        nonmutating set { elements[index] = newValue }
    }

    /// Appends copies of a value and returns the place of the first. Amortised O(more).
    mutating func append(repeating value: Element, count more: Int) -> Int {
        if count + more > room { grow(to: max(count + more, 2 * room)) }
        let first = count
        (elements + first).initialize(repeating: value, count: more)
        count += more
        return first
    }

    @inline(never)
    private mutating func grow(to wanted: Int) {
        let bytes = wanted * MemoryLayout<Element>.stride
        let whole = (bytes + GrowingMemory.hugePage_bytes - 1) & ~(GrowingMemory.hugePage_bytes - 1)
        let larger: FlatBlock
        if bytes >= GrowingMemory.hugePage_bytes,
            let reserved = FlatBlock(reserving: whole, alignment: GrowingMemory.hugePage_bytes)
        {
            larger = reserved
            room = whole / MemoryLayout<Element>.stride
        } else {
            larger = FlatBlock(allocating: GrowingMemory.words(wanted))
            room = wanted
        }
        let moved = GrowingMemory.pointer(larger)
        moved.update(from: elements, count: count)
        block.free()
        block = larger
        elements = moved
    }

    private static func words(_ count: Int) -> Int { (count * MemoryLayout<Element>.stride + 3) / 4 }

    private static func pointer(_ block: FlatBlock) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer(block.words).assumingMemoryBound(to: Element.self)
    }
}
