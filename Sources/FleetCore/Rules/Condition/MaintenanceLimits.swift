/// The numbers of `MaintenanceRule`.
package struct MaintenanceLimits: RuleLimits {
    package static var name: String { "maintenance" }
    package static var explanation: String {
        "Tells when maintenance is due by kilometres, engine hours or days, and again when it is overdue."
    }

    package var enabled = 1.0
    package var every_km = 0.0
    package var base_km = 0.0
    package var every_h = 0.0
    package var base_h = 0.0
    package var every_days = 0.0
    package var base_date = 0.0
    package var overdue_pct = 10.0

    package init() {}

    package static var parameters: [RuleParameter<Self>] {
        [
            RuleParameter("enabled", \.enabled, 0...1, "1 turns the rule on, 0 off."),
            RuleParameter("every_km", \.every_km, 0...1_000_000, "Due every so many kilometres; 0: not by distance."),
            RuleParameter(
                "base_km", \.base_km, 0...4_000_000,
                "The odometer at the last maintenance; 0: due at whole multiples."),
            RuleParameter("every_h", \.every_h, 0...100_000, "Due every so many engine hours; 0: not by hours."),
            RuleParameter(
                "base_h", \.base_h, 0...1_000_000,
                "The engine hours at the last maintenance; 0: due at whole multiples."),
            RuleParameter("every_days", \.every_days, 0...3660, "Due every so many days; 0: not by days."),
            RuleParameter(
                "base_date", \.base_date, 0...21_001_231,
                "The local date of the last maintenance as year, month and day in one number: 20260131; 0: not by days."
            ),
            RuleParameter(
                "overdue_pct", \.overdue_pct, 0...100,
                "Told again when so much of an interval has gone since it was due; 0: not again."),
        ]
    }
}
