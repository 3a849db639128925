package import FleetCore
import Foundation

/// The rules of a fleet, a group or a vehicle as `fleetstream rules` shows them.
package struct RulesTable {
    private let book: RuleBook
    private let vehicle: String?
    private let group: String?
    private let settings: RuleSettings

    package init(_ book: RuleBook, vehicle: String? = nil, group: String? = nil) {
        self.book = book
        self.vehicle = vehicle
        self.group = group
        settings = book.resolved(vehicle: vehicle, group: group)
    }

    /// Who gave the value of a parameter: nil where it is the built-in one.
    private func origin(_ rule: RuleDescription, _ parameter: RuleDescription.Parameter) -> String? {
        if !rule.isOfFleet {
            if let vehicle, book.vehicles[vehicle]?[rule.name]?[parameter.name] != nil { return "vehicle \(vehicle)" }
            if let group, book.groups[group]?[rule.name]?[parameter.name] != nil { return "group \(group)" }
        }
        return parameter.get(settings) == parameter.standard ? nil : "defaults"
    }

    // MARK: - For people

    private static let width = 118

    /// A block for each rule: name and explanation, and a line for each parameter: name, value, range, explanation; where
    /// the value is not the built-in one, also that and who changed it.
    package var text: String {
        RuleDescription.all.map { rule in
            let names = rule.parameters.map(\.name.count).max() ?? 0
            let values = rule.parameters.map { value($0).count }.max() ?? 0
            let ranges = rule.parameters.map { range($0).count }.max() ?? 0
            let head = wrapped("\(rule.name) — \(rule.explanation)", margin: 4, first: 0)
            let lines = rule.parameters.flatMap { parameter -> [String] in
                let columns =
                    "  " + padded(parameter.name, names + 2) + padded(value(parameter), values + 2)
                    + padded(range(parameter), ranges + 2)
                let change = origin(rule, parameter).map {
                    " (Built-in: \(JSON5Value.shown(parameter.standard)); changed by \($0).)"
                }
                return wrapped(
                    columns + parameter.explanation + (change ?? ""), margin: columns.count, first: columns.count)
            }
            return (head + lines).joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    private func value(_ parameter: RuleDescription.Parameter) -> String { JSON5Value.shown(parameter.get(settings)) }

    private func range(_ parameter: RuleDescription.Parameter) -> String {
        if parameter.isSwitch { return "0 or 1" }
        return "\(JSON5Value.shown(parameter.range.lowerBound)) … \(JSON5Value.shown(parameter.range.upperBound))"
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Breaks a text between words behind column `first`; further lines begin at `margin`.
    private func wrapped(_ text: String, margin: Int, first: Int) -> [String] {
        var lines: [String] = []
        var line = String(text.prefix(first))
        var isEmpty = true
        for word in text.dropFirst(first).split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > Self.width {
                lines.append(line)
                line = String(repeating: " ", count: margin)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }

    // MARK: - For programs

    private struct Document: Encodable {
        var vehicle: String?
        var group: String?
        var rules: [Rule]

        struct Rule: Encodable {
            var name: String
            var explanation: String
            var of_fleet: Bool
            var parameters: [Parameter]
        }

        struct Parameter: Encodable {
            var name: String
            var value: Double
            var `default`: Double
            var minimum: Double
            var maximum: Double
            var changed_by: String?
            var explanation: String
        }
    }

    package func json() throws -> String {
        let document = Document(
            vehicle: vehicle, group: group,
            rules: RuleDescription.all.map { rule in
                Document.Rule(
                    name: rule.name, explanation: rule.explanation, of_fleet: rule.isOfFleet,
                    parameters: rule.parameters.map { parameter in
                        Document.Parameter(
                            name: parameter.name, value: parameter.get(settings), default: parameter.standard,
                            minimum: parameter.range.lowerBound, maximum: parameter.range.upperBound,
                            changed_by: origin(rule, parameter), explanation: parameter.explanation)
                    })
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }
}
