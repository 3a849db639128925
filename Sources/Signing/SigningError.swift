/// Why nothing can be signed, in a sentence that says what to do.
package struct SigningError: Error, Sendable, Equatable, CustomStringConvertible {
    package var message: String
    package var description: String { message }

    package init(_ message: String) { self.message = message }
}
