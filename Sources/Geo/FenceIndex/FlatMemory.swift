import CPlatform
import Glibc

/// A growing run of 32-bit words, handed over as a ``FlatBlock`` when it is complete.
///
/// Up to 2 MB it is ordinary memory. Beyond that it is a reservation of address space that is filled from its start, so that
/// growing copies nothing, and lies in huge pages, so that looking up positions all over a country does not miss the
/// translation buffer each time.
struct FlatMemory: ~Copyable {
    /// As far as the entries of the index reach: 2²⁹ positions of 16 bytes.
    private static let reservation_bytes = 1 << 33
    private static let hugePage_bytes = 1 << 21

    private var block: FlatBlock
    private(set) var count = 0
    private var room: Int

    init(room: Int = 256) {
        self.room = max(16, room)
        block = FlatBlock(allocating: self.room)
    }

    deinit { block.free() }

    var words: UnsafeMutablePointer<UInt32> { block.words }

    /// Appends words, which the caller fills in, and returns the number of the first. Amortised O(more).
    mutating func append(_ more: Int) -> Int {
        if count + more > room { grow(to: max(count + more, 2 * room)) }
        let first = count
        count += more
        return first
    }

    mutating func append(word: UInt32) {
        let place = append(1)
        words[place] = word
    }

    /// Hands over the memory, cut to its length.
    consuming func finish() -> FlatBlock {
        var block = block
        let count = count
        discard self
        block.cut(to: count)
        return block
    }

    private mutating func grow(to wanted: Int) {
        var larger: FlatBlock
        if wanted * 4 >= FlatMemory.hugePage_bytes,
            let reserved = FlatBlock(reserving: FlatMemory.reservation_bytes, alignment: FlatMemory.hugePage_bytes)
        {
            larger = reserved
            room = FlatMemory.reservation_bytes / 4
        } else {
            larger = FlatBlock(allocating: wanted)
            room = wanted
        }
        larger.words.update(from: block.words, count: count)
        block.free()
        block = larger
    }
}

/// Memory that someone must free once; a plain value, so that a class can keep it as a constant.
struct FlatBlock {
    private(set) var words: UnsafeMutablePointer<UInt32>
    /// The mapping's length; 0 for ordinary memory.
    private var mapped_bytes = 0

    /// Ordinary memory that starts a cache line.
    init(allocating count: Int) {
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 64, max(16, count) * 4) == 0, let memory else {
            fatalError("there is no memory for the fence index")
        }
        words = memory.bindMemory(to: UInt32.self, capacity: max(16, count))
    }

    /// Address space; nil where the system does not give any ahead of its use.
    init?(reserving bytes: Int, alignment: Int) {
        let access = PROT_READ | PROT_WRITE
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let start = mmap(nil, bytes + alignment, access, flags, -1, 0), start != MAP_FAILED else { return nil }
        let before = (alignment - Int(bitPattern: start) & (alignment - 1)) & (alignment - 1)
        if before > 0 { munmap(start, before) }
        let aligned = start + before
        if before < alignment { munmap(aligned + bytes, alignment - before) }
        madvise(aligned, bytes, MADV_HUGEPAGE)
        words = aligned.bindMemory(to: UInt32.self, capacity: bytes / 4)
        mapped_bytes = bytes
    }

    /// Gives back what lies behind the first `count` words.
    mutating func cut(to count: Int) {
        if mapped_bytes == 0 {
            let exact = FlatBlock(allocating: count)
            exact.words.update(from: words, count: count)
            free()
            self = exact
            return
        }
        let needed_bytes = max(4096, (count * 4 + 4095) & ~4095)
        if needed_bytes < mapped_bytes {
            munmap(UnsafeMutableRawPointer(words) + needed_bytes, mapped_bytes - needed_bytes)
            mapped_bytes = needed_bytes
        }
    }

    func free() {
        if mapped_bytes > 0 { munmap(words, mapped_bytes) } else { Glibc.free(words) }
    }
}
