/// Something that is measured. The tests run each case small, so that none can rot; they check its results, never its times.
package struct BenchCase: Sendable {
    /// `group/name`; `fleetbench group` runs all cases of the group.
    package let name: String
    /// One line for `fleetbench help`.
    package let help: String
    /// Runs the case and checks its own results against a slower way.
    package let run: @Sendable (BenchSize) throws(BenchError) -> [BenchRow]

    package init(
        name: String, help: String, run: @escaping @Sendable (BenchSize) throws(BenchError) -> [BenchRow]
    ) {
        self.name = name
        self.help = help
        self.run = run
    }

    var group: String { String(name.prefix { $0 != "/" }) }

    /// Every case there is, in the order in which they are listed. Add new ones here.
    package static let all: [BenchCase] =
        FenceCases.all + VehicleCases.all + EngineCases.all + DialectCases.all + BrokerCases.all
        + RecoveryCases.all + WindowCases.all + ETACases.all + DispatchCases.all
}

/// How large a case is to be.
package struct BenchSize: Sendable {
    /// 1: the sizes that the case's help names; less: that share of fences, positions and vehicles.
    package var scale: Double
    /// How often each thing is timed.
    package var repetitions: Int
    package var seed: UInt64

    package init(scale: Double = 1, repetitions: Int = 7, seed: UInt64 = 1) {
        self.scale = scale
        self.repetitions = repetitions
        self.seed = seed
    }

    /// `full` times the scale, but not less than `least`.
    func count(_ full: Int, least: Int = 1) -> Int { max(least, Int((Double(full) * scale).rounded())) }
}

/// Why a case could not be run, or that its results are wrong.
package struct BenchError: Error, Sendable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// A figure of a case.
package struct BenchRow: Sendable {
    package let name: String
    /// The median, as it is printed.
    package let value: String
    package let unit: String
    /// The least and the greatest of the repetitions; empty where there was one.
    package let spread: String

    /// The line as it is printed.
    package var line: String {
        let padding = String(repeating: " ", count: max(1, 44 - name.utf8.count))
        return name + padding + value + " " + unit + (spread.isEmpty ? "" : "   " + spread)
    }

    /// - Parameter values: one for each repetition, not empty.
    static func measured(_ name: String, _ values: [Double], _ unit: String) -> BenchRow {
        let sorted = values.sorted()
        let spread =
            sorted.count > 1 ? "min \(text(sorted[0])) max \(text(sorted[sorted.count - 1]))" : ""
        return BenchRow(name: name, value: text(sorted[sorted.count / 2]), unit: unit, spread: spread)
    }

    static func figure(_ name: String, _ value: Double, _ unit: String) -> BenchRow {
        BenchRow(name: name, value: text(value), unit: unit, spread: "")
    }

    static func count(_ name: String, _ value: Int, _ unit: String) -> BenchRow {
        BenchRow(name: name, value: String(value), unit: unit, spread: "")
    }

    static func checksum(_ name: String, _ value: UInt64) -> BenchRow {
        BenchRow(name: name, value: Checksum.text(value), unit: "checksum", spread: "")
    }

    /// Two or three digits after the point, depending on the size.
    private static func text(_ value: Double) -> String {
        let digits = abs(value) < 1 ? 1000.0 : abs(value) < 100 ? 100.0 : 10.0
        return String((value * digits).rounded() / digits)
    }
}
