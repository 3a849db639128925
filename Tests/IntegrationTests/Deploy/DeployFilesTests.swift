import BrokerHarness
import FleetService
import Foundation
import Testing

/// `Config/deploy`: the unit for systemd and the Dockerfile, as far as they can be tried without running them.
@Suite struct `Files of deployment` {
    private static let folder = Programs.checkout.appendingPathComponent("Config/deploy")

    private static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }

    // MARK: - systemd

    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/systemd-analyze")))
    func `systemd understands the unit, and finds it hardened`() throws {
        let folder = try Folder()
        let unit = try Self.text("fleetstream.service")
        #expect(unit.contains("\nExecStart=/usr/local/bin/fleetstream run "))
        // The program has to be where the unit says.
        let here = unit.replacingOccurrences(of: "/usr/local/bin/fleetstream", with: Programs.fleetstream)
        let file = try folder.write(here, to: "fleetstream.service")
        let verdict = try run("systemd-analyze", ["verify", file])
        #expect(verdict.status == 0 && verdict.errors.isEmpty && verdict.output.isEmpty, "\(verdict)")
        // In tenths: 1.5 of 10, where 10 is exposed to everything.
        let security = try run("systemd-analyze", ["security", "--offline=true", "--threshold=15", "--no-pager", file])
        #expect(security.status == 0, "\(security.output.suffix(4000))")
        // A misspelt directive is noticed.
        try folder.write(here.replacingOccurrences(of: "WatchdogSec", with: "WatchdogSecs"), to: "fleetstream.service")
        #expect(try run("systemd-analyze", ["verify", file]).errors.contains("WatchdogSecs"))
    }

    @Test func `the unit calls the program as it is`() throws {
        let unit = try Self.text("fleetstream.service")
        let lines = unit.split(separator: "\n").map(String.init)
        let start = try #require(lines.first { $0.hasPrefix("ExecStart=") })
        let words = start.dropFirst("ExecStart=".count).split(separator: " ").map(String.init)
        guard case .run(let options) = try Command.parse(Array(words.dropFirst())) else {
            Issue.record("\(start) does not run the service")
            return
        }
        #expect(options.common.configurationFile == "/etc/fleetstream/Config/fleetstream.json5")
        let state = try #require(lines.first { $0.hasPrefix("StateDirectory=") }).dropFirst("StateDirectory=".count)
        #expect(options.common.overrides.map(\.value) == ["/var/lib/\(state)/fleetstream.sqlite"])
        #expect(lines.contains("Type=notify") && lines.contains { $0.hasPrefix("WatchdogSec=") })
    }

    // MARK: - The image

    /// The Dockerfile's instructions: continued lines joined, comments left out.
    private static func instructions() throws -> [[String]] {
        let lines = try text("Dockerfile").split(separator: "\n").filter { !$0.hasPrefix("#") }
        let joined = lines.joined(separator: "\n").replacingOccurrences(of: "\\\n", with: " ")
        return joined.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    /// The packages that each stage installs.
    private static func packages() throws -> [[String]] {
        var stages: [[String]] = []
        for words in try instructions() {
            if words[0] == "FROM" { stages.append([]) }
            guard words[0] == "RUN", let install = words.firstIndex(of: "install"), words[install - 1] == "apt-get"
            else {
                continue
            }
            stages[stages.count - 1] += words[(install + 1)...].prefix { $0 != "&&" }.filter { !$0.hasPrefix("-") }
        }
        return stages
    }

    /// Sources and target of each COPY out of the checkout.
    private static func copies() throws -> [(sources: [String], target: String)] {
        try instructions().filter { $0[0] == "COPY" && !$0[1].hasPrefix("--from") }
            .map { (Array($0[1..<($0.count - 1)]), $0[$0.count - 1]) }
    }

    @Test func `what the image copies is there, and goes into the build's context`() throws {
        let copies = try Self.copies()
        #expect(copies.count >= 6)
        let kept = try Self.text("Dockerfile.dockerignore").split(separator: "\n").filter { $0.hasPrefix("!") }
            .map { String($0.dropFirst()) }
        for source in copies.flatMap(\.sources) {
            let path = Programs.checkout.appendingPathComponent(source).path
            #expect(FileManager.default.fileExists(atPath: path), "\(source) is not there")
            #expect(kept.contains(source), "\(source) is left out of the context")
        }
        #expect(Set(kept) == Set(copies.flatMap(\.sources)))
    }

    @Test func `the stages have the compiler and the packages that the build asks for`() throws {
        let script = try String(
            contentsOf: Programs.checkout.appendingPathComponent("Config/install-prerequisites.sh"), encoding: .utf8)
        let needed = try #require(script.firstMatch(of: #/\nswift_needed=([0-9.]+)\n/#)).1
        let wanted = try #require(script.firstMatch(of: #/\npackages="([^"]+)"/#)).1.split(separator: " ")
        let from = try Self.instructions().filter { $0[0] == "FROM" }
        #expect(from.map { $0[1] } == ["swift:\(needed)-bookworm", "debian:bookworm-slim"])
        let stages = try Self.packages()
        #expect(Set(wanted.filter { $0.hasSuffix("-dev") }.map(String.init)).isSubset(of: stages[0]))
    }

    @Test func `the final stage has every library that the program is linked with`() throws {
        let stages = try Self.packages()
        let linked = try run("ldd", [Programs.fleetstream])
        #expect(linked.status == 0, "\(linked)")
        // The base has them; Swift's own are in the program.
        let base = ["libc6", "libgcc-s1", "libstdc++6", "zlib1g"]
        let direct = try run(
            "sh",
            ["-c", "readelf -d \"$1\" | sed -n 's/.*(NEEDED).*\\[\\(.*\\)\\].*/\\1/p'", "sh", Programs.fleetstream])
        let names = direct.output.split(separator: "\n").map(String.init)
        #expect(names.contains { $0.hasPrefix("libmosquitto.so") } && names.contains { $0.hasPrefix("libsqlite3.so") })
        // Of Swift's own libraries one is linked with something that is not Swift's.
        let usesURLSession = names.contains("libFoundationNetworking.so")
        #expect(stages[1].contains("libcurl4") == usesURLSession)
        #expect(stages[0].contains("libcurl4-openssl-dev") == usesURLSession)
        for name in names where !name.lowercased().contains("swift") && !name.lowercased().contains("foundation") {
            if name.hasPrefix("libdispatch") || name.hasPrefix("libBlocksRuntime") || name.hasPrefix("ld-linux") {
                continue
            }
            let owner = try run("sh", ["-c", "dpkg -S \"*/$1\" | cut -d: -f1 | sort -u", "sh", name])
            let packages = owner.output.split(separator: "\n").map(String.init)
            #expect(packages.contains { base.contains($0) || stages[1].contains($0) }, "\(name) of \(packages)")
        }
    }

    private static let hasPackageLists =
        (try? FileManager.default.contentsOfDirectory(atPath: "/var/lib/apt/lists"))?.contains {
            $0.contains("bookworm") && $0.hasSuffix("_Packages")
        } ?? false

    @Test(.enabled(if: hasPackageLists)) func `Debian has the packages`() throws {
        for package in Set(try Self.packages().joined()) {
            let found = try run("apt-cache", ["show", "--no-all-versions", package])
            #expect(found.status == 0, "\(package): \(found.errors)")
        }
    }

    @Test func `the configuration of the image is whole, and its commands are commands`() throws {
        let image = try Folder()
        for (sources, target) in try Self.copies() where target.hasPrefix("/") {
            for source in sources {
                let name = target.hasSuffix("/") ? target + (source as NSString).lastPathComponent : target
                let place = image.file(String(name.dropFirst()))
                try FileManager.default.createDirectory(
                    atPath: (place as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                try FileManager.default.copyItem(
                    atPath: Programs.checkout.appendingPathComponent(source).resolvingSymlinksInPath().path,
                    toPath: place)
            }
        }
        var environment: [String: String] = [:]
        for words in try Self.instructions() where words[0] == "ENV" {
            for word in words.dropFirst() {
                let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                environment[parts[0]] = image.path + parts[1]
            }
        }
        #expect(Set(environment.keys) == ["FLEETSTREAM_CONFIG", "FLEETSTREAM_STORE_PATH"])
        let check = try run(Programs.fleetstream, ["check"], environment: environment)
        #expect(check.status == 0 && check.output.contains(", 0 errors, "), "\(check)")
        let lists = try Self.text("Dockerfile").matches(of: #/\n(?:ENTRYPOINT|CMD|.* CMD) (\[.*\])/#).map {
            try JSONDecoder().decode([String].self, from: Data($0.1.utf8))
        }
        #expect(lists == [["fleetstream", "status"], ["fleetstream"], ["run"]])
        #expect(try Command.parse(["run"]) == .run(RunOptions()))
        #expect(try Command.parse(["status"]) == .status(StatusOptions()))
    }
}
