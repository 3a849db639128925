import Glibc
import Locks

/// A mosquitto of our own: a child process on a loopback port, configured from a file of the user's, with its data in a
/// temporary directory. For the demonstration and for tests.
///
/// The child has a process group of its own, so that Ctrl-C on the terminal does not take it away before us.
package final class LocalBroker: Sendable {
    package struct Settings: Sendable {
        /// A mosquitto configuration to start from. What says where and as whom the broker runs is replaced (see
        /// `LocalBroker.rewrite`).
        package var configurationFile: String?
        /// Lines put behind it.
        package var extraLines: [String]
        /// Lines put directly behind the `listener` line: `cafile`, `certfile`, …
        package var listenerLines: [String]
        /// 0 chooses a free one.
        package var port: Int
        /// Where persistence and log go. Nil makes a temporary directory, which is removed in the end.
        package var directory: String?

        package init(
            configurationFile: String? = nil, extraLines: [String] = [], listenerLines: [String] = [], port: Int = 0,
            directory: String? = nil
        ) {
            self.configurationFile = configurationFile
            self.extraLines = extraLines
            self.listenerLines = listenerLines
            self.port = port
            self.directory = directory
        }
    }

    private struct State {
        var process: ChildProcess?
        var port: Int
    }

    private let settings: Settings
    private let executable: String
    package let directory: String
    private let ownsDirectory: Bool
    private let state: Guarded<State>

    /// How often another port is tried where somebody else took the chosen one first.
    private static let portAttempts = 20
    private static let startTimeout_ms: Int64 = 10_000
    private static let stopTimeout_ms = 5_000

    /// Starts a broker and waits until it accepts connections.
    ///
    /// - Throws: `.brokerNotStarted` with what it said.
    package init(_ settings: Settings = Settings()) throws(MQTTError) {
        guard let executable = Self.findExecutable() else {
            throw MQTTError(
                .brokerNotStarted, "mosquitto was not found in PATH or /usr/sbin", advice: "apt-get install mosquitto",
                isRetriable: false)
        }
        DescriptorLimit.raise()
        self.settings = settings
        self.executable = executable
        ownsDirectory = settings.directory == nil
        if let directory = settings.directory {
            self.directory = directory
        } else {
            directory = try Self.makeTemporaryDirectory()
        }
        state = Guarded(State(process: nil, port: settings.port))
        try start()
    }

    deinit {
        kill()
        if ownsDirectory { Self.removeTree(directory) }
    }

    package var port: Int { state.withLock { $0.port } }
    package var processID: Int32? { state.withLock { $0.process?.processID } }
    package var isRunning: Bool { state.withLock { $0.process?.isRunning ?? false } }
    package var logFile: String { directory + "/mosquitto.log" }
    package var log: String { FileText.read(logFile) ?? "" }

    /// Starts it again after `stop` or `kill`, on the same port and with what it persisted.
    package func start() throws(MQTTError) {
        var lastError = MQTTError(.brokerNotStarted, "mosquitto did not start")
        for _ in 0..<Self.portAttempts {
            let isChosen = port != 0
            if !isChosen { state.withLock { $0.port = Self.freePort() } }
            do throws(MQTTError) {
                return try startOnce()
            } catch {
                lastError = error
                let isTaken = log.contains("Address already in use")
                guard !isChosen, isTaken else { throw lastError }
                state.withLock { $0.port = 0 }
            }
        }
        throw lastError
    }

    /// SIGTERM, and waits until it has saved everything and gone.
    package func stop() {
        state.withLock { state in
            state.process?.end(signal: SIGTERM, timeout_ms: Self.stopTimeout_ms)
            state.process = nil
        }
    }

    /// SIGKILL: what came since the last save is lost.
    package func kill() {
        state.withLock { state in
            state.process?.end(signal: SIGKILL, timeout_ms: Self.stopTimeout_ms)
            state.process = nil
        }
    }

    package func restart() throws(MQTTError) {
        stop()
        try start()
    }

    /// Sends a signal to the process: SIGSTOP and SIGCONT make it hang and go on, SIGUSR1 saves, SIGHUP reloads.
    package func signal(_ number: Int32) {
        state.withLock { $0.process?.send(number) }
    }

    /// Memory, `/proc/PID/status` VmRSS, in bytes; nil where it does not run.
    package var residentMemory_bytes: Int? {
        guard let processID, let text = FileText.read("/proc/\(processID)/status") else { return nil }
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return nil }
        return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 * 1_024 }
    }

    private func startOnce() throws(MQTTError) {
        let base: String
        if let file = settings.configurationFile {
            guard let text = FileText.read(file) else {
                throw MQTTError(.brokerNotStarted, "\(file) cannot be read", isRetriable: false)
            }
            base = text
        } else {
            base = Self.defaultConfiguration
        }
        let port = self.port
        let text = Self.rewrite(
            base, port: port, directory: directory, isRoot: geteuid() == 0, listenerLines: settings.listenerLines,
            extraLines: settings.extraLines)
        let file = directory + "/mosquitto.conf"
        guard FileText.write(text, to: file), FileText.write("", to: logFile) else {
            throw MQTTError(.brokerNotStarted, "\(directory) cannot be written", isRetriable: false)
        }
        let process: ChildProcess
        do throws(MQTTError) {
            process = try ChildProcess(executable, ["-c", file], outputFile: directory + "/mosquitto.out")
        } catch {
            throw MQTTError(.brokerNotStarted, error.message, isRetriable: false)
        }
        let deadline = monotonicTime_ms() + Self.startTimeout_ms
        while process.isRunning && monotonicTime_ms() < deadline {
            // Its own word counts: on the port alone somebody else could be listening.
            if log.contains(" running") && Self.accepts(port) && process.isRunning {
                state.withLock { $0.process = process }
                return
            }
            usleep(5_000)
        }
        process.end(signal: SIGKILL, timeout_ms: Self.stopTimeout_ms)
        let said = log + (FileText.read(directory + "/mosquitto.out") ?? "")
        let lines = said.split(separator: "\n").suffix(3).joined(separator: "; ")
        throw MQTTError(.brokerNotStarted, "mosquitto did not start: \(lines.isEmpty ? "it said nothing" : lines)")
    }
}

