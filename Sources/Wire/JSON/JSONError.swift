/// Why a text is not the JSON that was asked for, and where.
@usableFromInline package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    @usableFromInline package enum Reason: UInt8, Sendable, CaseIterable {
        case emptyInput
        case unexpectedEnd
        case unexpectedCharacter
        case trailingContent
        case invalidNumber
        case numberOutOfRange
        case controlCharacter
        case invalidEscape
        case loneSurrogate
        case invalidUTF8
        case nestingTooDeep
        case tooManyValues
    }

    /// Where the fault stands: a byte offset into the whole input. Equal to the input's length where it ends too early.
    @usableFromInline package var offset: Int
    @usableFromInline package var reason: Reason

    @usableFromInline package init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }

    @usableFromInline package var description: String { "\(reason) at byte \(offset)" }
}

extension JSONError.Reason: CustomStringConvertible {
    /// The reason as a phrase for people; it may change, so programs compare the case.
    @usableFromInline package var description: String {
        switch self {
        case .emptyInput: "the text is empty"
        case .unexpectedEnd: "the text ends within a value"
        case .unexpectedCharacter: "a character that JSON does not allow here"
        case .trailingContent: "more text after the end of the value"
        case .invalidNumber: "a number that JSON does not allow"
        case .numberOutOfRange: "a number too large for double precision"
        case .controlCharacter: "an unescaped control character in a string"
        case .invalidEscape: "an escape sequence that JSON does not know"
        case .loneSurrogate: "half of a surrogate pair without the other half"
        case .invalidUTF8: "bytes that are not UTF-8"
        case .nestingTooDeep: "arrays and objects nested too deeply"
        case .tooManyValues: "more values than allowed"
        }
    }
}
