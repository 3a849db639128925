import Foundation
import Testing

@testable import FleetService

@Suite struct `The window's configuration` {
    /// What is wrong with these settings, a line each.
    private func problems(_ settings: [String: String]) -> [String] {
        do throws(ConfigurationErrors) {
            _ = try Configuration.load(
                path: "/dev/null", environment: [:],
                overrides: settings.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
            return []
        } catch {
            return error.errors.map { "\($0)" }.filter { $0.contains("window") }
        }
    }

    private func tokenFile(_ text: String, mode: mode_t = 0o600) throws -> String {
        let path = NSTemporaryDirectory() + "window-tokens-\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        chmod(path, mode)
        return path
    }

    @Test(arguments: ["", "127.0.0.1:0", "127.0.0.1:8080", "[::1]:8080", "localhost:8080"])
    func `this machine may look without tokens`(address: String) {
        #expect(problems(["window.listen": address]).isEmpty)
    }

    @Test(arguments: ["0.0.0.0:8080", "[::]:8080", "192.168.1.2:80"])
    func `other machines may not`(address: String) {
        let told = problems(["window.listen": address])
        #expect(told.count == 1 && told[0].contains("window.token_file is empty"), "\(told)")
    }

    @Test func `with tokens they may`() throws {
        let path = try tokenFile("0123456789abcdef0123456789abcdef\n")
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(problems(["window.listen": "0.0.0.0:8080", "window.token_file": path]).isEmpty)
    }

    @Test func `tokens that others can read, or that are none, are refused`() throws {
        let open = try tokenFile("0123456789abcdef0123456789abcdef\n", mode: 0o640)
        let short = try tokenFile("short\n")
        defer { for path in [open, short] { try? FileManager.default.removeItem(atPath: path) } }
        for (path, reason) in [(open, "chmod 600"), (short, "16 to 256"), ("/nowhere/tokens", "cannot be read")] {
            let told = problems(["window.listen": "127.0.0.1:8080", "window.token_file": path])
            #expect(told.count == 1 && told[0].contains(reason), "\(told)")
        }
    }

    @Test(arguments: ["8080", "example.org:80", "127.0.0.1", "127.0.0.1:99999", "http://127.0.0.1:80"])
    func `addresses are numbers with a port`(address: String) {
        let told = problems(["window.listen": address])
        #expect(told.count == 1 && told[0].contains("is no address with a port"), "\(told)")
    }

    @Test(arguments: [
        ("https://tile.example.org/{z}/{x}/{y}.png", true), ("", true),
        ("https://t.example.org:8443/{z}/{x}/{y}?k=1", true), ("ftp://a/{z}/{x}/{y}", false),
        ("https://a/{z}/{x}", false),
        ("https://a; script-src *//{z}/{x}/{y}", false), ("https:///{z}/{x}/{y}", false),
        ("https://*/{z}/{x}/{y}", false), ("https://a'b/{z}/{x}/{y}", false), ("https://{z}/{x}/{y}", false),
    ])
    func `tiles are a template of the web that fits into a header`(template: String, isRight: Bool) {
        #expect(problems(["window.tiles": template]).isEmpty == isRight)
    }
}
