import Geo
import Wire

/// The customers' page: one file without scripts, images or fonts, which renews itself while something is to come.
struct CustomerPage {
    let language: CustomerLanguage
    let zone: TimeZoneRules

    static let style = """
        body{margin:0;font:1.05rem/1.5 system-ui,sans-serif;color:#1b1f24;background:#f4f5f7}\
        main{max-width:26rem;margin:2rem auto;padding:1.5rem;background:#fff;border-radius:.75rem}\
        h1{font-size:1rem;font-weight:500;margin:0;color:#57606a}\
        .status{font-size:1.7rem;font-weight:650;margin:.25rem 0 1rem}\
        dl{display:grid;grid-template-columns:auto 1fr;gap:.35rem 1rem;margin:0}dt{color:#57606a}dd{margin:0}\
        footer{margin-top:1.5rem;font-size:.85rem;color:#57606a}a{color:#0b57d0}\
        @media(prefers-color-scheme:dark){body{color:#e6e8eb;background:#101214}main{background:#1b1e22}\
        h1,dt,footer{color:#9aa4af}a{color:#8ab4f8}}
        """
    /// SHA-256 of `style`, for the page's `Content-Security-Policy`; a test compares the two.
    static let styleHash = "8L55ePOg64E+OpiSpQ+nAvVMWn185S3hmoHCiXDXovc="
    /// Seconds after which a browser asks again.
    private static let refresh_s = 30

    /// For whatever is not shown: the same for a wrong token, one that has ended, and one whose delivery is forgotten.
    static let notFound: [UInt8] = document(
        language: .english, title: "Not found", refreshes: false,
        body: """
            <h1>This link is not valid, or has expired.</h1>
            <p lang="zh-Hant-TW">此連結無效或已過期。</p>
            """)

    func html(_ delivery: CustomerDelivery) -> [UInt8] {
        var rows = ""
        func row(_ name: String, _ value: String) { rows += "<dt>\(name)</dt><dd>\(value)</dd>\n" }
        if let eta = delivery.eta { row(language.expected, text(eta)) }
        if let promise = delivery.promise { row(language.promised, text(promise)) }
        if let vehicle = delivery.vehicle { row(language.vehicle, text(vehicle)) }
        if let arrived_ms = delivery.arrived_ms { row(language.arrived, text(arrived_ms)) }
        if let ended_ms = delivery.ended_ms { row(language.ended, text(ended_ms)) }
        let other = language.other
        let hint = delivery.status.isFinal ? "" : language.footer + " "
        return Self.document(
            language: language, title: language.title, refreshes: !delivery.status.isFinal,
            body: """
                <h1>\(language.title)</h1>
                <p class="status">\(language.text(delivery.status))</p>
                <dl>
                \(rows)</dl>
                <footer>\(hint)<a href="?lang=\(other.rawValue)" lang="\(other.tag)">\(other.name)</a></footer>
                """)
    }

    private static func document(
        language: CustomerLanguage, title: String, refreshes: Bool, body: String
    ) -> [UInt8] {
        let refresh = refreshes ? "<meta http-equiv=\"refresh\" content=\"\(refresh_s)\">\n" : ""
        return Array(
            """
            <!doctype html>
            <html lang="\(language.tag)">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            \(refresh)<title>\(title)</title>
            <style>\(style)</style>
            <main>
            \(body)
            </main>
            </html>

            """.utf8)
    }

    // MARK: - Values: numbers and words of this page, never a text from outside

    private func text(_ vehicle: CustomerDelivery.Vehicle) -> String {
        var place: [UInt8] = []
        place.append(fixed: vehicle.latitude_e4, decimals: 4)
        let latitude = String(decoding: place, as: UTF8.self)
        place = []
        place.append(fixed: vehicle.longitude_e4, decimals: 4)
        let longitude = String(decoding: place, as: UTF8.self)
        let url =
            "https://www.openstreetmap.org/?mlat=\(latitude)&amp;mlon=\(longitude)#map=15/\(latitude)/\(longitude)"
        let link = "<a href=\"\(url)\" rel=\"noreferrer\">\(language.showOnMap)</a>"
        let distance = vehicle.distance_m.map { language.distance($0) + ", " } ?? ""
        return "\(distance)\(clock(vehicle.time_ms)) · \(link)"
    }

    /// `20 Nov, 14:05–14:25`
    private func text(_ span: CustomerDelivery.Span) -> String {
        let (from, to) = (day(span.from_ms), day(span.to_ms))
        let end = from == to ? clock(span.to_ms) : "\(to) \(clock(span.to_ms))"
        return "\(from) \(clock(span.from_ms))–\(end)"
    }

    private func text(_ time_ms: Int64) -> String { "\(day(time_ms)) \(clock(time_ms))" }

    private func clock(_ time_ms: Int64) -> String {
        let minute = (local_ms(time_ms) / 60_000) % 1440
        let (hours, rest) = (minute / 60, minute % 60)
        return (hours < 10 ? "0" : "") + "\(hours):" + (rest < 10 ? "0" : "") + "\(rest)"
    }

    private func day(_ time_ms: Int64) -> String {
        let date = CivilDate.date(days: Int(local_ms(time_ms) / 86_400_000))
        return language.day(month: date.month, day: date.day)
    }

    /// Milliseconds of the clock on the wall since 1970; times before that do not occur.
    private func local_ms(_ time_ms: Int64) -> Int64 {
        let time_ms = min(max(time_ms, 86_400_000), RFC3339.maximum_ms - 86_400_000)
        return time_ms + Int64(zone.offset_s(at: time_ms)) * 1000
    }
}
