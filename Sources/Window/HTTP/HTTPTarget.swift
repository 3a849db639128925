/// The target of a request line, taken apart: `/api/vehicles?limit=10`.
struct HTTPTarget: Equatable {
    var path: [String] = []
    var parameters: [HTTPRequest.Parameter] = []

    /// Refused are all but the plain form that begins with a slash, bytes that a URL cannot have, percent signs without
    /// two digits, what is no UTF-8 or has control characters when decoded, empty segments, `.` and `..`.
    init(_ target: ArraySlice<UInt8>, parameters_max: Int) throws(HTTPRefusal) {
        guard target.first == UInt8(ascii: "/") else {
            throw HTTPRefusal(.badRequest, "the target must begin with a slash")
        }
        for byte in target where byte <= 0x20 || byte >= 0x7F {
            throw HTTPRefusal(.badRequest, "the target has a byte that must be percent-encoded")
        }
        let question = target.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        try readPath(target[..<question])
        if question < target.endIndex { try readParameters(target[(question + 1)...], most: parameters_max) }
    }

    private mutating func readPath(_ bytes: ArraySlice<UInt8>) throws(HTTPRefusal) {
        if bytes.count == 1 { return }
        for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            let segment = try Self.decoded(part, plusIsSpace: false)
            if segment.isEmpty || segment == "." || segment == ".." {
                throw HTTPRefusal(.badRequest, "the path has a part that is empty or made of dots")
            }
            path.append(segment)
        }
    }

    private mutating func readParameters(_ bytes: ArraySlice<UInt8>, most: Int) throws(HTTPRefusal) {
        for part in bytes.split(separator: UInt8(ascii: "&")) {
            guard parameters.count < most else {
                throw HTTPRefusal(.badRequest, "there are more than \(most) parameters")
            }
            let equals = part.firstIndex(of: UInt8(ascii: "=")) ?? part.endIndex
            parameters.append(
                HTTPRequest.Parameter(
                    name: try Self.decoded(part[..<equals], plusIsSpace: true),
                    value: try Self.decoded(part[equals...].dropFirst(), plusIsSpace: true)))
        }
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPRefusal) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            var byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "%") {
                guard bytes.endIndex - index >= 2, let high = hexValue(bytes[index]),
                    let low = hexValue(bytes[index + 1])
                else { throw HTTPRefusal(.badRequest, "a percent sign needs two hexadecimal digits") }
                byte = high << 4 | low
                index += 2
            } else if plusIsSpace, byte == UInt8(ascii: "+") {
                byte = 0x20
            }
            guard byte >= 0x20, byte != 0x7F else {
                throw HTTPRefusal(.badRequest, "the target has an encoded control character")
            }
            result.append(byte)
        }
        guard let text = String(validating: result, as: UTF8.self) else {
            throw HTTPRefusal(.badRequest, "the target is not UTF-8")
        }
        return text
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
