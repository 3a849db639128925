import Foundation

/// `Tests/SchemaTests/check_schemas.py`: messages against the published schemas, by Python's jsonschema. Missing where
/// Python or its packages neither are installed nor can be.
package enum SchemaCheck {
    /// Whether it can be used; tries once to install what is missing, and says so where it cannot.
    package static let isAvailable: Bool = {
        if let answer = run(["schemas"]), answer.status != missing { return true }
        print("jsonschema or yaml is missing: trying `python3 -m pip install jsonschema pyyaml`")
        for flags in [[], ["--break-system-packages"]] {
            _ = python(["-m", "pip", "install", "--quiet", "jsonschema", "pyyaml"] + flags)
            if let answer = run(["schemas"]), answer.status != missing { return true }
        }
        print("SCHEMAS NOT CHECKED: python3 with jsonschema and yaml could neither be found nor be installed")
        return false
    }()

    /// The script's status where its packages are missing.
    private static let missing: Int32 = 77

    /// What the script said; `status` is 0 where nothing is wrong.
    package struct Answer: Sendable {
        package var status: Int32
        package var text: String
    }

    /// Runs the script; nil where python3 cannot be run.
    package static func run(_ arguments: [String]) -> Answer? {
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "SchemaTests/check_schemas.py")
        return python([script.path()] + arguments)
    }

    /// Validates what was published: lines `topic payload`, as `mosquitto_sub -v` writes them. Payloads must not hold
    /// line breaks, as none of Fleetstream's do. The answer counts messages by schema and event type.
    package static func messages(_ lines: [String]) throws -> Answer? {
        let file = FileManager.default.temporaryDirectory.appending(path: "messages-\(UUID().uuidString).ndjson")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        return run(["messages", file.path()])
    }

    private static func python(_ arguments: [String]) -> Answer? {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3"] + arguments
        let output = FileManager.default.temporaryDirectory.appending(path: "schemas-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: output) }
        guard FileManager.default.createFile(atPath: output.path(), contents: nil),
            let writing = try? FileHandle(forWritingTo: output)
        else { return nil }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = writing
        process.standardError = writing
        guard (try? process.run()) != nil else { return nil }
        process.waitUntilExit()
        let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
        // What is not there cannot be run: `env` says 127.
        return process.terminationStatus == 127 ? nil : Answer(status: process.terminationStatus, text: text)
    }
}
