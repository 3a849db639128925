import Wire

/// What the command line of `fleetsim` says.
package struct CommandOptions: Sendable, Equatable {
    package enum Connections: Sendable, Equatable {
        case perVehicle
        case shared(Int)
    }

    package var scenario = "taipei"
    package var geofences: String?
    package var vehicles: Int?
    /// Reports a second of wall time in total.
    package var rate: Double?
    /// Wall time, with `isPrinting` simulated time.
    package var duration_s: Double?
    package var speedup = 1.0
    package var seed: UInt64?
    package var fleet = "demo"
    package var root = "fleets"
    package var format = Scenario.ReportFormat.native
    package var start_ms: Int64?
    package var orders: Int?
    package var days: Int?
    package var truthFile: String?
    package var answersSMS = false
    package var connections = Connections.perVehicle
    package var qos: UInt8 = 1
    package var isPrinting = false
    package var isQuiet = false
    package var host = "127.0.0.1"
    package var port: UInt16?
    package var user: String?
    package var passwordFile: String?
    package var caFile: String?
    package var certificateFile: String?
    package var keyFile: String?

    package init() {}

    /// Printed simulations end after this much simulated time unless told otherwise.
    static let printedDuration_s = 600.0

    /// Reads the arguments after the executable's name. `--help` and `--version` are the caller's.
    package init(arguments: [String]) throws(SimulationError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            var name = argument
            var attached: String?
            if argument.hasPrefix("--"), let equals = argument.firstIndex(of: "=") {
                name = String(argument[..<equals])
                attached = String(argument[argument.index(after: equals)...])
            }
            if let flag = Self.flags[name] {
                guard attached == nil else { throw .usage("\(name) takes no value") }
                self[keyPath: flag] = true
                continue
            }
            guard Self.valueNames.contains(name) else {
                guard name.hasPrefix("-") else { throw .usage("unexpected argument \(argument)") }
                let known = Self.valueNames + Self.flags.keys.sorted() + ["--help", "--version"]
                throw .usage("unknown option \(name); did you mean \(nearestName(to: name, among: known))?")
            }
            guard let value = attached ?? rest.popFirst() else { throw .usage("\(name) needs a value") }
            try set(name, value)
        }
        try check()
    }

    private static var flags: [String: WritableKeyPath<CommandOptions, Bool>] {
        ["--print": \.isPrinting, "--quiet": \.isQuiet, "--sms-gateway": \.answersSMS]
    }

    package static let valueNames = [
        "--scenario", "--geofences", "--vehicles", "--rate", "--duration", "--speedup", "--seed", "--fleet", "--root",
        "--format", "--orders", "--days", "--truth",
        "--start", "--connections", "--qos", "--host", "--port", "--user", "--password-file", "--ca", "--cert", "--key",
    ]

    private mutating func set(_ name: String, _ value: String) throws(SimulationError) {
        switch name {
        case "--scenario": scenario = value
        case "--geofences": geofences = value
        case "--vehicles": vehicles = try Self.whole(name, value, 1...1_000_000)
        case "--rate": rate = try Self.number(name, value, 0.001...10_000_000)
        case "--duration": duration_s = try Self.number(name, value, 0.001...31_536_000)
        case "--speedup": speedup = try Self.number(name, value, 0.01...10_000)
        case "--seed": seed = try Self.whole(name, value, 0...UInt64.max)
        case "--fleet": fleet = try Self.topicLevels(name, value, mayHaveLevels: false)
        case "--root": root = try Self.topicLevels(name, value, mayHaveLevels: true)
        case "--format":
            guard let known = Scenario.ReportFormat(rawValue: value) else {
                throw .usage("\(name) \(value): must be native or owntracks")
            }
            format = known
        case "--orders": orders = try Self.whole(name, value, 1...20_000)
        case "--days": days = try Self.whole(name, value, 1...366)
        case "--truth": truthFile = value
        case "--start": start_ms = try Self.time(name, value)
        case "--connections":
            connections = value == "per-vehicle" ? .perVehicle : .shared(try Self.whole(name, value, 1...100_000))
        case "--qos": qos = try Self.whole(name, value, 0...1)
        case "--host": host = value
        case "--port": port = try Self.whole(name, value, 1...65_535)
        case "--user": user = value
        case "--password-file": passwordFile = value
        case "--ca": caFile = value
        case "--cert": certificateFile = value
        case "--key": keyFile = value
        default: throw .usage("unknown option \(name)")
        }
    }

    private func check() throws(SimulationError) {
        if isPrinting, speedup != 1 { throw .usage("--print has no clock: --speedup means nothing there") }
        if !isPrinting, start_ms != nil { throw .usage("--start is for --print: runs against a broker start now") }
        if speedup > 1, duration_s == nil {
            throw .usage(
                "--speedup needs --duration: the run starts that much earlier, so that no fix lies in the future")
        }
        if isPrinting, answersSMS { throw .usage("--sms-gateway needs a broker: --print hears nothing") }
        if passwordFile != nil, user == nil { throw .usage("--password-file needs --user") }
        if (certificateFile == nil) != (keyFile == nil) { throw .usage("--cert and --key go together") }
        if certificateFile != nil, caFile == nil { throw .usage("--cert needs --ca") }
    }

    private static func whole<T: FixedWidthInteger>(
        _ name: String, _ text: String, _ range: ClosedRange<T>
    ) throws(SimulationError) -> T {
        guard let value = T(text), range.contains(value) else {
            throw .usage("\(name) \(text): must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func number(
        _ name: String, _ text: String, _ range: ClosedRange<Double>
    ) throws(SimulationError) -> Double {
        guard let value = Double(text), range.contains(value) else {
            throw .usage("\(name) \(text): must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    private static func time(_ name: String, _ text: String) throws(SimulationError) -> Int64 {
        guard let value = RFC3339.parse(Array(text.utf8).span) else {
            throw .usage("\(name) \(text): must be a time such as 2026-11-20T08:00:00+08:00")
        }
        return value
    }

    private static func topicLevels(
        _ name: String, _ text: String, mayHaveLevels: Bool
    ) throws(SimulationError) -> String {
        let isClean = text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "#") }
        let levels = text.split(separator: "/", omittingEmptySubsequences: false)
        guard isClean, text.utf8.count <= 200, levels.allSatisfy({ !$0.isEmpty }), mayHaveLevels || levels.count == 1
        else { throw .usage("\(name) \(text): cannot be part of a topic") }
        return text
    }
}
