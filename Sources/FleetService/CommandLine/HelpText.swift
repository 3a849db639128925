/// What `fleetstream help` prints, made from the commands' syntax. No line is longer than 80 columns, examples excepted.
enum HelpText {
    private static let width = 80

    static var overview: String {
        var lines = [
            "Fleetstream stands between a fleet and its dispatchers: vehicle telemetry in,",
            "geofence and vehicle events out, over MQTT; nothing acknowledged is lost.", "",
            "Usage: fleetstream COMMAND [FLAGS]",
            "", "Commands:",
        ]
        for command in CommandSyntax.all { lines.append("  \(padded(command.name, to: 10))\(command.summary)") }
        lines.append("  \(padded("help", to: 10))Shows this, or with a command's name its flags and examples.")
        lines += ["", "  --version, --help", "", "Exit codes:"]
        lines += exitCodes(general + [(.unavailable, "the broker, or the process asked, cannot be reached")])
        lines += ["", "Settings are explained in Config/fleetstream.json5."]
        return lines.joined(separator: "\n")
    }

    static func text(for command: CommandSyntax) -> String {
        let positional = command.positional.map { " [\($0)|-]" } ?? ""
        var lines = ["Usage: fleetstream \(command.name) [FLAGS]\(positional)", ""]
        lines += wrapped(command.description, indent: 0)
        lines += ["", "Flags:"]
        for flag in command.flags {
            lines.append("  " + flag.name + (flag.placeholder.map { " \($0)" } ?? ""))
            lines += wrapped(flag.help, indent: 6)
        }
        lines += ["", "Examples:"]
        for example in command.examples { lines += ["  # \(example.purpose)", "  \(example.line)"] }
        lines += ["", "Exit codes:"]
        let own = command.exitCodes.map(\.code)
        let all = general.filter {
            !own.contains($0.code) && !command.withoutExitCodes.contains($0.code) && $0.code != .inputOutput
        }
        lines += exitCodes(all + command.exitCodes)
        return lines.joined(separator: "\n")
    }

    private static let general: [(code: ExitCode, meaning: String)] = [
        (.success, "all went well"), (.failure, "problems were found, or it failed"),
        (.usage, "the command line is wrong"),
        (.inputOutput, "a file cannot be read or written"), (.configuration, "the configuration is wrong"),
    ]

    private static func exitCodes(_ codes: [(code: ExitCode, meaning: String)]) -> [String] {
        codes.sorted { $0.code.rawValue < $1.code.rawValue }.map {
            "  \(padded("\($0.code.rawValue)", to: 4))\($0.meaning)"
        }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// Breaks a text between words.
    private static func wrapped(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = margin
        for word in text.split(separator: " ") {
            if line.count > indent, line.count + 1 + word.count > width {
                lines.append(line)
                line = margin
            }
            line += (line.count > indent ? " " : "") + word
        }
        return lines + [line]
    }
}
