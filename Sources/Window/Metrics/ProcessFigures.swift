import Glibc

/// What the process takes of the machine, under the names that Prometheus' own libraries use.
enum ProcessFigures {
    static func append(to text: inout MetricsText) {
        let statistics = words(of: "/proc/self/statm")
        let page = Double(sysconf(Int32(_SC_PAGESIZE)))
        if statistics.count > 1, let virtual = Double(statistics[0]), let resident = Double(statistics[1]) {
            text.single(
                "process_virtual_memory_bytes", .gauge, "Virtual memory size in bytes.", virtual * page)
            text.single(
                "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.", resident * page)
        }
        var usage = rusage()
        if getrusage(RUSAGE_SELF.rawValue, &usage) == 0 {
            text.single(
                "process_cpu_seconds_total", .counter, "Total user and system CPU time spent in seconds.",
                seconds(usage.ru_utime) + seconds(usage.ru_stime))
        }
        if let open = openDescriptors() {
            text.single("process_open_fds", .gauge, "Number of open file descriptors.", Double(open))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            text.single(
                "process_max_fds", .gauge, "Maximum number of open file descriptors.", Double(limit.rlim_cur))
        }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func words(of path: String) -> [String] {
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        return bytes[..<count].split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }
    }

    private static func openDescriptors() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // `.`, `..` and the descriptor of the folder itself.
        return max(0, count - 3)
    }
}
