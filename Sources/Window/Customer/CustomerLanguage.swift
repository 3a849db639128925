/// The languages of the customers' page, and what it says in each.
enum CustomerLanguage: String, CaseIterable {
    case english = "en"
    case chinese = "zh"

    /// BCP 47.
    var tag: String { self == .english ? "en" : "zh-Hant-TW" }
    var other: CustomerLanguage { self == .english ? .chinese : .english }
    /// In itself.
    var name: String { self == .english ? "English" : "中文" }

    func pick(_ english: String, _ chinese: String) -> String { self == .english ? english : chinese }

    var title: String { pick("Your delivery", "您的配送") }
    var expected: String { pick("Expected", "預計抵達") }
    var promised: String { pick("Promised", "約定時間") }
    var arrived: String { pick("Arrived", "抵達時間") }
    var ended: String { pick("Completed", "完成時間") }
    var vehicle: String { pick("Vehicle", "車輛位置") }
    var showOnMap: String { pick("show on a map", "在地圖上顯示") }
    var footer: String { pick("This page renews itself.", "本頁會自動更新。") }

    func text(_ status: CustomerDelivery.Status) -> String {
        switch status {
        case .scheduled: pick("Scheduled", "已安排配送")
        case .onTheWay: pick("On the way", "配送中")
        case .next: pick("You are next", "下一站就是您")
        case .arrived: pick("The driver is here", "司機已抵達")
        case .confirming: pick("Being confirmed", "確認中")
        case .delivered: pick("Delivered", "已送達")
        case .partiallyDelivered: pick("Delivered in part", "部分送達")
        case .notDelivered: pick("Could not be delivered", "未能送達")
        case .refused: pick("Not accepted", "拒收")
        case .toBeRescheduled: pick("To be rescheduled", "將另行安排時間")
        case .cancelled: pick("Cancelled", "已取消")
        }
    }

    func distance(_ distance_m: Int64) -> String {
        if distance_m < 200 { return pick("close by", "就在附近") }
        if distance_m < 1000 { return pick("about \(distance_m) m away", "距離約 \(distance_m) 公尺") }
        let tenths = (distance_m + 50) / 100
        return pick("about \(tenths / 10).\(tenths % 10) km away", "距離約 \(tenths / 10).\(tenths % 10) 公里")
    }

    func day(month: Int, day: Int) -> String {
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return pick("\(day) \(names[min(max(month, 1), 12) - 1])", "\(month)月\(day)日")
    }
}

/// A header in which a client lists what it would like, such as `zh-TW,zh;q=0.9,en;q=0.8` (RFC 9110, section 12.4.2).
enum PreferenceList {
    private static let entries_max = 32

    /// In small letters, the dearest first, without those that are refused; as they stand where they are equally dear.
    static func ranked(_ header: [UInt8]?) -> [[UInt8]] {
        guard let header else { return [] }
        var entries: [(name: [UInt8], weight: Int)] = []
        for part in header.split(separator: UInt8(ascii: ",")).prefix(entries_max) {
            let pieces = part.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { piece in
                piece.filter { $0 != 0x20 && $0 != 0x09 }.map(\.lowercased)
            }
            guard let name = pieces.first, !name.isEmpty else { continue }
            let quality = pieces.dropFirst().first { $0.starts(with: Array("q=".utf8)) }
            let weight = quality.map { thousandths($0.dropFirst(2)) } ?? 1000
            if weight > 0 { entries.append((name, weight)) }
        }
        return entries.enumerated().sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .map(\.element.name)
    }

    /// What is no weight counts as none.
    private static func thousandths(_ text: ArraySlice<UInt8>) -> Int {
        guard let number = Double(String(decoding: text, as: UTF8.self)), (0...1).contains(number) else { return 0 }
        return Int(number * 1000)
    }
}
