import FleetCore
import Foundation
import Signing
import Testing

@testable import FleetService

@Suite struct `Tokens in requests for messages` {
    private static let now_ms: Int64 = 1_795_161_600_000
    private let keys: LinkKeys
    private let links: MessageLinks

    init() throws {
        let key = (0..<32).map { String(format: "%02x", 255 - $0 * 3) }.joined()
        keys = try LinkKeys(text: Array(key.utf8), named: "keys")
        links = MessageLinks(keys, lifetime_h: 48, topicRoot: "fleets")
    }

    private func request(_ text: String, stop: String? = "S-1") -> [UInt8] {
        let subject = stop.map { ",\"stop\":\"\($0)\"" } ?? ""
        return Array(
            "{\"type\":\"fleetstream.sms.request\",\"data\":{\"to\":\"+8869\",\"text\":\"\(text)\"\(subject)}}".utf8)
    }

    private func signed(_ request: [UInt8], fleet: String = "demo", at time_ms: Int64 = now_ms) -> String {
        String(
            decoding: links.signed(
                request, topic: Array("fleets/\(fleet)/sms/requests/high".utf8), recorded_ms: time_ms), as: UTF8.self)
    }

    private func subject(_ stop: String, _ fleet: String = "demo") -> LinkSubject {
        LinkSubject(fleet: Array(fleet.utf8), stop: Array(stop.utf8))
    }

    @Test func `stand where the engine left room for them`() throws {
        #expect(MessageLink.placeholder.utf8.count == LinkToken.length)
        #expect(LinkToken(Array(MessageLink.placeholder.utf8)) == nil)
        let request = request("On the way: https://gas.example/t/\(MessageLink.placeholder)")
        let text = signed(request)
        #expect(text.utf8.count == request.count)
        let start = try #require(text.range(of: "/t/")).upperBound
        let token = try #require(LinkToken(text[start...].utf8.prefix(LinkToken.length)))
        #expect(token.expires_ms == Self.now_ms + 48 * 3_600_000)
        #expect(keys.opens(token, subject("S-1"), now_ms: token.expires_ms - 1))
        #expect(!keys.opens(token, subject("S-1", "other"), now_ms: Self.now_ms))
        // The rest is as it was, and the same request gets the same.
        #expect(
            text.replacing(String(text[start...].prefix(LinkToken.length)), with: MessageLink.placeholder)
                == String(decoding: request, as: UTF8.self))
        #expect(signed(request) == text)
    }

    @Test func `are of the stop and the fleet of the request, also where the ids are escaped`() throws {
        for (written, stop) in [("S\\u002d1", "S-1"), ("\\\"; \\\\", "\"; \\"), ("配送", "配送")] {
            let text = signed(request(MessageLink.placeholder, stop: written), fleet: "taipei")
            let start = try #require(text.range(of: "\"text\":\"")).upperBound
            let token = try #require(LinkToken(text[start...].utf8.prefix(LinkToken.length)))
            #expect(keys.opens(token, subject(stop, "taipei"), now_ms: Self.now_ms), "\(stop)")
        }
    }

    @Test func `are in no other requests`() {
        for request in [
            request("nothing"), request(String(MessageLink.placeholder.dropLast())), [], Array("{".utf8),
            request(MessageLink.placeholder, stop: nil), Array(MessageLink.placeholder.utf8),
        ] {
            #expect(signed(request) == String(decoding: request, as: UTF8.self))
        }
        let strange = links.signed(
            request(MessageLink.placeholder), topic: Array("other/demo/sms".utf8), recorded_ms: Self.now_ms)
        #expect(strange == request(MessageLink.placeholder))
    }

    @Test func `are made for every place in a text`() {
        let text = signed(request("\(MessageLink.placeholder)\(MessageLink.placeholder) \(MessageLink.placeholder)"))
        #expect(!text.contains("FLEETSTREAM"))
    }
}

@Suite struct `Links in the configuration` {
    private let folder: ConfigurationFolder

    init() throws { folder = try ConfigurationFolder() }

    private func errors(_ text: String) -> [String] {
        do {
            _ = try folder.load(text)
            return []
        } catch {
            return ((error as? ConfigurationErrors)?.errors ?? []).map(\.description)
        }
    }

    @Test func `keys come from a file that nobody else can read`() throws {
        #expect(errors("{window: {link_keys_file: \"links.key\"}}").count == 1)
        try folder.write(String(repeating: "0123456789abcdef", count: 4), to: "Config/links.key")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: folder.path + "/Config/links.key")
        let error = errors("{window: {link_keys_file: \"links.key\"}}")
        #expect(error.count == 1 && error[0].contains("chmod 600"), "\(error)")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.path + "/Config/links.key")
        #expect(errors("{window: {link_keys_file: \"links.key\", link_lifetime_h: 24}}") == [])
        #expect(errors("{window: {link_lifetime_h: 0}}").count == 1)
    }

    @Test func `a link with a token needs keys, and is always as long`() throws {
        try FileManager.default.createDirectory(atPath: folder.path + "/Config/sms", withIntermediateDirectories: true)
        let texts = MessageKind.allCases.map { "\($0.name): \"x {link}\"" }.joined(separator: ", ")
        func load(_ lengths: String, keys: String) throws -> MessageRules {
            try folder.write("{language: \"en\", link: \"https://gas.tw/t/{token}\"}", to: "Config/sms/messages.json5")
            try folder.write("{lengths: {\(lengths)}, texts: {\(texts)}}", to: "Config/sms/en.json5")
            return try MessageFiles.load(
                folder.load("{sms_folder: \"sms\", window: {link_keys_file: \"\(keys)\"}}").configuration)
        }
        #expect(throws: ConfigurationErrors.self) { try load("", keys: "") }
        try folder.write(String(repeating: "0123456789abcdef", count: 4), to: "Config/links.key")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: folder.path + "/Config/links.key")
        for lengths in ["", "link: 24", "link: 60"] {
            #expect(try load(lengths, keys: "links.key").languages.first?.length(of: .link) == 49, "\(lengths)")
        }
    }
}
