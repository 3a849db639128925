import Glibc

/// The number of files and sockets that this process may have open.
enum DescriptorLimit {
    /// Raises it as far as the system lets us: thousands of connections need more than the usual 1,024. Child processes
    /// started later inherit it.
    static func raise() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(resource, &limit)
    }
}
