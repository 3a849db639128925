import FleetCore
import Signing
import Wire

/// Puts the signed tokens into the requests for messages, where the engine left room for them.
struct MessageLinks: Sendable {
    let keys: LinkKeys
    let lifetime_ms: Int64
    private let topicPrefix: [UInt8]

    private static let hour_ms: Int64 = 3_600_000
    private static let placeholder = Array(MessageLink.placeholder.utf8)

    /// Nil where no keys are configured.
    init?(_ configuration: Configuration) throws(SigningError) {
        guard !configuration.window.linkKeysFile.isEmpty else { return nil }
        self.init(
            try LinkKeys(file: configuration.window.linkKeysFile), lifetime_h: configuration.window.linkLifetime_h,
            topicRoot: configuration.topicRoot)
    }

    init(_ keys: LinkKeys, lifetime_h: Int, topicRoot: String) {
        self.keys = keys
        lifetime_ms = Int64(lifetime_h) * Self.hour_ms
        topicPrefix = Array(topicRoot.utf8) + [UInt8(ascii: "/")]
    }

    /// The payload of a request with its tokens, as long as before. It follows from the request and the keys: the same
    /// request gets the same token again.
    ///
    /// A name or an address in which the same characters stand gets a token too: that of the message's own delivery.
    func signed(_ request: [UInt8], topic: [UInt8], recorded_ms: Int64) -> [UInt8] {
        guard let first = Self.place(in: request, from: 0), topic.starts(with: topicPrefix),
            let stop = (try? JSONNode.parse(request.span))?["data"]?["stop"]?.string
        else { return request }
        let fleet = topic.dropFirst(topicPrefix.count).prefix { $0 != UInt8(ascii: "/") }
        let subject = LinkSubject(fleet: Array(fleet), stop: Array(stop.utf8))
        let token = Array(keys.token(for: subject, expires_ms: recorded_ms + lifetime_ms).utf8)
        var payload = request
        var next: Int? = first
        while let place = next {
            payload.replaceSubrange(place..<place + token.count, with: token)
            next = Self.place(in: payload, from: place + token.count)
        }
        return payload
    }

    /// Where the placeholder begins, at `start` or behind it.
    private static func place(in bytes: [UInt8], from start: Int) -> Int? {
        var index = start
        while index + placeholder.count <= bytes.count {
            if bytes[index] == placeholder[0], bytes[index..<index + placeholder.count].elementsEqual(placeholder) {
                return index
            }
            index += 1
        }
        return nil
    }
}
