import Foundation
import Testing

@testable import FleetCore

/// The README's table of events says of each type what its data hold.
@Suite struct `Documentation of events` {
    private func tableRows() throws -> [String] {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    }

    @Test(arguments: EventType.allCases) func `every type and every value stand in it`(_ type: EventType) throws {
        let rows = try tableRows().filter { row in
            row.split(separator: "|").first?.contains("`\(type.qualifiedName)`") == true
        }
        #expect(rows.count == 1, "README's table of events has \(rows.count) rows of \(type.qualifiedName)")
        for value in type.values {
            #expect(
                rows.first?.contains("`\(value.name)`") == true,
                "README does not name \(value.name) of \(type.qualifiedName)")
        }
        #expect(
            !type.isIncident || rows.first?.contains("`track`") == true,
            "README does not say that \(type.qualifiedName) carries its track")
    }
}
