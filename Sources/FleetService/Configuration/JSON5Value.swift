import Foundation

/// A JSON5 document as Foundation reads it.
enum JSON5Value: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON5Value])
    case object([String: JSON5Value])
    /// A number that no double holds, or a text with an escape that Foundation does not know.
    case unreadable
}

extension JSON5Value: Decodable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON5Value].self) {
            self = .array(value)
        } else if let value = try? container.decode([String: JSON5Value].self) {
            self = .object(value)
        } else {
            self = .unreadable
        }
    }

    /// Reads a document; nil where it is not JSON5.
    init?(json5 text: some Sequence<UInt8>) {
        let decoder = JSONDecoder()
        decoder.allowsJSON5 = true
        guard let value = try? decoder.decode(JSON5Value.self, from: Data(text)) else { return nil }
        self = value
    }
}

extension JSON5Value {
    /// How an error names the value: short, on one line.
    var shown: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Self.shown(value)
        case .string(let value): "\"\(shortened(value, to: 60))\""
        case .array: "an array"
        case .object: "an object"
        case .unreadable: "a number out of all range or a text with an unknown escape"
        }
    }

    /// Whole numbers without a fraction, others in the shortest form that reads back.
    static func shown(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}

/// At most `limit` characters, control characters replaced, with an ellipsis where something was left out.
func shortened(_ text: String, to limit: Int) -> String {
    var result = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
        guard count < limit else { return String(result) + "…" }
        result.append(isControl(scalar) ? "\u{FFFD}" : scalar)
        count += 1
    }
    return String(result)
}

/// Whether a terminal may take the character for a command, or change the direction or the line because of it.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
    default: false
    }
}