// MARK: Configuration

extension LocalBroker {
    /// Settings under which a broker loses nothing, and that save on every change worth it.
    private static let defaultConfiguration = """
        allow_anonymous true
        max_queued_messages 10000000
        max_inflight_messages 65535
        set_tcp_nodelay true
        persistence true
        autosave_interval 5
        """

    /// What a file of the user's may say about where and as whom the broker runs; a copy of it runs elsewhere.
    private static let replacedKeys: Set<String> = [
        "listener", "port", "bind_address", "bind_interface", "socket_domain", "user", "pid_file", "log_dest",
        "persistence_location", "persistence_file", "daemon",
    ]
    /// What belongs to a listener; with the listeners it goes.
    private static let listenerKeys: Set<String> = [
        "cafile", "capath", "certfile", "keyfile", "require_certificate", "use_identity_as_username",
        "use_subject_as_username", "tls_version", "ciphers", "ciphers_tls1.3", "crlfile", "dhparamfile", "protocol",
        "http_dir", "mount_point", "max_connections", "websockets_log_level", "websockets_headers_size",
    ]

    /// A copy of a mosquitto configuration for one plain listener on 127.0.0.1:`port` with everything it writes in
    /// `directory`. Of the original's lines those about listeners, TLS, user, log and files are left out; comments and
    /// the rest stay. `max_connections` is kept where it stands before the first listener.
    package static func rewrite(
        _ text: String, port: Int, directory: String, isRoot: Bool, listenerLines: [String] = [],
        extraLines: [String] = []
    ) -> String {
        var lines: [String] = []
        var isInListener = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            let key = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first.map(String.init) ?? ""
            if key == "listener" { isInListener = true }
            if replacedKeys.contains(key) { continue }
            if listenerKeys.contains(key) && (isInListener || key != "max_connections") { continue }
            lines.append(String(line))
        }
        lines += extraLines
        if isRoot { lines.append("user root") }
        // The word that it runs is waited for; a configuration may have silenced it.
        lines += ["error", "warning", "notice", "information"].map { "log_type \($0)" }
        lines += ["log_dest file \(directory)/mosquitto.log", "persistence_location \(directory)/"]
        lines.append("listener \(port) 127.0.0.1")
        lines += listenerLines
        return lines.joined(separator: "\n") + "\n"
    }

    private static func findExecutable() -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let folders = path.split(separator: ":").map(String.init) + ["/usr/sbin", "/usr/local/sbin"]
        return folders.map { $0 + "/mosquitto" }.first { access($0, X_OK) == 0 }
    }

    private static func makeTemporaryDirectory() throws(MQTTError) -> String {
        let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(parent)/fleetstream-broker-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        guard let made else {
            throw MQTTError(
                .brokerNotStarted, "no temporary directory in \(parent): \(String(cString: strerror(errno)))",
                isRetriable: false)
        }
        return made
    }

    /// Removes a directory that this class made, files in it included. It has no deeper levels.
    private static func removeTree(_ directory: String) {
        guard let listing = opendir(directory) else { return }
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink(directory + "/" + name) }
        }
        closedir(listing)
        rmdir(directory)
    }

    /// A TCP port of 127.0.0.1 that was free a moment ago.
    package static func freePort() -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                guard bind(descriptor, pointer, length) == 0, getsockname(descriptor, pointer, &length) == 0 else {
                    return 0
                }
                return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    Int(UInt16(bigEndian: $0.pointee.sin_port))
                }
            }
        }
    }

    /// Whether something accepts connections on 127.0.0.1:`port`.
    private static func accepts(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        return address
    }
}
