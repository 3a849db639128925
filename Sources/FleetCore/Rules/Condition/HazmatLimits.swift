/// The numbers of `HazmatRule`.
package struct HazmatLimits: RuleLimits {
    package static var name: String { "hazmat" }
    package static var explanation: String {
        "For hazardous goods: driving outside the permit's hours or corridor, and parking beside protected places."
    }

    package var enabled = 1.0
    package var from_minute = 0.0
    package var to_minute = 0.0
    package var require_corridor = 0.0
    package var confirm_s = 60.0
    package var parking_min = 10.0
    package var moving_kmh = 5.0

    package init() {}

    /// Whether every drive is judged, wherever it is.
    var asksForPermit: Bool { enabled != 0 && (require_corridor != 0 || from_minute != to_minute) }

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter(
                "from_minute", \.from_minute, 0...1440,
                "The permit's hours begin at this minute of the local day; equal to the end: no hours."),
            RuleParameter(
                "to_minute", \.to_minute, 0...1440,
                "The permit's hours end before this minute of the local day; before the beginning: past midnight."),
            RuleParameter(
                "require_corridor", \.require_corridor, 0...1,
                "1: driving is permitted in fences of the kind corridor, and at depots and customers, only."),
            RuleParameter(
                "confirm_s", \.confirm_s, 0...3600, "Driving outside the hours or corridor must last so long."),
            RuleParameter(
                "parking_min", \.parking_min, 0...1440,
                "Standing so long in a fence of the kind protected is told; 0: not told."),
            RuleParameter("moving_kmh", \.moving_kmh, 1...50, "From this speed on the vehicle is driving."),
        ]
    }
}
