import CPlatform

/// Elements by slot that are changed in place: a growing array without what an array must do with every access (whether it
/// is shared, whether the index is in range), because a vehicle is touched some fifty times with each of its reports.
struct SlotArray<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>
    private(set) var count = 0
    private var capacity = 16

    init() { base = .allocate(capacity: 16) }

    deinit {
        base.deinitialize(count: count)
        base.deallocate()
    }

    var indices: Range<Int> { 0..<count }

    /// The slot must be one that was appended; checked in debug builds.
    subscript(slot: Int) -> Element {
        @inline(__always) unsafeAddress {
            assert(slot >= 0 && slot < count)
            return UnsafePointer(base + slot)
        }
        @inline(__always) unsafeMutableAddress {
            assert(slot >= 0 && slot < count)
            return base + slot
        }
    }

    mutating func append(_ element: consuming Element) {
        if count == capacity {
            capacity *= 2
            let larger = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
            larger.moveInitialize(from: base, count: count)
            base.deallocate()
            base = larger
        }
        (base + count).initialize(to: element)
        count += 1
    }

    /// Begins to fetch the element's cache lines from memory; nothing where there is no such element. Reads nothing, so
    /// that a wrong guess costs only the fetching.
    @inline(__always)
    func prefetch(_ slot: Int) {
        guard slot >= 0, slot < count else { return }
        let address = UnsafeRawPointer(base + slot)
        for line in stride(from: 0, to: MemoryLayout<Element>.stride, by: 64) { platform_prefetch(address + line) }
    }
}
