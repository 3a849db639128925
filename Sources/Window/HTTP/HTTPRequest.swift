/// A request that was read to its end. Nothing in it has a control byte, an invalid percent sign or invalid UTF-8, and no
/// segment of the path is `.` or `..`.
package struct HTTPRequest: Sendable, Equatable {
    package enum Method: Sendable {
        case get
        case head
    }

    package var method = Method.get
    /// The parts between the slashes, decoded; none for `/`.
    package var path: [String] = []
    /// What stands behind the question mark, decoded, in order.
    package var parameters: [Parameter] = []
    package var headers: [Header] = []
    /// Whether the connection may carry another request.
    package var keepsAlive = true

    package struct Parameter: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package struct Header: Sendable, Equatable {
        /// In lower case.
        package var name: [UInt8]
        /// Without the white space around it.
        package var value: [UInt8]
    }

    package init() {}

    /// The value of a header, by its name in lower case; the first of several.
    package func header(_ name: StaticString) -> [UInt8]? {
        headers.first { $0.name.equals(name) }?.value
    }

    /// The value of a parameter; nil where it is missing or empty.
    package func parameter(_ name: String) -> String? {
        parameters.first { $0.name.utf8.elementsEqual(name.utf8) && !$0.value.isEmpty }?.value
    }
}

extension Collection<UInt8> {
    /// Whether these are the bytes of a literal.
    func equals(_ literal: StaticString) -> Bool {
        literal.withUTF8Buffer { elementsEqual($0) }
    }

    /// The same, where capital letters of ASCII count as small ones. The literal is in small letters.
    func equalsIgnoringCase(_ literal: StaticString) -> Bool {
        literal.withUTF8Buffer { buffer in elementsEqual(buffer) { $0.lowercased == $1 } }
    }
}

extension UInt8 {
    /// A capital letter of ASCII as its small one.
    var lowercased: UInt8 { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self }

    /// A character of methods and header names (RFC 9110, "tchar").
    var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
