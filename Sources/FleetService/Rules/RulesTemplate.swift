import FleetCore

/// A file of rules to begin with, which `fleetstream rules --template` prints: every rule and every parameter with its
/// default and a comment. The shipped `Config/rules.json5` is this text.
package enum RulesTemplate {
    private static let width = 120

    package static var text: String {
        let blocks = RuleDescription.all.map(block).joined(separator: "\n")
        return """
            // The rules of vehicles: JSON5 (JSON with comments, trailing commas and unquoted keys).
            //
            // Every rule and every parameter is here with its default, so any of them may be left out. A vehicle's own values
            // (below, under vehicles) go before those of its group (under groups), and those before the defaults. Switches are 1
            // or 0, or true or false. `fleetstream check` tells every error with its line and column, `fleetstream rules
            // --vehicle ID --group NAME` what holds for a vehicle, and `fleetstream replay FILE --diff OTHER` what another file
            // of rules would change. A running process reads this file again at SIGHUP. `fleetstream rules --template` prints it
            // as it was shipped.
            {
                defaults: {
            \(blocks)    },

                // Other values for the groups that dispatch gives on dispatch/vehicles/{vehicle}, such as
                //     "gas-truck": {speeding: {limit_kmh: 80}, hazmat: {enabled: true}},
                groups: {},

                // Other values for single vehicles by their ids, whichever fleet they are of, such as
                //     "truck-7": {fuel: {tank_l: 200}, maintenance: {every_km: 10000, base_km: 128000}},
                vehicles: {},
            }

            """
    }

    private static func block(_ rule: RuleDescription) -> String {
        var text = comment(rule.explanation, indent: 8) + "        \(rule.name): {\n"
        for parameter in rule.parameters {
            let range = parameter.range
            let limits = "\(JSON5Value.shown(range.lowerBound)) to \(JSON5Value.shown(range.upperBound)). "
            text += comment((parameter.isSwitch ? "" : limits) + parameter.explanation, indent: 12)
            text += "            \(parameter.name): \(JSON5Value.shown(parameter.standard)),\n"
        }
        return text + "        },\n"
    }

    private static func comment(_ text: String, indent: Int) -> String {
        let margin = String(repeating: " ", count: indent) + "//"
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > margin.count, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += " " + word
        }
        return (lines + [line]).map { $0 + "\n" }.joined()
    }
}
