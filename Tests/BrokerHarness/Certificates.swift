import Foundation

/// Certificates for one test: an authority, a server certificate for 127.0.0.1 and localhost, a client certificate, and
/// a second authority that has signed neither.
package final class Certificates: Sendable {
    private let directory: TemporaryDirectory

    package var authority: String { directory.path + "/authority.crt" }
    package var otherAuthority: String { directory.path + "/other.crt" }
    package var server: String { directory.path + "/server.crt" }
    package var serverKey: String { directory.path + "/server.key" }
    package var client: String { directory.path + "/client.crt" }
    package var clientKey: String { directory.path + "/client.key" }

    /// Made with the `openssl` command.
    package init() throws {
        directory = try TemporaryDirectory()
        try makeAuthority("authority")
        try makeAuthority("other")
        let names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
        try sign("server", subject: "/CN=localhost", extensions: names)
        try sign("client", subject: "/CN=test-client", extensions: "extendedKeyUsage=clientAuth")
    }

    private func file(_ name: String) -> String { directory.path + "/" + name }

    private func makeAuthority(_ name: String) throws {
        try Tool.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=\(name) of the tests", "-keyout", file("\(name).key"), "-out", file("\(name).crt"),
            ])
    }

    private func sign(_ name: String, subject: String, extensions: String) throws {
        try Tool.run(
            "openssl",
            [
                "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", subject,
                "-keyout", file("\(name).key"), "-out", file("\(name).csr"),
            ])
        try Data((extensions + "\n").utf8).write(to: URL(fileURLWithPath: file("\(name).ext")))
        try Tool.run(
            "openssl",
            [
                "x509", "-req", "-days", "2", "-in", file("\(name).csr"), "-CA", file("authority.crt"), "-CAkey",
                file("authority.key"), "-CAcreateserial", "-extfile", file("\(name).ext"), "-out", file("\(name).crt"),
            ])
    }
}
