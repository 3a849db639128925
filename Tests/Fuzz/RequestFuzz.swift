// The libFuzzer target of the window's request parser: see run.sh. Compiled together with the parser's sources.

func require(_ condition: Bool, _ promise: String) {
    if !condition { fatalError("broken promise: \(promise)") }
}

/// Reads the input in one piece, byte by byte and in pieces that the input's first bytes choose, and checks that all give
/// the same, and what must hold of every request that comes out.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let whole = read(bytes, sizes: [max(1, bytes.count)])
    require(read(bytes, sizes: [1]) == whole, "byte by byte gives the same")
    require(read(bytes, sizes: bytes.prefix(8).map { Int($0 % 16) + 1 }) == whole, "pieces give the same")
    for progress in whole {
        if case .request(let request) = progress { check(request) }
    }
    return 0
}

/// All requests of the bytes, and the refusal where there is one. The sizes of the pieces repeat.
func read(_ bytes: [UInt8], sizes: [Int]) -> [HTTPRequestParser.Progress] {
    var parser = HTTPRequestParser()
    var results: [HTTPRequestParser.Progress] = []
    var start = 0
    var turn = 0
    while start < bytes.count {
        let size = sizes.isEmpty ? 1 : sizes[turn % sizes.count]
        turn += 1
        let piece = Array(bytes[start..<min(bytes.count, start + size)])
        start += piece.count
        var position = 0
        while position < piece.count {
            let before = position
            let progress = parser.parse(piece, &position)
            require(position > before && position <= piece.count, "every call reads on, and within the bytes")
            if progress == .needsMore {
                require(position == piece.count, "more is wanted only where all is read")
                continue
            }
            results.append(progress)
            if case .refused = progress { return results }
        }
    }
    return results
}

func check(_ request: HTTPRequest) {
    for segment in request.path {
        require(!segment.isEmpty && segment != "." && segment != "..", "a path does not climb")
        require(!segment.utf8.contains { $0 < 0x20 || $0 == 0x7F }, "a path has no control characters")
    }
    for parameter in request.parameters {
        let bytes = Array(parameter.name.utf8) + Array(parameter.value.utf8)
        require(!bytes.contains { $0 < 0x20 || $0 == 0x7F }, "a parameter has no control characters")
    }
    for header in request.headers {
        require(!header.name.isEmpty && header.name.allSatisfy(\.isTokenByte), "a header has a name")
        require(!header.value.contains { $0 == 0x0D || $0 == 0x0A || $0 == 0 }, "a value is one line")
    }
    let limits = HTTPLimits()
    require(request.headers.count <= limits.headers_max, "headers are limited")
    require(request.parameters.count <= limits.parameters_max, "parameters are limited")
}
