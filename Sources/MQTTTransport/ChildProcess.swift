import CPlatform
import Glibc
import Locks

/// A process of ours, by its id: the only one that is ever signalled, and always waited for.
package final class ChildProcess: Sendable {
    package let processID: Int32
    /// The exit status once it has been collected (a signal counts as 128 + its number).
    private let collected = Guarded<Int32?>(nil)

    /// Starts a program. Standard input is empty; standard output and error go to `outputFile` (truncated). Every other
    /// descriptor stays here, and no signal is blocked or ignored there, whatever is here.
    package init(_ path: String, _ arguments: [String], outputFile: String) throws(MQTTError) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        platform_spawn_close_from(&actions, 3)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETPGROUP))

        var pointers: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        pointers.append(nil)
        defer { for pointer in pointers { free(pointer) } }
        var started: pid_t = 0
        let result = posix_spawn(&started, path, &actions, &attributes, pointers, environ)
        guard result == 0 else {
            throw MQTTError(
                .brokerNotStarted, "\(path) could not be started: \(String(cString: strerror(result)))",
                isRetriable: false)
        }
        processID = started
    }

    package var isRunning: Bool { exitStatus == nil }

    /// Nil while it runs.
    package var exitStatus: Int32? {
        collected.withLock { collected in
            if let collected { return collected }
            var status: Int32 = 0
            let result = waitpid(processID, &status, WNOHANG)
            guard result != 0 else { return nil }
            collected = result < 0 ? 0 : status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            return collected
        }
    }

    /// Sends a signal while it runs; the id cannot have been given to another process before the status is collected.
    package func send(_ signal: Int32) {
        collected.withLock { if $0 == nil { _ = Glibc.kill(processID, signal) } }
    }

    /// Waits for its end. Nil where the time ran out.
    @discardableResult
    package func wait(timeout_ms: Int) -> Int32? {
        let deadline = monotonicTime_ms() + Int64(timeout_ms)
        while true {
            if let exitStatus { return exitStatus }
            if monotonicTime_ms() >= deadline { return nil }
            usleep(2_000)
        }
    }

    /// Sends a signal and waits; where that does not end it in time, SIGKILL does.
    @discardableResult
    package func end(signal: Int32, timeout_ms: Int) -> Int32? {
        send(signal)
        if let status = wait(timeout_ms: timeout_ms) { return status }
        send(SIGKILL)
        return wait(timeout_ms: timeout_ms)
    }
}

/// Small text files.
enum FileText {
    static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    static func write(_ text: String, to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        let bytes = Array(text.utf8)
        let written = fwrite(bytes, 1, bytes.count, file)
        return fclose(file) == 0 && written == bytes.count
    }
}
