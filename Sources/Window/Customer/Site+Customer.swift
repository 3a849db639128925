package import Geo
import Glibc
package import Signing
import Wire

/// `/t/{token}`: the page of one delivery, for whoever has its link. No other token is asked for, and no name of the host: a
/// page from elsewhere cannot know the link.
extension Site {
    static let customerPath = "t"
    private static let jsonSuffix = ".json"

    /// What the answer to a link is made of.
    package struct CustomerLinks: Sendable {
        package var keys: LinkKeys
        /// For the times on the page.
        package var localTime: TimeZoneRules

        package init(keys: LinkKeys, localTime: TimeZoneRules) {
            self.keys = keys
            self.localTime = localTime
        }
    }

    /// The clock on the wall, milliseconds since 1970 UTC.
    package static func clock_ms() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    func isCustomers(_ request: HTTPRequest) -> Bool {
        options.links != nil && request.path.first.map { $0.utf8.elementsEqual(Self.customerPath.utf8) } == true
    }

    func customerAnswer(_ request: HTTPRequest, _ links: CustomerLinks) -> HTTPResponse {
        let name = request.path.count == 2 ? request.path[1] : ""
        let isNamedJSON = name.hasSuffix(Self.jsonSuffix)
        let isJSON = isNamedJSON || Self.prefersJSON(request)
        let text = isNamedJSON ? name.dropLast(Self.jsonSuffix.count) : name[...]
        var response: HTTPResponse
        if let token = LinkToken(text.utf8), let delivery = delivery(of: token, links) {
            if isJSON {
                response = HTTPResponse(json: delivery.json(expires_ms: token.expires_ms))
            } else {
                let page = CustomerPage(language: Self.language(request), zone: links.localTime)
                response = HTTPResponse(.ok, "text/html; charset=utf-8", page.html(delivery))
            }
        } else if isJSON {
            response = HTTPResponse(HTTPRefusal(.notFound, "this link is not valid, or has expired"))
        } else {
            response = HTTPResponse(.notFound, "text/html; charset=utf-8", CustomerPage.notFound)
        }
        response.caching = .personal
        response.contentSecurity = isJSON ? .nothing : .style(hash: CustomerPage.styleHash)
        response.headers.append(("X-Robots-Tag", "noindex, nofollow"))
        response.headers.append(("Vary", "Accept, Accept-Language"))
        return response
    }

    /// The delivery that a token opens; nil for every reason not to show one.
    private func delivery(of token: LinkToken, _ links: CustomerLinks) -> CustomerDelivery? {
        let now_ms = options.now_ms()
        view.update()
        var found: (store: FleetStore, payload: [UInt8])?
        var isTried = false
        for store in view.fleets {
            for slot in store.stops.slots(finder: token.finder) {
                isTried = true
                let subject = LinkSubject(fleet: Array(store.name.utf8), stop: store.stops.ids[slot])
                if links.keys.opens(token, subject, now_ms: now_ms) { found = (store, store.stops.payloads[slot]) }
            }
        }
        // Where there is no such stop it takes as long as where there is one.
        if !isTried { _ = links.keys.opens(token, LinkSubject(fleet: [], stop: []), now_ms: now_ms) }
        guard let found, !found.payload.isEmpty else { return nil }
        return CustomerDelivery(found.payload, now_ms: now_ms) { id in
            found.store.slot(ofVehicle: id).map { found.store.vehicles[$0].facts }
        }
    }

    private static func prefersJSON(_ request: HTTPRequest) -> Bool {
        for type in PreferenceList.ranked(request.header("accept")) {
            if type.equals("application/json") { return true }
            if type.equals("text/html") || type.equals("*/*") || type.equals("text/*") { return false }
        }
        return false
    }

    private static func language(_ request: HTTPRequest) -> CustomerLanguage {
        if let asked = request.parameter("lang").flatMap(CustomerLanguage.init(rawValue:)) { return asked }
        for tag in PreferenceList.ranked(request.header("accept-language")) {
            let primary = tag.prefix { $0 != UInt8(ascii: "-") }
            if let known = CustomerLanguage.allCases.first(where: { primary.elementsEqual($0.rawValue.utf8) }) {
                return known
            }
        }
        return .english
    }
}
