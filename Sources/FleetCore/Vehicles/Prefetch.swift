import CPlatform

extension ContiguousArray {
    /// Begins to fetch the element's cache lines from memory; nothing where there is no such element. Reads nothing, so
    /// that a wrong guess costs only the fetching.
    @inline(__always)
    func prefetch(_ index: Int) {
        guard indices.contains(index) else { return }
        withUnsafeBufferPointer { elements in
            guard let base = elements.baseAddress else { return }
            let address = UnsafeRawPointer(base + index)
            for line in stride(from: 0, to: MemoryLayout<Element>.stride, by: 64) { platform_prefetch(address + line) }
        }
    }
}

extension Engine {
    /// Begins to fetch what is known of a vehicle.
    @inline(__always)
    func prefetch(slot: Int) { vehicles.prefetch(slot) }
}
