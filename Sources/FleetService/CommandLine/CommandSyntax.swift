/// A flag of a command.
struct FlagSyntax: Sendable {
    /// With its hyphens.
    let name: String
    /// What stands for the value in the help; nil for a flag without one.
    let placeholder: String?
    let isRepeatable: Bool
    let help: String

    init(_ name: String, _ help: String) {
        self.name = name
        self.placeholder = nil
        self.isRepeatable = false
        self.help = help
    }

    init(_ name: String, _ placeholder: String, isRepeatable: Bool = false, _ help: String) {
        self.name = name
        self.placeholder = placeholder
        self.isRepeatable = isRepeatable
        self.help = help
    }
}

/// A command: what it takes, and what its help says.
struct CommandSyntax: Sendable {
    let name: String
    /// One line for the overview.
    let summary: String
    /// What the one positional argument is called, nil where there is none.
    let positional: String?
    let description: String
    let flags: [FlagSyntax]
    /// Command line and what it does.
    let examples: [(line: String, purpose: String)]
    /// Exit codes besides success and those that every command has.
    let exitCodes: [(code: ExitCode, meaning: String)]
    /// Exit codes of every command that this one does not have.
    var withoutExitCodes: [ExitCode] = []

    static func named(_ name: String) -> CommandSyntax? { all.first { $0.name == name } }
}

/// Arguments taken apart by a command's syntax.
struct Arguments {
    /// Each flag as often as it was given, in the order given; the value of a flag without one is empty.
    private(set) var flags: [(name: String, value: String)] = []
    private(set) var positional: String?

    let command: CommandSyntax

    /// Takes `--flag value`, `--flag=value`, `--flag`, one positional argument where the command has one; after `--`
    /// everything is positional, and so is `-` alone.
    init(_ arguments: ArraySlice<String>, of command: CommandSyntax) throws(UsageError) {
        self.command = command
        var rest = arguments
        var onlyPositional = false
        while let argument = rest.popFirst() {
            if onlyPositional || !argument.hasPrefix("-") || argument == "-" {
                try takePositional(argument)
            } else if argument == "--" {
                onlyPositional = true
            } else {
                try takeFlag(argument, &rest)
            }
        }
    }

    private mutating func takePositional(_ argument: String) throws(UsageError) {
        guard command.positional != nil, positional == nil else {
            throw command.error("\"\(shortened(argument, to: 60))\" is one argument too many")
        }
        positional = argument
    }

    private mutating func takeFlag(_ argument: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let name = argument.hasPrefix("--") ? String(argument.prefix { $0 != "=" }) : argument
        let attached = name.count < argument.count ? String(argument.dropFirst(name.count + 1)) : nil
        guard let flag = command.flags.first(where: { $0.name == name }) else {
            let nearest = nearestName(to: name, among: command.flags.map(\.name))
            let hint = nearest.map { "; did you mean \($0)?" } ?? ""
            throw command.error("there is no flag \(shortened(name, to: 60))\(hint)")
        }
        guard flag.isRepeatable || !flags.contains(where: { $0.name == name }) else {
            throw command.error("\(name) is given twice")
        }
        guard let placeholder = flag.placeholder else {
            if attached != nil { throw command.error("\(name) takes no value") }
            flags.append((name, ""))
            return
        }
        if let attached {
            flags.append((name, attached))
        } else if let next = rest.first, !next.hasPrefix("--") {
            rest.removeFirst()
            flags.append((name, next))
        } else {
            throw command.error("\(name) lacks its value: \(name) \(placeholder)")
        }
    }

    // MARK: Typed access

    func has(_ name: String) -> Bool { flags.contains { $0.name == name } }

    /// The text behind a flag, nil where it was not given. An empty one is an error: it comes of an empty variable.
    func text(_ name: String) throws(UsageError) -> String? {
        guard let value = flags.first(where: { $0.name == name })?.value else { return nil }
        if value.isEmpty { throw command.error("\(name) is empty") }
        return value
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let value = Int(text), range.contains(value) else {
            let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw command.error("\(name): \"\(shortened(text, to: 60))\" is not \(wanted)")
        }
        return value
    }

    func number(_ name: String, in range: ClosedRange<Double>) throws(UsageError) -> Double? {
        guard let text = try text(name) else { return nil }
        guard let value = Double(text), range.contains(value) else {
            let wanted = "a number from \(JSON5Value.shown(range.lowerBound)) to \(JSON5Value.shown(range.upperBound))"
            throw command.error("\(name): \"\(shortened(text, to: 60))\" is not \(wanted)")
        }
        return value
    }

    /// A time as `commandTime_ms` reads it.
    func time_ms(_ name: String) throws(UsageError) -> Int64? {
        guard let text = try text(name) else { return nil }
        guard let time = commandTime_ms(text) else {
            let wanted = "a time such as 2026-11-20T08:15:30+08:00, or seconds since 1970"
            throw command.error("\(name): \"\(shortened(text, to: 60))\" is not \(wanted)")
        }
        return time
    }
}

extension CommandSyntax {
    func error(_ problem: String) -> UsageError {
        UsageError(description: "fleetstream \(name): \(problem)\n\"fleetstream help \(name)\" shows what it takes.")
    }
}
