package import Wire

extension DeviceAlarms {
    /// Every alarm by the word that the native report has for it, in the order of their bits.
    package static let words: [(word: StaticString, alarm: DeviceAlarms)] = [
        ("sos", .sos), ("tamper", .tamper), ("power_cut", .powerCut), ("harsh_braking", .harshBraking),
        ("harsh_acceleration", .harshAcceleration), ("harsh_cornering", .harshCornering), ("accident", .accident),
        ("towing", .towing), ("jamming", .jamming), ("low_battery", .lowBattery), ("door", .door),
        ("overspeed", .overspeed),
    ]

    /// The alarm that a word of the native report stands for; none for other words.
    package init(word: JSONText, in bytes: Span<UInt8>) {
        self = Self.words.first { word.matches($0.word, in: bytes) }?.alarm ?? []
    }
}
