import Foundation
import Testing

@testable import Window

@Suite struct `Bearer tokens` {
    private let one = "0123456789abcdef"
    private let two = "fedcba9876543210-._~+/="

    private func tokens(_ text: String) throws -> BearerTokens {
        try BearerTokens(text: Array(text.utf8)[...], named: "tokens")
    }

    private func message(_ text: String) -> String {
        do {
            _ = try tokens(text)
            return ""
        } catch { return "\(error)" }
    }

    @Test func `a token lets see everything, or one fleet`() throws {
        let tokens = try tokens("# who\n\n  \(one)\r\n\(two)\tacme\n")
        func scope(_ value: String) -> BearerTokens.Scope? { tokens.scope(authorization: Array(value.utf8)) }
        #expect(scope("Bearer \(one)") == .everything)
        #expect(scope("bearer  \(two)") == .fleet("acme"))
        #expect(scope("Bearer \(one)0") == nil)
        #expect(scope("Bearer \(one.dropLast())") == nil)
        #expect(scope("Bearer 1\(one.dropFirst())") == nil)
        #expect(scope("Bearer ") == nil)
        #expect(scope("Basic \(one)") == nil)
        #expect(scope(one) == nil)
        #expect(tokens.scope(authorization: nil) == nil)
    }

    @Test func `lines that are no tokens are told with their place`() {
        #expect(message("").contains("no token"))
        #expect(message("# nothing\n").contains("no token"))
        #expect(message("short\n").hasPrefix("tokens:1: a token has 16"))
        #expect(message("\n\(String(repeating: "a", count: 257))").hasPrefix("tokens:2:"))
        #expect(message("\(String(repeating: "ü", count: 16))").contains("letters"))
        #expect(message("\(one) acme more").contains("a fleet at most"))
    }

    @Test func `a file that others can read is refused`() throws {
        let path = NSTemporaryDirectory() + "/tokens-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(throws: WindowError.self) { try BearerTokens(file: path) }
        try Data("\(one)\n".utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, 0o644)
        #expect(throws: WindowError("\(path) can be read by others: chmod 600 \(path)")) {
            try BearerTokens(file: path)
        }
        chmod(path, 0o600)
        let tokens = try BearerTokens(file: path)
        #expect(tokens.scope(authorization: Array("Bearer \(one)".utf8)) == .everything)
        #expect(throws: WindowError.self) { try BearerTokens(file: NSTemporaryDirectory()) }
    }
}
