import Wire

/// Writes the text format of Prometheus (0.0.4): families one behind another, each with its help and type.
package struct MetricsText {
    package enum Kind: Sendable {
        case counter
        case gauge
        case histogram
    }

    package static let contentType: StaticString = "text/plain; version=0.0.4; charset=utf-8"

    package private(set) var bytes: [UInt8] = []
    private var name: StaticString = ""

    package init() {}

    /// Begins a family. The samples that follow are its own.
    package mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        self.name = name
        bytes.append(ascii: "# HELP ")
        bytes.append(ascii: name)
        bytes.append(ascii: " ")
        bytes.append(ascii: help)
        bytes.append(ascii: "\n# TYPE ")
        bytes.append(ascii: name)
        bytes.append(ascii: " ")
        bytes.append(ascii: kind == .counter ? "counter" : kind == .gauge ? "gauge" : "histogram")
        bytes.append(ascii: "\n")
    }

    package mutating func sample(_ value: Double, _ labels: [(name: StaticString, value: String)] = []) {
        sample(suffix: "", value, labels)
    }

    package mutating func sample(_ value: some BinaryInteger, _ labels: [(name: StaticString, value: String)] = []) {
        sample(Double(value), labels)
    }

    package mutating func sample(_ histogram: Histogram) {
        sample(counts: histogram.counts, bounds: histogram.bounds, sum: histogram.sum)
    }

    /// A histogram of a family that has several, told apart by their labels.
    ///
    /// - Parameter counts: of each bound alone, and last of what was above all.
    package mutating func sample(
        counts: [some BinaryInteger], bounds: [Double], sum: Double,
        _ labels: [(name: StaticString, value: String)] = []
    ) {
        precondition(counts.count == bounds.count + 1, "a histogram has a count for each bound, and one above")
        var total = 0.0
        for (bound, count) in zip(bounds, counts) {
            total += Double(count)
            var text: [UInt8] = []
            text.appendJSON(bound)
            sample(suffix: "_bucket", total, labels + [("le", String(decoding: text, as: UTF8.self))])
        }
        total += counts.last.map { Double($0) } ?? 0
        sample(suffix: "_bucket", total, labels + [("le", "+Inf")])
        sample(suffix: "_sum", sum, labels)
        sample(suffix: "_count", total, labels)
    }

    /// A family with one sample.
    package mutating func single(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Double) {
        family(name, kind, help)
        sample(value)
    }

    private mutating func sample(suffix: StaticString, _ value: Double, _ labels: [(name: StaticString, value: String)])
    {
        bytes.append(ascii: name)
        bytes.append(ascii: suffix)
        for (index, label) in labels.enumerated() {
            bytes.append(ascii: index == 0 ? "{" : ",")
            bytes.append(ascii: label.name)
            bytes.append(ascii: "=\"")
            for byte in label.value.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes.append(ascii: "\\\\")
                case UInt8(ascii: "\""): bytes.append(ascii: "\\\"")
                case 0x0A: bytes.append(ascii: "\\n")
                default: bytes.append(byte)
                }
            }
            bytes.append(ascii: "\"")
        }
        if !labels.isEmpty { bytes.append(ascii: "}") }
        bytes.append(ascii: " ")
        if value.isFinite {
            bytes.appendJSON(value)
        } else {
            bytes.append(ascii: value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf")
        }
        bytes.append(ascii: "\n")
    }
}
