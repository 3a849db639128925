/// The command line of `fleetbench`.
package enum BenchCommand {
    /// - Returns: the exit code: 0, 1 where a result is wrong or a file cannot be read, 2 for a wrong command line.
    package static func run(arguments: [String], print: (String) -> Void, printError: (String) -> Void) -> Int32 {
        // Not a case: the child process of the broker's cases.
        if arguments.first == NullSubscriber.command {
            return NullSubscriber.run(Array(arguments.dropFirst()), print: print)
        }
        let options: BenchOptions
        do {
            options = try BenchOptions(arguments)
        } catch {
            printError("fleetbench: \(error)")
            return 2
        }
        if options.selection == nil || options.selection == "help" {
            print(help)
            return 0
        }
        do {
            if let capture = options.capture {
                for line in try ETACapture(path: capture, fleet: options.fleet).lines() { print(line) }
                return 0
            }
            for benchCase in try options.cases() {
                for row in try benchCase.run(options.size) { print(row.line) }
            }
            return 0
        } catch {
            printError("fleetbench: \(error)")
            return 1
        }
    }

    static var help: String {
        var text = """
            fleetbench measures what Fleetstream is made of, and the whole of it. Every figure is a row: name, median,
            unit, least and greatest. Times of fences, vehicles and engine are those that the one thread has had a processor;
            times of broker and window are those of the clock on the wall. Both need mosquitto, and fleetstream beside this program.

              fleetbench GROUP|GROUP/CASE [--scale 0.1] [--repetitions 7] [--seed 1]
              fleetbench fences --polygons FILE.geojson --points FILE.bin [--repetitions 7]
              fleetbench eta --capture FILE.ndjson [--fleet ID]

            With a capture (as fleetstream replay reads it) eta runs the engine over it and scores each forecast of each stop
            against the arrival that came later, by the time that was really left, beside two simple predictions.

            Cases:

            """
        for benchCase in BenchCase.all {
            let padding = String(repeating: " ", count: max(1, 24 - benchCase.name.utf8.count))
            text += "  \(benchCase.name)\(padding)\(benchCase.help)\n"
        }
        return text
    }
}

/// What the command line asks for.
struct BenchOptions {
    var selection: String?
    var size = BenchSize()
    var polygons: String?
    var points: String?
    var capture: String?
    var fleet: String?

    init(_ arguments: [String]) throws(BenchError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-") else {
                guard selection == nil else { throw BenchError("\"\(argument)\" is one case too many") }
                selection = argument
                continue
            }
            if argument == "--help" || argument == "-h" {
                selection = "help"
                continue
            }
            guard let value = rest.popFirst() else { throw BenchError("\(argument) needs a value") }
            try set(argument, value)
        }
        guard (polygons == nil) == (points == nil) else { throw BenchError("--polygons and --points go together") }
        if polygons != nil, selection != "fences" { throw BenchError("--polygons and --points are for \"fences\"") }
        if capture != nil, selection != "eta" { throw BenchError("--capture is for \"eta\"") }
        if fleet != nil, capture == nil { throw BenchError("--fleet goes with --capture") }
    }

    private mutating func set(_ option: String, _ value: String) throws(BenchError) {
        switch option {
        case "--polygons": polygons = value
        case "--points": points = value
        case "--capture": capture = value
        case "--fleet": fleet = value
        case "--scale":
            guard let scale = Double(value), scale > 0, scale <= 100 else {
                throw BenchError("--scale needs a number above 0")
            }
            size.scale = scale
        case "--repetitions":
            guard let repetitions = Int(value), repetitions > 0 else {
                throw BenchError("--repetitions needs a whole number above 0")
            }
            size.repetitions = repetitions
        case "--seed":
            guard let seed = UInt64(value) else { throw BenchError("--seed needs a whole number") }
            size.seed = seed
        default: throw BenchError("\(option) is not known; see fleetbench help")
        }
    }

    func cases() throws(BenchError) -> [BenchCase] {
        if let polygons, let points { return [FenceCases.files(polygons: polygons, points: points)] }
        let found = BenchCase.all.filter { $0.name == selection || $0.group == selection || selection == "all" }
        guard !found.isEmpty else { throw BenchError("there is no case \"\(selection ?? "")\"; see fleetbench help") }
        return found
    }
}
