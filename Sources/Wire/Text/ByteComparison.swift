/// Whether the bytes of `text` from `start` on begin with all of `part`; there must be as many, `start + part.count` at
/// most `text.count`. A word at a time; the last one overlaps the one before it.
@inlinable @inline(__always)
package func hasBytes(_ part: Span<UInt8>, in text: Span<UInt8>, at start: Int) -> Bool {
    let count = part.count
    precondition(start >= 0 && start <= text.count - count, "there are not as many bytes to compare")
    func equal<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _: T.Type) -> Bool {
        text.bytes.unsafeLoadUnaligned(fromByteOffset: start + offset, as: T.self)
            == part.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
    }
    if count >= 8 {
        var offset = 0
        while offset < count - 8 {
            if !equal(offset, UInt64.self) { return false }
            offset += 8
        }
        return equal(count - 8, UInt64.self)
    }
    if count >= 4 { return equal(0, UInt32.self) && equal(count - 4, UInt32.self) }
    for offset in 0..<count where text[start + offset] != part[offset] { return false }
    return true
}
